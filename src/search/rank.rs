//! Ranks candidates: their features, weighed by the model for the evidence at hand.

use std::sync::atomic::Ordering;

use super::ranking::Precedence;
use super::ranking::features::{Alternative, DeskSignals, Features, QuestionSignals};
use super::{Analysis, Candidate, Candidates, Ranking, Searcher, Subject};
use crate::knowledge::{DeskId, Evidence};

/// Minimum probability of the first subject at which a ranking by words is used without embeddings;
/// `answered_from` applies instead if it is higher.
///
/// Cross-validation on the project's own sets: 0.58 of the questions reach it by words alone, and
/// 0.987 of those are right, with and without embeddings.
const MIN_DECISIVE_PROBABILITY: f32 = 0.95;

impl Searcher {
    /// Returns how well its phrases cover a subject, 0 to 1.
    #[must_use]
    pub fn coverage(&self, subject: Subject) -> f32 {
        self.lexical.scorer.coverage(subject)
    }

    /// Returns whether the first subject of a ranking by words is so probable that no embedding is
    /// needed.
    #[must_use]
    pub fn is_decisive(&self, ranking: &Ranking) -> bool {
        let best = ranking.subjects.first();
        best.is_some_and(|best| {
            let parameters = self.knowledge.parameters(Evidence::Words);
            let answered_from = parameters.thresholds(best.candidate.coverage).answered_from;
            let answered_from = match best.candidate.subject {
                Subject::Entry(entry) => ranking.answer_threshold(answered_from, entry),
                _ => answered_from,
            };
            best.probability >= answered_from.max(MIN_DECISIVE_PROBABILITY)
        })
    }

    /// Ranks candidates; `chosen` is the desk that the member chose.
    #[must_use]
    pub fn rank(
        &self,
        candidates: &Candidates,
        question: &Analysis,
        chosen: Option<&DeskId>,
    ) -> Ranking {
        self.rank_in(candidates, question, chosen, &[])
    }

    /// Ranks candidates for a part of a message, whose other parts name desks: `named` counts if
    /// the part itself names none.
    #[must_use]
    pub fn rank_in(
        &self,
        candidates: &Candidates,
        question: &Analysis,
        chosen: Option<&DeskId>,
        named: &[&DeskId],
    ) -> Ranking {
        self.rankings.fetch_add(1, Ordering::Relaxed);
        let model = match candidates.evidence {
            Evidence::Words => &self.words_model,
            Evidence::BuiltIn | Evidence::Server => &self.semantic_model,
        };
        let mut utilities = Vec::new();
        self.for_each_alternative(candidates, question, chosen, named, |alternative| {
            utilities.push(
                model.utility(&alternative.features(), alternative.coverage())
                    - alternative.penalty(),
            );
        });
        let Some(defaults) = &candidates.defaults else {
            return Ranking::new(candidates, &utilities);
        };
        let utility = |alternative: Alternative<'_>| model.utility(&alternative.features(), 1.0);
        let of_defaults = self.default_utilities(defaults, candidates, question, named, utility);
        let precedence = Precedence {
            is_kana: question.is_kana,
            own: candidates,
            own_utilities: &utilities,
            own_phrases: self.lexical.phrase_count,
            topics: defaults,
            topic_utilities: &of_defaults,
        };
        let given = precedence.given();
        if given.is_empty() {
            return Ranking::new(candidates, &utilities);
        }
        let nothing = utilities.len() - 1;
        utilities.splice(
            nothing..nothing,
            given.iter().map(|index| of_defaults[*index]),
        );
        let topics = given.iter().map(|index| &defaults.all[*index]);
        Ranking::new(&self.with_topics(candidates, topics), &utilities)
    }

    /// Computes the utilities of shipped topics, which belong to no desk.
    fn default_utilities(
        &self,
        defaults: &Candidates,
        own: &Candidates,
        question: &Analysis,
        named_elsewhere: &[&DeskId],
        utility: impl Fn(Alternative<'_>) -> f32,
    ) -> Vec<f32> {
        let is_desk_named = !named_elsewhere.is_empty() || !self.named_desks(question).is_empty();
        let signals = QuestionSignals::new(question, own);
        let utilities = defaults.iter().map(|candidate| {
            utility(Alternative {
                candidate: Some(candidate),
                question: signals,
                desk: DeskSignals {
                    is_other_named: is_desk_named,
                    ..DeskSignals::default()
                },
            })
        });
        utilities.collect()
    }

    /// Returns the candidates with shipped topics after them, which are numbered after the others.
    fn with_topics<'a>(
        &self,
        own: &Candidates,
        topics: impl Iterator<Item = &'a Candidate>,
    ) -> Candidates {
        let lexical = &self.lexical;
        let renumbered = topics.map(|candidate| Candidate {
            position: candidate.position + lexical.subject_count,
            best_phrase: candidate.best_phrase.map(|n| n + lexical.phrase_count),
            nearest_phrase: candidate.nearest_phrase.map(|n| n + lexical.phrase_count),
            is_default: true,
            ..*candidate
        });
        let mut all = own.clone();
        all.all.extend(renumbered);
        all.defaults = None;
        all
    }

    /// Ranks the subjects for a phrase of the knowledge as if neither the phrase nor its own
    /// subject existed.
    pub async fn rank_without(&self, phrase: &Analysis, own: Subject) -> Ranking {
        let mut candidates = self.score(phrase, None);
        candidates.ignore_exact();
        candidates.defaults = None;
        if self.wants_embedding(phrase, &candidates)
            && let Some(embedding) = self.embed(&phrase.text).await
        {
            self.add_embedding(&mut candidates, &embedding, None);
        }
        candidates.remove(own);
        self.rank(&candidates, phrase, None)
    }

    /// Returns the features of each candidate, and last those of "nothing".
    #[must_use]
    pub fn features(&self, candidates: &Candidates, question: &Analysis) -> Vec<Features> {
        let mut features = Vec::new();
        self.for_each_alternative(candidates, question, None, &[], |alternative| {
            features.push(alternative.features());
        });
        features
    }

    fn for_each_alternative(
        &self,
        candidates: &Candidates,
        question: &Analysis,
        chosen: Option<&DeskId>,
        named_elsewhere: &[&DeskId],
        mut visit: impl FnMut(Alternative<'_>),
    ) {
        let mut named = self.named_desks(question);
        if named.is_empty() {
            named.extend(named_elsewhere);
        }
        let signals = QuestionSignals::new(question, candidates);
        for candidate in candidates.iter() {
            let own = self.desks.of(candidate.subject);
            let is_named = own.is_some_and(|own| named.contains(&own));
            visit(Alternative {
                candidate: Some(candidate),
                question: signals,
                desk: DeskSignals {
                    is_chosen: chosen.is_some() && own == chosen,
                    is_named,
                    is_other_named: !named.is_empty() && !is_named,
                },
            });
        }
        visit(Alternative {
            candidate: None,
            question: signals,
            desk: DeskSignals::default(),
        });
    }
}
