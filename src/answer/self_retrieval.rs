//! The self-retrieval check: an entry's own question and variants must lead to it.
//!
//! Input: an assistant. Output: problems, one per question and one per line of variants that leads
//! elsewhere. Entries are checked in parallel. A text is asked only if it could fail: most are exact
//! matches that no other entry can outrank; see `search/exact_match.rs`.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jiff::Timestamp;

use super::decision::MAX_REFERRALS_BESIDE_ANSWER;
use super::{Answer, Assistant, Conversation, Outcome, Question};
use crate::knowledge::{Entry, Evidence, Language, Localized, Location, Problem, localized};
use crate::search::{MIN_ANSWER_SHARE, RivalBounds, Subject};

/// Number of entries that a thread takes at a time: enough that taking them costs nothing.
const ENTRIES_PER_STEP: usize = 16;

/// How thoroughly the self-retrieval check asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thoroughness {
    /// Asks what could fail. Finds the same problems as [`Thoroughness::Exhaustive`].
    Necessary,
    /// Asks every text; for tests of the other.
    Exhaustive,
}

/// Checks every entry that is valid at a time; see [`self_retrieval_of`].
#[must_use]
pub fn self_retrieval(assistant: &Assistant, now: Timestamp) -> Vec<Problem> {
    let entries = valid_entries(assistant, now);
    self_retrieval_of(assistant, &entries, Thoroughness::Necessary, now, |_| ())
}

/// Lists the positions of the entries that are valid at a time.
#[must_use]
pub fn valid_entries(assistant: &Assistant, now: Timestamp) -> Vec<usize> {
    let today = assistant.today(now);
    let entries = assistant.knowledge().entries.iter().enumerate();
    let valid = entries.filter(|(_, entry)| entry.is_valid_on(today));
    valid.map(|(index, _)| index).collect()
}

/// Checks the question and the variants of entries, by their positions, and reports those that lead
/// to another entry, in the order of the entries.
///
/// A question that is not answered with its own entry is an error, since a member may copy it. A
/// variant whose entry is not ranked first is a warning, one per line of TOML. `checked` is called
/// with the number of entries that a thread has just checked.
#[must_use]
pub fn self_retrieval_of(
    assistant: &Assistant,
    entries: &[usize],
    thoroughness: Thoroughness,
    now: Timestamp,
    checked: impl Fn(usize) + Sync,
) -> Vec<Problem> {
    let check = Check {
        assistant,
        bounds: match thoroughness {
            Thoroughness::Necessary => Some(assistant.searcher().rival_bounds()),
            Thoroughness::Exhaustive => None,
        },
        now,
    };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found: Vec<(usize, Vec<Problem>)> = Vec::new();
        loop {
            let step = next.fetch_add(1, Ordering::Relaxed);
            let Some(own) = entries.chunks(ENTRIES_PER_STEP).nth(step) else {
                return found;
            };
            found.push((step, own.iter().flat_map(|i| check.entry(*i)).collect()));
            checked(own.len());
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut found = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let found = threads.into_iter().flat_map(|thread| {
            let found = thread.join();
            found.unwrap_or_else(|panic| resume_unwind(panic))
        });
        found.collect::<Vec<_>>()
    });
    found.sort_by_key(|(step, _)| *step);
    found
        .into_iter()
        .flat_map(|(_, problems)| problems)
        .collect()
}

struct Check<'a> {
    assistant: &'a Assistant,
    /// Absent if every text is asked.
    bounds: Option<RivalBounds>,
    now: Timestamp,
}

impl Check<'_> {
    fn entry(&self, index: usize) -> Vec<Problem> {
        let entry = &self.assistant.knowledge().entries[index];
        let mut problems: Vec<Problem> = self.question(entry, index).into_iter().collect();
        problems.extend(self.variants(entry, index));
        problems
    }

    fn question(&self, entry: &Entry, index: usize) -> Option<Problem> {
        let searcher = self.assistant.searcher();
        let own = Subject::Entry(index);
        let parameters = self.assistant.knowledge().parameters(Evidence::Words);
        let thresholds = parameters.thresholds(searcher.coverage(own));
        // At this probability an entry is answered, whatever the referrals or other entries have of the rest.
        let min_probability = thresholds
            .answered_from
            .max(1.0 - MAX_REFERRALS_BESIDE_ANSWER)
            .max(MIN_ANSWER_SHARE);
        if let Some(bounds) = &self.bounds
            && searcher.is_surely_answered(&entry.question, own, bounds, min_probability)
        {
            return None;
        }
        let answer = self.ask(&entry.question);
        if answer.outcome == Outcome::Answered && answer.entry == Some(index) {
            return None;
        }
        let (id, found) = (&entry.id, self.describe(&answer));
        let mistake = localized!(
            found;
            ja: "entry \"{id}\": 質問文をそのまま入力しても、この項目が表示されません。{found}",
            en: "entry \"{id}\": its own question does not find it, but {found}",
        );
        let hint = if answer.outcome == Outcome::Safety {
            narrow_danger()
        } else {
            localized!(
                ja: "この項目だけが答える内容を質問文に書くか、言い換えを足してください",
                en: "make the question specific to this entry, or add variants to it",
            )
        };
        Some(Problem::error(entry.location.clone(), mistake, hint))
    }

    fn variants(&self, entry: &Entry, index: usize) -> impl Iterator<Item = Problem> {
        // By line and whether the text is taken for a danger: a text, and the number of such texts.
        let mut lost: BTreeMap<(&Location, bool), (&str, usize)> = BTreeMap::new();
        for variant in &entry.variants {
            for text in &variant.texts {
                if let Some(is_danger) = self.is_lost(text, index) {
                    let key = (&variant.location, is_danger);
                    lost.entry(key).or_insert((text, 0)).1 += 1;
                }
            }
        }
        lost.into_iter().map(|((location, is_danger), (text, count))| {
            let id = &entry.id;
            let (mistake, hint) = if is_danger {
                (
                    localized!(
                        ja: "entry \"{id}\": `{text}` では safety.toml の返事が表示されます（この行の文のうち {count} 通り）",
                        en: "entry \"{id}\": `{text}` gets the reply of safety.toml ({count} of the texts on this line in all)",
                    ),
                    narrow_danger(),
                )
            } else {
                (
                    localized!(
                        ja: "entry \"{id}\": `{text}` では別の項目が先に表示されます（この行の文のうち {count} 通り）",
                        en: "entry \"{id}\": `{text}` finds another entry first ({count} of the texts on this line in all)",
                    ),
                    localized!(
                        ja: "この項目に特有の語を加えるか、消してください",
                        en: "use words that are specific to this entry, or remove it",
                    ),
                )
            };
            Problem::warning(location.clone(), mistake, hint)
        })
    }

    /// Returns `None` if a text's ranking has an entry before all other entries, otherwise whether the
    /// text is taken for a danger to a life.
    fn is_lost(&self, text: &str, index: usize) -> Option<bool> {
        let searcher = self.assistant.searcher();
        if let Some(bounds) = &self.bounds
            && searcher.is_surely_first(text, Subject::Entry(index), bounds)
        {
            return None;
        }
        let answer = self.ask(text);
        let is_danger = answer.outcome == Outcome::Safety;
        let trace = answer.trace;
        let first = trace.and_then(|trace| Some(trace.ranking.entries().next()?.0));
        (first != Some(index)).then_some(is_danger)
    }

    fn ask(&self, text: &str) -> Answer {
        let question = Question {
            text,
            desk: None,
            language: Language::Japanese,
        };
        let conversation = Conversation::new(self.now);
        self.assistant.answer_now(&question, conversation, self.now)
    }

    fn describe(&self, answer: &Answer) -> Localized {
        let entries = &self.assistant.knowledge().entries;
        match answer.entry.and_then(|index| entries.get(index)) {
            Some(entry) => {
                let id = &entry.id;
                localized!(ja: "表示されるのは `{id}` です", en: "`{id}`")
            }
            None if answer.outcome == Outcome::Safety => localized!(
                ja: "safety.toml の返事が表示されます",
                en: "the reply of safety.toml",
            ),
            None => {
                let outcome = answer.outcome.name();
                localized!(ja: "結果は {outcome} です", en: "the outcome is {outcome}")
            }
        }
    }
}

/// The hint for a text of an entry that is taken for a danger to a life.
fn narrow_danger() -> Localized {
    localized!(
        ja: "safety.toml でこの文に当てはまる `variants` を狭めるか、この言い方を `exceptions` に書いてください",
        en: "narrow the variant in safety.toml that the text contains, or write this expression into its `exceptions`",
    )
}
