//! The time of answers in this process, and how many are right.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use madoguchi::answer::{Assistant, Conversation, Question};
use madoguchi::knowledge::{self, Language};

/// Number of times that each question is asked; the first is not measured.
const ROUNDS: usize = 4;

/// The time of a search or an answer over many questions.
#[derive(Debug, Default, Clone)]
pub(crate) struct Times {
    sorted: Vec<Duration>,
}

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self { sorted: times }
    }

    /// Returns the time that a share of the questions does not exceed.
    pub(crate) fn percentile(&self, share: f64) -> Duration {
        let last = self.sorted.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.sorted.get(index).copied().unwrap_or_default()
    }
}

/// Figures of a search engine on one knowledge.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    /// Time to build the index from texts in memory.
    pub(crate) build: Duration,
    /// Time of a search.
    pub(crate) times: Times,
    /// Share of the questions whose entry is the first hit.
    pub(crate) hit_at_1: f64,
}

/// Reads `questions.tsv` of a folder: questions with the entries that they ask for.
pub(crate) fn questions(file: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).expect("a set of questions");
    let rows = text.lines().map(|line| line.split('\t'));
    let rows = rows.filter_map(|mut row| Some((row.next()?.to_owned(), row.next()?.to_owned())));
    rows.collect()
}

/// Measures a search over questions; `search` returns the id of the first hit.
pub(crate) fn measure(
    questions: &[(String, String)],
    mut search: impl FnMut(&str) -> Option<String>,
) -> (Times, f64) {
    let (mut times, mut right) = (Vec::new(), 0_usize);
    for round in 0..ROUNDS {
        for (text, entry) in questions {
            let start = Instant::now();
            let found = search(text);
            if round > 0 {
                times.push(start.elapsed());
            }
            // A question of the project's sets may have several right entries.
            let is_right = found.is_some_and(|id| entry.split('|').any(|entry| entry == id));
            right += usize::from(is_right && round == 0);
        }
    }
    let share = right as f64 / questions.len().max(1) as f64;
    (Times::new(times), share)
}

/// Answers the questions with an index that exists.
pub(crate) fn answers(knowledge: &Path, index: &Path, questions: &[(String, String)]) -> Figures {
    let now = Timestamp::from_second(1_795_500_000).expect("a time");
    let loaded = knowledge::load(knowledge, jiff::civil::date(2026, 11, 24));
    let knowledge = Arc::new(loaded.knowledge);
    let opened = Assistant::open(Arc::clone(&knowledge), Some(index), None);
    let (assistant, _) = opened.expect("an index");
    let (times, hit_at_1) = measure(questions, |text| {
        let question = Question {
            text,
            desk: None,
            language: Language::Japanese,
        };
        let answer = assistant.answer_now(&question, Conversation::new(now), now);
        let (first, _) = answer.trace?.ranking.entries().next()?;
        Some(knowledge.entries[first].id.to_string())
    });
    Figures {
        build: Duration::ZERO,
        times,
        hit_at_1,
    }
}

/// Writes figures as one line, for another process.
pub(crate) fn to_line(figures: &Figures, memory: u64) -> String {
    let times = figures.times.sorted.iter();
    let times: Vec<String> = times.map(|time| time.as_nanos().to_string()).collect();
    format!("{} {memory} {}", figures.hit_at_1, times.join(" "))
}

/// Reads [`to_line`]: figures and memory.
pub(crate) fn from_line(line: &str) -> (Figures, u64) {
    let mut numbers = line.split_whitespace();
    let hit_at_1 = numbers.next().and_then(|number| number.parse().ok());
    let memory = numbers.next().and_then(|number| number.parse().ok());
    let times = numbers.filter_map(|number| number.parse().ok());
    let times = times.map(Duration::from_nanos).collect();
    let figures = Figures {
        build: Duration::ZERO,
        times: Times::new(times),
        hit_at_1: hit_at_1.unwrap_or_default(),
    };
    (figures, memory.unwrap_or_default())
}
