//! The limit of the scan over all vectors: what is lost where only the vectors of the subjects that match
//! by words are compared.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use madoguchi::answer::{Assistant, Conversation, Question};
use madoguchi::embedding::{Embedding, Encoder, Missing};
use madoguchi::knowledge::{self, Language};
use madoguchi::search::Subject;
use madoguchi_encoder::Model;

use crate::answers::Times;
use crate::{Case, time};

/// What one way of searching finds.
struct Found {
    times: Times,
    /// The first subject of each question.
    first: Vec<Option<Subject>>,
    /// Share of the questions whose entry is the first one.
    hit_at_1: f64,
}

/// Answers the questions of one knowledge folder with the built-in model, as the service does and with
/// all vectors and subjects compared, and writes a line of the table.
pub(crate) fn row(case: &Case, out: &mut impl Write) -> io::Result<()> {
    let folder = env::var("MADOGUCHI_MODELS").unwrap_or_else(|_| "models".to_owned());
    let model = Model::open(Path::new(&folder)).map_err(io::Error::other)?;
    let model = model.ok_or_else(|| {
        io::Error::other(format!(
            "no model in `{folder}`: see `madoguchi model install --help`"
        ))
    })?;
    let loaded = knowledge::load(&case.knowledge(), jiff::civil::date(2026, 11, 24));
    let knowledge = Arc::new(loaded.knowledge);
    let embedding = Embedding {
        encoder: Arc::new(Encoder::BuiltIn(Box::new(model))),
        missing: Missing::Embed,
    };
    let opened = Assistant::open(Arc::clone(&knowledge), None, Some(embedding));
    let (mut assistant, _) = opened.map_err(io::Error::other)?;
    let questions = crate::answers::questions(&case.questions);
    let served = find(&assistant, &questions);
    assistant.search_exhaustively();
    let exact = find(&assistant, &questions);
    let same = served.first.iter().zip(&exact.first);
    let same = same.filter(|(served, exact)| served == exact).count();
    writeln!(
        out,
        "| {} | {} | {:.3} | {} | {:.3} | {:.3} |",
        case.name,
        time(served.times.percentile(0.5)),
        served.hit_at_1,
        time(exact.times.percentile(0.5)),
        exact.hit_at_1,
        same as f64 / questions.len().max(1) as f64,
    )?;
    out.flush()
}

fn find(assistant: &Assistant, questions: &[(String, String)]) -> Found {
    let now = Timestamp::from_second(1_795_500_000).expect("a time");
    let entries = &assistant.knowledge().entries;
    let mut first = Vec::new();
    let (times, hit_at_1) = crate::answers::measure(questions, |text| {
        let question = Question {
            text,
            desk: None,
            language: Language::Japanese,
        };
        let answer = assistant.answer_now(&question, Conversation::new(now), now);
        let ranking = answer.trace.map(|trace| trace.ranking);
        // The first round asks each question once.
        if first.len() < questions.len() {
            let best = ranking.as_ref().and_then(|found| found.subjects.first());
            first.push(best.map(|ranked| ranked.candidate.subject));
        }
        let (entry, _) = ranking?.entries().next()?;
        Some(entries[entry].id.to_string())
    });
    Found {
        times,
        first,
        hit_at_1,
    }
}
