//! `explain`: a question -> every step to its answer, for whoever wonders why.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;

use super::api::Api;
use super::evaluate::block_on;
use crate::answer::{Conversation, Decision, Explanation, Question, SubjectExplanation};
use crate::app;
use crate::knowledge::{Evidence, KnowledgeBase, Language};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What to ask
    #[arg(required = true)]
    question: Vec<String>,

    /// The desk that the question is for, such as selas
    #[arg(long, value_name = "ID")]
    desk: Option<String>,

    /// Print what GET /api/v1/explain would return
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let assistant = app::load(settings)?;
    let desk = super::find_desk(assistant.knowledge(), arguments.desk.as_deref())?;
    let text = arguments.question.join(" ");
    if arguments.json {
        let mut query = vec![("q", text.as_str()), ("language", language.tag())];
        query.extend(desk.as_ref().map(|desk| ("desk", desk.as_str())));
        let said = Api::start(assistant)?.get("/api/v1/explain", &query)?;
        let mut out = stdout().lock();
        writeln!(out, "{}", said.body)?;
        out.flush()?;
        return Ok(if said.is_success {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let question = Question {
        text: &text,
        desk: desk.as_ref(),
        language,
    };
    let now = Timestamp::now();
    let answer = block_on(assistant.answer(&question, Conversation::new(now), now))?;
    let explanation = assistant.explain(answer);
    let explanation = explanation.context("the question was not ranked")?;
    let mut out = stdout().lock();
    write_steps(&explanation, assistant.knowledge(), &mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the steps in the order in which they are taken.
fn write_steps(
    explanation: &Explanation,
    knowledge: &KnowledgeBase,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let analysis = &explanation.analysis;
    writeln!(out, "1. Analysis")?;
    writeln!(out, "   normalised  {}", analysis.normalized)?;
    writeln!(out, "   reading     {}", analysis.reading)?;
    writeln!(out, "   tokens      (* carries meaning)")?;
    for token in &analysis.tokens {
        let mark = if token.is_content { '*' } else { ' ' };
        let base = if token.base == token.surface {
            String::new()
        } else {
            format!(" → {}", token.base)
        };
        let (surface, reading) = (&token.surface, &token.reading);
        let part_of_speech = &token.part_of_speech;
        writeln!(
            out,
            "     {mark} {surface}{base}  [{reading}]  {part_of_speech}"
        )?;
    }
    let words = analysis.words.iter();
    let words = words.map(|word| format!("{} {:.2}", word.text, word.weight));
    let words = words.collect::<Vec<_>>().join(", ");
    writeln!(out, "   words       {words}")?;
    if analysis.is_kana {
        writeln!(
            out,
            "   all kana: grams of the reading count for more than words"
        )?;
    }

    writeln!(
        out,
        "\n2. Subjects, the likeliest first (parts: words/grams), by {}",
        by(explanation.evidence)
    )?;
    for subject in &explanation.subjects {
        write_subject(subject, explanation.evidence, out)?;
    }
    writeln!(
        out,
        "   {:>6.1} %  nothing here",
        percent(explanation.nothing)
    )?;

    let judgement = &explanation.judgement;
    writeln!(out, "\n3. Decision")?;
    for (name, chance) in [
        ("entries", judgement.entries),
        ("referrals", judgement.referrals),
        ("a person", judgement.hand_offs),
        ("small talk", judgement.small_talk),
        ("elsewhere", judgement.elsewhere),
    ] {
        writeln!(out, "   {:>6.1} %  {name}", percent(chance))?;
    }
    writeln!(
        out,
        "   answered from {:.1} % for one entry, suggested from {:.1} % for all entries",
        percent(explanation.answered_from),
        percent(explanation.suggested_from)
    )?;
    let decision = decision(&judgement.decision, knowledge);
    let confidence = percent(judgement.confidence);
    writeln!(out, "   decision: {decision}, confidence {confidence:.1} %")?;

    let answer = &explanation.answer;
    writeln!(out, "\n4. Answer")?;
    writeln!(out, "   outcome     {}", answer.outcome.name())?;
    writeln!(out, "   message     {}", answer.message)?;
    if let Some(escalation) = &answer.escalation {
        let desk = escalation
            .desk
            .as_ref()
            .map_or("unclear, all are offered", |desk| desk.as_str());
        writeln!(
            out,
            "   desk        {desk}, because: {}",
            escalation.reason.name()
        )?;
        for point in &escalation.contact_points {
            let status = point
                .hours
                .as_ref()
                .map_or("", |hours| hours.status.as_str());
            writeln!(out, "     {}  {} {status}", point.id, point.value)?;
        }
    }
    Ok(())
}

fn by(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Words => "words",
        Evidence::BuiltIn => "words and the built-in model",
        Evidence::Server => "words and the embeddings server",
    }
}

fn write_subject(
    subject: &SubjectExplanation,
    evidence: Evidence,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let SubjectExplanation {
        kind, id, scores, ..
    } = subject;
    writeln!(
        out,
        "   {:>6.1} %  {kind} {id}",
        percent(subject.probability)
    )?;
    writeln!(
        out,
        "             phrase {:.2}/{:.2}  profile {:.2}/{:.2}  text {:.2}/{:.2}",
        scores.phrase_words,
        scores.phrase_grams,
        scores.profile_words,
        scores.profile_grams,
        scores.text_words,
        scores.text_grams
    )?;
    if evidence != Evidence::Words {
        let nearest = subject.nearest.as_deref().unwrap_or_default();
        writeln!(
            out,
            "             meaning: phrase {:.2}  text {:.2}, nearest 「{nearest}」",
            scores.meaning_phrase, scores.meaning_text
        )?;
    }
    if let Some(phrase) = &subject.phrase {
        let how = if subject.is_exact {
            "the same as"
        } else {
            "nearest to"
        };
        let matched = subject.matched.join(", ");
        writeln!(
            out,
            "             {how} 「{phrase}」, shared words: {matched}"
        )?;
    }
    Ok(())
}

fn decision(decision: &Decision, knowledge: &KnowledgeBase) -> String {
    let entry = |index: &usize| {
        knowledge
            .entries
            .get(*index)
            .map_or("", |entry| entry.id.as_str())
    };
    match decision {
        Decision::Answer(index) => format!("answer with {}", entry(index)),
        Decision::Suggest(entries) => {
            let entries: Vec<&str> = entries.iter().map(entry).collect();
            format!("suggest {}", entries.join(", "))
        }
        Decision::SmallTalk(index) => {
            let talk = knowledge.small_talk.get(*index);
            format!("small talk {}", talk.map_or("", |talk| talk.id.as_str()))
        }
        Decision::HandOff(reason) => format!("lead to a person ({reason:?})"),
        Decision::Refer(index) => {
            let referral = knowledge.referrals.get(*index);
            let id = referral.map_or("", |referral| referral.id.as_str());
            format!("lead to the desk that referral {id} names")
        }
        Decision::OutOfScope => "nobody's business here".to_owned(),
        Decision::NotFound | Decision::Unreadable => "no answer here, lead to a desk".to_owned(),
    }
}

fn percent(chance: f32) -> f32 {
    chance * 100.0
}
