//! Whether a phrase of the knowledge surely leads to its own subject, for the self-retrieval check.

use super::analysis::Terms;
use super::ranking::features::{Alternative, DeskSignals, QuestionSignals};
use super::ranking::{Candidate, Candidates, RivalBounds};
use super::{Searcher, Subject};
use crate::knowledge::Evidence;

impl Searcher {
    /// Returns the bounds that [`Searcher::is_surely_first`] needs, to be computed once.
    #[must_use]
    pub fn rival_bounds(&self) -> RivalBounds {
        RivalBounds::new(&self.lexical)
    }

    /// Returns whether a text is an exact match of an entry that no other entry can outrank. If not,
    /// only a ranking can tell which entry is first.
    ///
    /// Takes a fraction of a ranking's time. Exact matches are ranked by words, so embeddings do not
    /// matter.
    #[must_use]
    pub fn is_surely_first(&self, text: &str, own: Subject, bounds: &RivalBounds) -> bool {
        let question = self.analyze(text);
        let Some(exact) = self.exact_phrase(&question) else {
            return false;
        };
        let subject = self.lexical.phrase(exact).map(|(subject, _)| subject);
        let Some(position) = self.lexical.position(exact) else {
            return false;
        };
        // Quantities may keep a text from being an exact match.
        let is_plain = question.quantities.is_empty() && self.danger(text).is_none();
        if subject != Some(own) || !is_plain {
            return false;
        }
        let terms = Terms::of_question(&question, |word| self.desks.is_name(word));
        let query = self.lexical.query(&terms);
        let mut candidates = Candidates {
            all: Vec::new(),
            unknown: query.unknown,
            query,
            quantities: Vec::new(),
            nearest: 0.0,
            evidence: Evidence::Words,
        };
        self.lexical.add(&mut candidates, &[position]);
        let Some(first) = candidates.all.first() else {
            return false;
        };
        let named = self.named_desks(&question);
        let signals = QuestionSignals::new(&question, &candidates);
        let utility = |candidate: &Candidate, is_named: bool| {
            let alternative = Alternative {
                candidate: Some(candidate),
                question: signals,
                desk: DeskSignals {
                    is_chosen: false,
                    is_named,
                    is_other_named: !named.is_empty() && !is_named,
                },
            };
            self.words_model.utility(&alternative.features())
        };
        let is_named = |subject| {
            self.desks
                .of(subject)
                .is_some_and(|own| named.contains(&own))
        };
        let first = Candidate {
            is_exact: true,
            ..*first
        };
        let least = utility(&first, is_named(own));
        // The desk of a rival may be the one that the question names, or another one.
        let of_rival = |rival: &Candidate| match named.is_empty() {
            true => utility(rival, false),
            false => utility(rival, false).max(utility(rival, true)),
        };
        !bounds.may_reach(least, position, &candidates, &self.lexical, of_rival)
    }
}
