//! Finds entries that compete for the same questions, and entries with few variants.
//!
//! Input: the assistant's knowledge. Output: positions of entries and existing phrases, as advice for
//! authors of variants.
//!
//! Invariant: no text is generated.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::answer::Assistant;
use crate::knowledge::Entry;
use crate::search::Subject;

/// Minimum number of variants of a well covered entry: keywords, polite and casual questions, kana
/// and English.
pub const MIN_VARIANTS: usize = 10;

/// A phrase of an entry, and the entry that would be ranked first without that entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Rival {
    /// The entry's position.
    pub entry: usize,
    /// One of its phrases.
    pub phrase: String,
    /// The position of the other entry.
    pub other: usize,
    /// The probability of the other entry, 0 to 1.
    pub probability: f32,
}

/// A thinly covered entry.
#[derive(Debug, Clone, PartialEq)]
pub struct ThinlyCovered {
    /// The entry's position.
    pub entry: usize,
    /// Number of variants, before expansion and without the entry's question.
    pub variants: usize,
    /// Whether no variant is in English.
    pub lacks_english: bool,
    /// The position of the entry that it is most easily mistaken for, with the probability.
    pub rival: Option<(usize, f32)>,
}

impl ThinlyCovered {
    /// Returns how much the entry needs variants: for the share that is missing, and for the
    /// probability of another entry.
    fn need(&self) -> f32 {
        let missing = MIN_VARIANTS.saturating_sub(self.variants) as f32 / MIN_VARIANTS as f32;
        missing + self.rival.map_or(0.0, |(_, probability)| probability)
    }
}

/// Finds, for every ordered pair of entries, the phrase of the first entry for which the second one
/// is most probable, if that probability is at least `min_probability`. Sorted by decreasing
/// probability.
///
/// Ranks each variant once.
pub async fn rivals(assistant: &Assistant, min_probability: f32, now: Timestamp) -> Vec<Rival> {
    let searcher = assistant.searcher();
    let entries = &assistant.knowledge().entries;
    let today = assistant.today(now);
    let mut rivals: Vec<Rival> = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        if !entry.is_valid_on(today) {
            continue;
        }
        let mut strongest: Vec<Rival> = Vec::new();
        // The expansions of a variant are similar, so its first text is enough.
        let variants = entry.variants.iter().filter_map(|v| v.texts.first());
        for phrase in std::iter::once(&entry.question).chain(variants) {
            let own = Subject::Entry(position);
            let ranking = searcher.rank_without(&searcher.analyze(phrase), own).await;
            let mut others = ranking.entries();
            let other = others.find(|(other, _)| entries[*other].is_valid_on(today));
            let Some((other, probability)) = other.filter(|(_, p)| *p >= min_probability) else {
                continue;
            };
            let rival = Rival {
                entry: position,
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

/// Finds the entries with fewer than [`MIN_VARIANTS`] variants or none in English, sorted by the
/// number of variants.
#[must_use]
pub fn thinly_covered(assistant: &Assistant) -> Vec<ThinlyCovered> {
    let is_english = |text: &str| text.is_ascii() && text.contains(' ');
    let describe = |(position, entry): (usize, &Entry)| {
        let mut texts = entry.variants.iter().flat_map(|variant| &variant.texts);
        ThinlyCovered {
            entry: position,
            variants: entry.variants.len(),
            lacks_english: !texts.any(|text| is_english(text)),
            rival: None,
        }
    };
    let entries = assistant.knowledge().entries.iter().enumerate();
    let mut found: Vec<ThinlyCovered> = entries.map(describe).collect();
    found.retain(|entry| entry.variants < MIN_VARIANTS || entry.lacks_english);
    found.sort_by_key(|entry| entry.variants);
    found
}

/// Sorts thinly covered entries by how much they need variants, given all pairs of [`rivals`].
#[must_use]
pub fn by_need(mut thin: Vec<ThinlyCovered>, rivals: &[Rival]) -> Vec<ThinlyCovered> {
    // The pairs are sorted, so the first one of an entry is the most probable.
    let mut strongest: HashMap<usize, (usize, f32)> = HashMap::new();
    for rival in rivals {
        let of = strongest.entry(rival.entry);
        of.or_insert((rival.other, rival.probability));
    }
    for entry in &mut thin {
        entry.rival = strongest.get(&entry.entry).copied();
    }
    thin.sort_by(|a, b| b.need().total_cmp(&a.need()));
    thin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_covered_and_most_easily_confused_entries_come_first() {
        let thin = |entry, variants| ThinlyCovered {
            entry,
            variants,
            lacks_english: true,
            rival: None,
        };
        let rival = |entry, other, probability| Rival {
            entry,
            phrase: String::new(),
            other,
            probability,
        };
        let rivals = [rival(2, 0, 0.9), rival(1, 0, 0.3), rival(2, 1, 0.2)];
        let thin = vec![thin(0, 0), thin(1, 0), thin(2, 5), thin(3, 20)];
        let sorted = by_need(thin, &rivals);
        let order: Vec<usize> = sorted.iter().map(|entry| entry.entry).collect();
        // 0.5 + 0.9, 1.0 + 0.3, 1.0, 0.
        assert_eq!(order, [2, 1, 0, 3]);
        assert_eq!(sorted[0].rival, Some((0, 0.9)));
    }
}
