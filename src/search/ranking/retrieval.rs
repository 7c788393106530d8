//! Retrieval: the phrases and texts that are worth scoring in full, found by the question's terms.
//!
//! Term-at-a-time, rarest terms first. In large knowledge the commonest terms are not read here: they
//! have most of the postings and little weight, and count only when the documents that the others
//! found are scored. Cost: proportional to the postings that are read, not to the size of the
//! knowledge.
//!
//! Invariant: the working memory is zero between two calls, so no call clears all of it.

/// Share of the weight of a question's terms that is read at least.
///
/// With 60 questions to 100,000 made-up phrases, on which it was chosen (2026-11-29), outcome and first
/// subject were those of the exhaustive ranking for all, the first three subjects for 57. Then
/// [`MAX_DOCUMENTS_PER_SUBJECT`] was 10; the other constants here were not measured by themselves.
const MIN_READ_SHARE: f32 = 0.35;

/// Number of postings that are read at least, if the terms have as many.
const MIN_READ_POSTINGS: usize = 4_000;

/// Share of the weight of the terms not read that a document may lag behind the best one of its
/// subject, and still be scored.
const MARGIN_SHARE: f32 = 0.1;

/// Maximum number of documents that are returned, as a multiple of the number of subjects. Thousands
/// of phrases may have the same score.
const MAX_DOCUMENTS_PER_SUBJECT: usize = 2;

/// The postings of one term of a question.
#[derive(Debug, Clone, Copy)]
pub(super) struct TermList<'a> {
    /// The field, 0 or 1.
    pub(super) field: usize,
    /// Share of the term in the weight of the question's terms in the field.
    pub(super) share: f32,
    /// The documents that have it, by increasing number.
    pub(super) documents: &'a [u32],
    /// Position of the first posting among those of all terms.
    pub(super) first: usize,
}

/// How documents are scored.
pub(super) struct Measure<Tf, Score, Bound, Owner> {
    /// TF component of a posting: field, position among all postings, document.
    pub(super) tf: Tf,
    /// Score of a document by the sums of its shares in both fields; greater than 0.
    pub(super) score: Score,
    /// Maximum score of a document whose terms have at most these shares in the fields.
    pub(super) bound: Bound,
    /// Position of the subject of a document.
    pub(super) owner: Owner,
}

/// Working memory for the documents of an index.
#[derive(Debug, Default)]
pub(super) struct Accumulator {
    /// Sums of shares of each document, by field.
    sums: Vec<[f32; 2]>,
    /// The documents whose sums are not zero, and room for all and one more.
    touched: Vec<u32>,
    touched_count: usize,
    /// The scores of `touched`, as of [`Accumulator::rate`].
    scores: Vec<f32>,
    /// The best score of each subject, as of [`Accumulator::rate`].
    best: Vec<f32>,
    /// The subjects whose best score is not zero.
    subjects: Vec<u32>,
    /// Their best scores, in any order.
    ordered: Vec<f32>,
}

impl Accumulator {
    /// Returns the best documents of the `count` subjects with the best documents, by increasing
    /// number. `documents` and `subjects` are the sizes of the index.
    pub(super) fn best(
        &mut self,
        mut terms: Vec<TermList<'_>>,
        count: usize,
        (documents, subjects): (usize, usize),
        measure: &Measure<
            impl Fn(usize, usize, u32) -> f32,
            impl Fn(u32, [f32; 2]) -> f32,
            impl Fn([f32; 2]) -> f32,
            impl Fn(u32) -> u32,
        >,
    ) -> Vec<u32> {
        self.sums.resize(documents.max(self.sums.len()), [0.0; 2]);
        self.best.resize(subjects.max(self.best.len()), 0.0);
        terms.sort_by_key(|term| term.documents.len());
        let mut rest = [0.0; 2];
        for term in &terms {
            rest[term.field] += term.share;
        }
        let may_be_unread = (rest[0] + rest[1]) * (1.0 - MIN_READ_SHARE);
        // Knowledge with few subjects is scored in full.
        let is_limited = count < subjects;
        let mut margin = 0.0;
        let mut read = 0;
        self.touched
            .resize(self.touched.len().max(documents + 1), 0);
        let mut touched = 0;
        for term in &terms {
            let is_enough = read >= MIN_READ_POSTINGS && rest[0] + rest[1] <= may_be_unread;
            if is_enough && is_limited {
                margin = (measure.bound)(rest) * MARGIN_SHARE;
                break;
            }
            for (posting, document) in (term.first..).zip(term.documents) {
                let sums = &mut self.sums[*document as usize];
                // Without a branch, since no processor predicts it.
                self.touched[touched] = *document;
                touched += usize::from(*sums == [0.0; 2]);
                sums[term.field] += term.share * (measure.tf)(term.field, posting, *document);
            }
            read += term.documents.len();
            rest[term.field] -= term.share;
        }
        self.touched_count = touched;
        self.rate(measure);
        let threshold = self.threshold(count);
        // A document that is a little worse so far may be better with the terms that were not read.
        let scored = self.touched.iter().zip(&self.scores);
        let kept = scored.filter(|(document, score)| {
            let best = self.best[(measure.owner)(**document) as usize];
            best >= threshold && **score + margin >= best
        });
        let mut kept: Vec<(f32, u32)> = kept.map(|(document, score)| (*score, *document)).collect();
        let max = count.saturating_mul(MAX_DOCUMENTS_PER_SUBJECT);
        if is_limited && kept.len() > max {
            kept.select_nth_unstable_by(max, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            kept.truncate(max);
        }
        self.clear();
        let mut kept: Vec<u32> = kept.into_iter().map(|(_, document)| document).collect();
        kept.sort_unstable();
        kept
    }

    /// Computes the scores of the documents and of their subjects.
    fn rate(
        &mut self,
        measure: &Measure<
            impl Fn(usize, usize, u32) -> f32,
            impl Fn(u32, [f32; 2]) -> f32,
            impl Fn([f32; 2]) -> f32,
            impl Fn(u32) -> u32,
        >,
    ) {
        self.scores.clear();
        for document in &self.touched[..self.touched_count] {
            let score = (measure.score)(*document, self.sums[*document as usize]);
            self.scores.push(score);
            let owner = (measure.owner)(*document);
            let best = &mut self.best[owner as usize];
            if *best == 0.0 {
                self.subjects.push(owner);
            }
            *best = best.max(score);
        }
    }

    /// Returns the best score of the `count`-th subject; 0 if there are no more subjects than that.
    fn threshold(&mut self, count: usize) -> f32 {
        if self.subjects.len() <= count {
            return 0.0;
        }
        self.ordered.clear();
        let best = self
            .subjects
            .iter()
            .map(|subject| self.best[*subject as usize]);
        self.ordered.extend(best);
        let index = count.saturating_sub(1);
        let (_, threshold, _) = self
            .ordered
            .select_nth_unstable_by(index, |a, b| b.total_cmp(a));
        *threshold
    }

    fn clear(&mut self) {
        for document in &self.touched[..self.touched_count] {
            self.sums[*document as usize] = [0.0; 2];
        }
        for subject in self.subjects.drain(..) {
            self.best[subject as usize] = 0.0;
        }
    }
}
