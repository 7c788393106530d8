//! Which entries compete for the same questions, and which can hardly be found: advice for
//! whoever writes variants.
//!
//! Invariant: nothing is made up; the advice is places to look at, never a text to add.

use jiff::Timestamp;

use crate::answer::Assistant;
use crate::knowledge::Entry;
use crate::search::Subject;

/// Ways of asking below which an entry is thin: keywords, polite and casual, in kana, in English.
pub const FEW_WAYS: usize = 10;

/// A way to ask for an entry, and the entry that would be taken for it if that one were not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Rival {
    /// The entry's position.
    pub entry: usize,
    /// One of its ways to ask.
    pub phrase: String,
    /// The position of the one that would be taken.
    pub other: usize,
    /// That one's chance then, from 0 to 1.
    pub probability: f32,
}

/// An entry that knows few ways of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thin {
    /// The entry's position.
    pub entry: usize,
    /// How many variants it has as written, without its own question.
    pub variants: usize,
    /// Whether none of them is in English.
    pub lacks_english: bool,
}

/// Finds for every pair of entries the phrase by which they are most easily taken for each other,
/// the likeliest first; chances under `least` are left out. Ranks every variant once.
pub async fn rivals(assistant: &Assistant, least: f32, now: Timestamp) -> Vec<Rival> {
    let searcher = assistant.searcher();
    let entries = &assistant.knowledge().entries;
    let today = assistant.today(now);
    let mut rivals: Vec<Rival> = Vec::new();
    for (entry, written) in entries.iter().enumerate() {
        if !written.is_valid_on(today) {
            continue;
        }
        let mut strongest: Vec<Rival> = Vec::new();
        // The texts of one variant differ little; its first stands for them.
        let variants = written.variants.iter().filter_map(|v| v.texts.first());
        for phrase in std::iter::once(&written.question).chain(variants) {
            let phrase_terms = searcher.analyze(phrase);
            let ranking = searcher.rank_without(&phrase_terms, Subject::Entry(entry));
            let ranking = ranking.await;
            let other = ranking
                .entries()
                .find(|(other, _)| entries[*other].is_valid_on(today));
            let Some((other, probability)) = other.filter(|(_, chance)| *chance >= least) else {
                continue;
            };
            let rival = Rival {
                entry,
                phrase: phrase.clone(),
                other,
                probability,
            };
            match strongest.iter_mut().find(|known| known.other == other) {
                Some(known) if known.probability < probability => *known = rival,
                Some(_) => {}
                None => strongest.push(rival),
            }
        }
        rivals.extend(strongest);
    }
    rivals.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    rivals
}

/// Finds the entries that know fewer than [`FEW_WAYS`] ways of asking or none in English, the
/// thinnest first.
#[must_use]
pub fn thin_entries(assistant: &Assistant) -> Vec<Thin> {
    let is_english = |text: &str| text.is_ascii() && text.contains(' ');
    let describe = |(position, entry): (usize, &Entry)| {
        let mut texts = entry.variants.iter().flat_map(|variant| &variant.texts);
        Thin {
            entry: position,
            variants: entry.variants.len(),
            lacks_english: !texts.any(|text| is_english(text)),
        }
    };
    let entries = assistant.knowledge().entries.iter().enumerate();
    let mut thin: Vec<Thin> = entries.map(describe).collect();
    thin.retain(|thin| thin.variants < FEW_WAYS || thin.lacks_english);
    thin.sort_by_key(|thin| thin.variants);
    thin
}
