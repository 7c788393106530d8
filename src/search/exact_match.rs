//! What is sure about an exact match without a ranking, for the self-retrieval check.
//!
//! Input: a phrase of an entry. Output: whether the entry is surely ranked first, or surely answers.
//! Exact matches are ranked by words, so embeddings do not matter.

use super::analysis::{Analysis, Terms};
use super::ranking::features::{Alternative, DeskSignals, QuestionSignals};
use super::ranking::{Candidate, Candidates, RivalBounds};
use super::{Searcher, Subject};
use crate::knowledge::{DeskId, Evidence};

/// A text that is an exact match of a phrase.
struct ExactMatch<'a> {
    searcher: &'a Searcher,
    question: Analysis,
    /// The subject of the phrase alone, with its scores.
    candidates: Candidates,
    own: Candidate,
    /// The desks that the text names.
    named: Vec<&'a DeskId>,
}

impl Searcher {
    /// Returns the bounds that the other functions here need, to be computed once.
    #[must_use]
    pub fn rival_bounds(&self) -> RivalBounds {
        RivalBounds::new(&self.lexical.scorer)
    }

    /// Returns whether a text is an exact match of an entry that no other entry can outrank. If not,
    /// only a ranking can tell which entry is first.
    #[must_use]
    pub fn is_surely_first(&self, text: &str, own: Subject, bounds: &RivalBounds) -> bool {
        let Some(exact) = self.exact_match(text, own) else {
            return false;
        };
        let least = exact.utility(&exact.own);
        let rivals = exact.rivals(bounds, &[Subject::Entry(usize::MAX)], least);
        rivals.is_some_and(|rivals| rivals.iter().all(|rival| *rival < least))
    }

    /// Returns whether a text is an exact match of an entry whose probability no other subjects together
    /// can make less than a minimum. If not, only a ranking can tell.
    #[must_use]
    pub fn is_surely_answered(
        &self,
        text: &str,
        own: Subject,
        bounds: &RivalBounds,
        min_probability: f32,
    ) -> bool {
        let Some(exact) = self.exact_match(text, own) else {
            return false;
        };
        // The odds against the entry at which it has the probability; half of them for the subjects
        // that are not scored.
        let odds = (1.0 / min_probability - 1.0).max(0.0);
        let utility = exact.utility(&exact.own);
        let count = self.lexical.scorer.max_candidates() as f32;
        let limit = utility + (odds / 2.0 / count).ln();
        let any = usize::MAX;
        let kinds = [
            Subject::Entry(any),
            Subject::Referral(any),
            Subject::SmallTalk(any),
            Subject::HandOff(any),
            Subject::OutOfScope(any),
        ];
        let Some(rivals) = exact.rivals(bounds, &kinds, limit) else {
            return false;
        };
        let others = rivals.into_iter().chain([exact.utility_of_nothing()]);
        let against: f32 = others.map(|other| (other - utility).exp()).sum();
        against < odds / 2.0
    }

    /// Scores the entry of a text that is one of its phrases.
    fn exact_match(&self, text: &str, own: Subject) -> Option<ExactMatch<'_>> {
        let question = self.analyze(text);
        let phrase = self.exact_phrase(&question)?;
        let (subject, _) = self.lexical.scorer.phrase(phrase)?;
        // Quantities may keep a text from being an exact match.
        if subject != own || !question.quantities.is_empty() || self.danger(text).is_some() {
            return None;
        }
        let terms = Terms::of_question(&question, |word| self.desks.is_name(word));
        let query = self.lexical.scorer.query(&terms);
        let mut candidates = Candidates {
            all: Vec::new(),
            quantities: Vec::new(),
            unknown: query.unknown,
            query,
            nearest: 0.0,
            evidence: Evidence::Words,
            // No shipped topic takes precedence over an exact match.
            defaults: None,
        };
        self.lexical
            .scorer
            .add(&mut candidates, &[self.lexical.scorer.position(phrase)?]);
        let own = Candidate {
            is_exact: true,
            ..*candidates.all.first()?
        };
        Some(ExactMatch {
            searcher: self,
            named: self.named_desks(&question),
            question,
            candidates,
            own,
        })
    }
}

impl ExactMatch<'_> {
    /// Returns the utilities of the subjects of some kinds that may reach `limit`; `None` if they are
    /// too many to be scored one by one.
    fn rivals(&self, bounds: &RivalBounds, kinds: &[Subject], limit: f32) -> Option<Vec<f32>> {
        let scorer = &self.searcher.lexical.scorer;
        let utility = |candidate: &Candidate| self.utility(candidate);
        bounds.rivals(kinds, limit, &self.own, &self.candidates, scorer, utility)
    }

    /// Returns the utility of a candidate; the greatest of all desks for a candidate that stands for
    /// all subjects of a kind.
    fn utility(&self, candidate: &Candidate) -> f32 {
        let with_desk = |is_named| {
            self.utility_of(
                Some(candidate),
                DeskSignals {
                    is_chosen: false,
                    is_named,
                    is_other_named: !self.named.is_empty() && !is_named,
                },
            )
        };
        if self.named.is_empty() {
            return with_desk(false);
        }
        if candidate.position == u32::MAX {
            return with_desk(false)
                .max(with_desk(true))
                .max(self.utility_of(Some(candidate), DeskSignals::default()));
        }
        let own = self.searcher.desks.of(candidate.subject);
        with_desk(own.is_some_and(|own| self.named.contains(&own)))
    }

    fn utility_of_nothing(&self) -> f32 {
        self.utility_of(None, DeskSignals::default())
    }

    fn utility_of(&self, candidate: Option<&Candidate>, desk: DeskSignals) -> f32 {
        let alternative = Alternative {
            candidate,
            question: QuestionSignals::new(&self.question, &self.candidates),
            desk,
        };
        let model = &self.searcher.words_model;
        model.utility(&alternative.features(), alternative.coverage())
    }
}
