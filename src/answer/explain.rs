//! Explains an answer: names the subjects and phrases behind its trace.

use super::{Answer, Assistant, Judgement, ReadSentence, Reason, Trace};
use crate::knowledge::{DeskId, Evidence};
use crate::search::{Analysis, QuantityFit, Scores, Subject};

/// Number of subjects that are explained.
const MAX_SUBJECTS: usize = 8;

/// The analysis, ranking and decision of one question, or of the first request of a message.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The sentences of the message with their roles; empty if it is a single sentence.
    pub message: Vec<ReadSentence>,
    /// Normalised text, tokens, reading and terms.
    pub analysis: Analysis,
    /// What the message does in its conversation, if it is no question; see [`super::Act::name`].
    pub act: Option<&'static str>,
    /// The id of the conversation's entry that the ranking was weighed with.
    pub context: Option<String>,
    /// The most probable subjects, the best first.
    pub subjects: Vec<SubjectExplanation>,
    /// Probability that the knowledge has nothing on the question.
    pub nothing: f32,
    /// The scorers behind the probabilities.
    pub evidence: Evidence,
    /// The decision, and the probabilities that it follows from.
    pub judgement: Judgement,
    /// Minimum probability of the most probable entry at which it is given as the answer.
    pub answered_from: f32,
    /// Minimum probability of all entries together at which entries are suggested.
    pub suggested_from: f32,
    /// The answer; the further requests are in its `also`, each with a trace of its own.
    pub answer: Answer,
}

/// The scores of a subject.
#[derive(Debug, Clone)]
pub struct SubjectExplanation {
    /// `entry`, `referral`, `small_talk`, `hand_off` or `out_of_scope`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its probability, 0 to 1.
    pub probability: f32,
    /// Its scores, each about 0 to 1.
    pub scores: Scores,
    /// Whether the question equals one of its phrases after normalisation.
    pub is_exact: bool,
    /// How the question's quantities fit the entry's; `None` without a common unit.
    pub quantity: Option<QuantityFit>,
    /// Its phrase with the best lexical score.
    pub phrase: Option<String>,
    /// Its phrase with the greatest cosine similarity, where embeddings were used.
    pub nearest: Option<String>,
    /// The words that the question shares with `phrase`.
    pub matched: Vec<String>,
}

impl Assistant {
    /// Explains an answer; `None` for a choice or a rating, where nothing was ranked.
    #[must_use]
    pub fn explain(&self, mut answer: Answer) -> Option<Explanation> {
        let mut trace = *answer.trace.take()?;
        let message = std::mem::take(&mut trace.message);
        let subjects = trace.ranking.subjects.iter().take(MAX_SUBJECTS);
        let subjects = subjects.map(|ranked| {
            let candidate = &ranked.candidate;
            let phrase = |number: Option<u32>| self.searcher.phrase(number?);
            let best = phrase(candidate.best_phrase);
            let (kind, id) = self.name(candidate.subject);
            SubjectExplanation {
                kind,
                id,
                probability: ranked.probability,
                scores: candidate.scores,
                is_exact: candidate.is_exact,
                quantity: candidate.quantities.fit,
                matched: best.map_or_else(Vec::new, |phrase| self.shared_words(&trace, phrase)),
                phrase: best.map(str::to_owned),
                nearest: phrase(candidate.nearest_phrase).map(str::to_owned),
            }
        });
        let thresholds = self.thresholds(&trace.ranking);
        let best_entry = trace.ranking.entries().next().map(|(entry, _)| entry);
        let answered_from = thresholds.answered_from;
        let raised = |entry| {
            let threshold = trace.ranking.answer_threshold(answered_from, entry);
            threshold.min(1.0)
        };
        let context = trace.context.map(|entry| &self.knowledge.entries[entry].id);
        Some(Explanation {
            act: trace.act.as_ref().map(super::Act::name),
            context: context.map(ToString::to_string),
            message,
            subjects: subjects.collect(),
            nothing: trace.ranking.nothing,
            evidence: trace.ranking.evidence,
            answered_from: best_entry.map_or(answered_from, raised),
            suggested_from: thresholds.suggested_from,
            judgement: trace.judgement,
            analysis: trace.analysis,
            answer,
        })
    }

    /// Lists the words that a question shares with a phrase.
    fn shared_words(&self, trace: &Trace, phrase: &str) -> Vec<String> {
        let phrase = self.searcher.analyze(phrase);
        let words = trace.analysis.words.iter();
        let shared = words.filter(|word| phrase.words.iter().any(|own| own.text == word.text));
        shared.map(|word| word.text.clone()).collect()
    }

    /// Returns a subject's kind and id.
    #[must_use]
    pub fn name(&self, subject: Subject) -> (&'static str, String) {
        let knowledge = &self.knowledge;
        match subject {
            Subject::Entry(index) => ("entry", knowledge.entries[index].id.to_string()),
            Subject::Referral(index) => ("referral", knowledge.referrals[index].id.to_string()),
            Subject::SmallTalk(index) => ("small_talk", knowledge.small_talk[index].id.to_string()),
            Subject::HandOff(index) => ("hand_off", knowledge.hand_offs[index].id.to_string()),
            Subject::OutOfScope(index) => {
                ("out_of_scope", knowledge.out_of_scope[index].id.to_string())
            }
        }
    }
}

impl Explanation {
    /// Returns why the member was referred to this desk: `answer`, `referral`, `chosen`, `likely`,
    /// `named` or `unclear`. `None` without an escalation.
    #[must_use]
    pub fn desk_reason(&self, chosen: Option<&DeskId>) -> Option<&'static str> {
        let escalation = self.answer.escalation.as_ref()?;
        Some(match (escalation.reason, &escalation.desk) {
            (_, None) => "unclear",
            (Reason::NamedInAnswer, _) => "answer",
            (Reason::Referred, _) => "referral",
            (_, Some(desk)) if chosen == Some(desk) => "chosen",
            (Reason::NotFound, _) => "likely",
            _ => "named",
        })
    }
}
