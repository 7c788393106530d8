//! The terms of a question, looked up in the index and weighed.

use crate::search::analysis::{NEGATION_MARK, Terms, Weighted};
use crate::search::index::Field;

/// The terms of a question that the index contains, with their weights.
#[derive(Debug, Clone, Default)]
pub(in crate::search) struct Query {
    /// Words and grams.
    pub(super) fields: [FieldQuery; 2],
    /// Share of the question's words, weighted by rarity, that the index does not contain.
    pub(in crate::search) unknown: f32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct FieldQuery {
    pub(super) terms: Vec<QueryTerm>,
    /// Sum of the weighted rarity of the question's terms.
    pub(super) sum: f32,
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
    /// Looks up the terms of a question and weighs them. `subjects` is the number of subjects, `texts`
    /// that of texts.
    pub(super) fn new(fields: &[Field; 2], terms: &Terms, subjects: f32, texts: f32) -> Self {
        let [words, grams] = fields;
        let (words, unknown) = FieldQuery::new(words, &terms.words, subjects, texts);
        let (grams, _) = FieldQuery::new(grams, &terms.grams, subjects, texts);
        Self {
            fields: [words, grams],
            unknown,
        }
    }
}

impl FieldQuery {
    /// Returns the query in a field, and the share of the terms that the field does not contain.
    fn new(field: &Field, list: &[Weighted], subjects: f32, texts: f32) -> (Self, f32) {
        let mut terms = Vec::with_capacity(list.len());
        let (mut sum, mut text_sum, mut unknown) = (0.0, 0.0, 0.0);
        for (term, weight) in list {
            let Some(number) = field.term(term) else {
                // A negated term that the index does not contain must not lower the scores of all
                // phrases.
                if !term.starts_with(NEGATION_MARK) {
                    let rated = weight * rarity(subjects, 0);
                    sum += rated;
                    unknown += rated;
                    text_sum += weight * rarity(texts, 0);
                }
                continue;
            };
            let share = weight * rarity(subjects, field.profiles.get(number).len());
            let text_share = weight * rarity(texts, field.texts.get(number).len());
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
        (Self { terms, sum }, unknown / sum.max(f32::MIN_POSITIVE))
    }
}

/// Returns BM25's IDF of a term that `count` of `total` subjects or texts have.
pub(super) fn rarity(total: f32, count: usize) -> f32 {
    let count = count as f32;
    (1.0 + (total - count + 0.5) / (count + 0.5)).ln()
}
