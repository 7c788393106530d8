//! The short form for CI: fails if a cost grows too fast with the size of the knowledge.
//!
//! Only ratios of costs in one run are compared, since times depend on the machine. The cost of a
//! step is the least time of several runs, which a busy machine changes little, and the limits are
//! generous: they tell linear growth from none, and quadratic growth from linear.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use madoguchi::answer::{Assistant, Conversation, Question, self_retrieval};
use madoguchi::knowledge::{self, KnowledgeBase, Language};

use super::{answers, made_up};

/// Numbers of phrases whose costs are compared: both need retrieval.
const FEW: usize = 4_000;
const MANY: usize = 40_000;

/// Number of phrases that are few enough to be scored in one pass without retrieval.
const SMALL: usize = 1_000;

/// Number of questions, and how often each is asked.
const QUESTIONS: usize = 200;
const ROUNDS: usize = 7;

/// Maximum cost of an answer from [`MANY`] phrases, as a multiple of that from [`FEW`]. Scoring every
/// phrase for every question would cost up to ten times as much.
const MAX_ANSWER_RATIO: f64 = 5.0;

/// The same for building and checking: ten is linear, a hundred quadratic.
const MAX_BUILD_RATIO: f64 = 30.0;

/// Maximum cost of an answer from [`SMALL`] knowledge, as a multiple of the analysis of its question.
const MAX_ANSWER_TO_ANALYSIS: f64 = 30.0;

/// Compares the costs and writes them; false if one is over its limit.
pub(crate) fn check(seed: u64, out: &mut impl io::Write) -> io::Result<bool> {
    let folder = tempfile::tempdir()?;
    let small = Measured::new(&folder.path().join("small"), SMALL, seed)?;
    let few = Measured::new(&folder.path().join("few"), FEW, seed)?;
    let many = Measured::new(&folder.path().join("many"), MANY, seed)?;
    let rows = [
        (
            format!("answer() with {MANY} phrases / with {FEW}"),
            ratio(many.answer, few.answer),
            MAX_ANSWER_RATIO,
        ),
        (
            format!("build and check of {MANY} phrases / of {FEW}"),
            ratio(many.build, few.build),
            MAX_BUILD_RATIO,
        ),
        (
            format!("answer() / analyze() with {SMALL} phrases"),
            ratio(small.answer, small.analysis),
            MAX_ANSWER_TO_ANALYSIS,
        ),
    ];
    for (name, ratio, limit) in &rows {
        writeln!(out, "{name}: {ratio:.1}, limit {limit}")?;
    }
    Ok(rows.iter().all(|(_, ratio, limit)| ratio <= limit))
}

/// The costs of one knowledge.
struct Measured {
    build: Duration,
    answer: Duration,
    analysis: Duration,
}

impl Measured {
    fn new(folder: &Path, phrases: usize, seed: u64) -> io::Result<Self> {
        made_up::write(folder, phrases, seed)?;
        let questions = answers::questions(&folder.join("questions.tsv"));
        let loaded = knowledge::load(folder, jiff::civil::date(2026, 11, 24));
        let knowledge = Arc::new(loaded.knowledge);
        let (assistant, build) = build(&knowledge);
        let (_, again) = self::build(&knowledge);
        let questions = questions.iter().take(QUESTIONS).map(|(text, _)| text);
        let (mut answer, mut analysis) = (Duration::ZERO, Duration::ZERO);
        for text in questions {
            answer += least(|| ask(&assistant, text));
            analysis += least(|| drop(assistant.searcher().analyze(text)));
        }
        Ok(Self {
            build: build.min(again),
            answer,
            analysis,
        })
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_795_500_000).unwrap_or_default()
}

/// Builds an index in memory and checks it.
fn build(knowledge: &Arc<KnowledgeBase>) -> (Assistant, Duration) {
    let start = Instant::now();
    let opened = Assistant::open(Arc::clone(knowledge), None, None);
    let (assistant, _) = opened.expect("an index in memory");
    assert!(self_retrieval(&assistant, now()).is_empty());
    (assistant, start.elapsed())
}

fn ask(assistant: &Assistant, text: &str) {
    let question = Question {
        text,
        desk: None,
        language: Language::Japanese,
    };
    drop(assistant.answer_now(&question, Conversation::new(now()), now()));
}

/// Returns the least time of several runs.
fn least(run: impl Fn()) -> Duration {
    let runs = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    runs.min().unwrap_or_default()
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64().max(f64::MIN_POSITIVE)
}
