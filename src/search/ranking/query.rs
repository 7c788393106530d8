//! The terms of a question, looked up in the index and weighed.

use crate::search::analysis::{GENERAL_MARK, GROUP_WEIGHT, NEGATION_MARK, Terms};
use crate::search::index::Field;

/// The terms of a question that the index contains, with their weights.
#[derive(Debug, Clone, Default)]
pub(in crate::search) struct Query {
    /// Words and grams.
    pub(super) fields: [FieldQuery; 2],
    /// Share of the question's words, weighted by rarity, that the index does not contain.
    pub(in crate::search) unknown: f32,
    /// Whether the question has kana or kanji.
    pub(super) is_japanese: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct FieldQuery {
    pub(super) terms: Vec<QueryTerm>,
    /// Sum of the weighted rarity of the question's terms.
    pub(super) sum: f32,
    /// The same without weights, of the terms that have one.
    pub(super) rarity: f32,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct QueryTerm {
    pub(super) number: u32,
    /// Weighted rarity, divided by the sum over all terms.
    pub(super) share: f32,
    /// The same with the rarity in texts: answers have a vocabulary of their own.
    pub(super) text_share: f32,
}

impl Query {
    /// Looks up the terms of a question and weighs them. `subjects` is the sum of the weights of all
    /// subjects, `texts` the number of texts.
    pub(super) fn new(fields: &[Field; 2], terms: &Terms, subjects: f32, texts: f32) -> Self {
        let [words, grams] = fields;
        let unknown = (rarity(subjects, 0.0), rarity(texts, 0.0));
        let own = terms.words.iter().map(|(word, weight)| {
            let number = words.term(word);
            // A negated word or a meaning that the index does not contain must not lower the scores of all
            // phrases.
            let is_optional = word.starts_with([NEGATION_MARK, GENERAL_MARK]);
            let weight = if number.is_none() && is_optional {
                0.0
            } else {
                weight * weight_by_groups(words, terms, word)
            };
            (number, weight)
        });
        let (words, share_unknown) = FieldQuery::new(words, own, unknown);
        let mut text = String::new();
        let own = terms.grams.iter();
        let own = own.map(|(gram, weight)| (grams.gram(*gram, &mut text), *weight));
        let (grams, _) = FieldQuery::new(grams, own, unknown);
        Self {
            fields: [words, grams],
            unknown: share_unknown,
            is_japanese: terms.is_japanese,
        }
    }
}

/// Returns a factor for the weight of a word or a general group, by what the index contains.
///
/// Groups that the index lacks are ignored: the others of the word share their weight, or the word has it. A
/// word that the index lacks hands its weight to its groups: it is another way to say what the knowledge has.
fn weight_by_groups(field: &Field, terms: &Terms, term: &str) -> f32 {
    let is_known = |term: &str| field.term(term).is_some();
    let groups_of = |word: &str| {
        let groups = terms.groups.iter().filter(|(_, of)| of == word);
        groups.fold((0.0, 0.0), |(all, known), (group, _)| {
            (all + 1.0, known + f32::from(u8::from(is_known(group))))
        })
    };
    if let Some((_, word)) = terms.groups.iter().find(|(group, _)| group == term) {
        let (all, known): (f32, f32) = groups_of(word);
        let share = (all / known.max(1.0)).sqrt();
        return if is_known(word) {
            share
        } else {
            share / GROUP_WEIGHT
        };
    }
    match groups_of(term) {
        (0.0, _) => 1.0,
        (_, 0.0) => 1.0 / (1.0 - GROUP_WEIGHT),
        _ => f32::from(u8::from(is_known(term))),
    }
}

impl FieldQuery {
    /// Returns the query in a field, and the share of the terms that the field does not contain.
    /// `list` has the number and the weight of each term, `rarity` and `text_rarity` are those of
    /// terms that the field does not contain.
    fn new(
        field: &Field,
        list: impl ExactSizeIterator<Item = (Option<u32>, f32)>,
        (rarity, text_rarity): (f32, f32),
    ) -> (Self, f32) {
        let mut terms = Vec::with_capacity(list.len());
        let (mut sum, mut text_sum, mut unknown, mut unweighted) = (0.0, 0.0, 0.0, 0.0);
        for (number, weight) in list {
            let own = number.map_or(rarity, |number| field.rarities[number as usize]);
            unweighted += if weight > 0.0 { own } else { 0.0 };
            let Some(number) = number else {
                sum += weight * rarity;
                unknown += weight * rarity;
                text_sum += weight * text_rarity;
                continue;
            };
            let share = weight * field.rarities[number as usize];
            let text_share = weight * field.text_rarities[number as usize];
            sum += share;
            text_sum += text_share;
            terms.push(QueryTerm {
                number,
                share,
                text_share,
            });
        }
        for term in &mut terms {
            term.share /= sum.max(f32::MIN_POSITIVE);
            term.text_share /= text_sum.max(f32::MIN_POSITIVE);
        }
        let query = Self {
            terms,
            sum,
            rarity: unweighted,
        };
        (query, unknown / sum.max(f32::MIN_POSITIVE))
    }
}

/// Returns BM25's IDF of a term that `count` of `total` subjects or texts have.
pub(super) fn rarity(total: f32, count: f32) -> f32 {
    (1.0 + (total - count + 0.5) / (count + 0.5)).ln()
}

/// Returns the Dice coefficient of a question and a phrase: `share` of the question's `sum` is in
/// the phrase, whose terms have the sum `norm`.
#[inline]
pub(super) fn dice(share: f32, sum: f32, norm: f32) -> f32 {
    // Without a branch. Both sums are 0 only if the share is.
    share * 2.0 * sum / (sum + norm).max(f32::MIN_POSITIVE)
}
