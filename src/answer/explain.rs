//! Every step from a question to its outcome, for whoever wonders why.

use jiff::Timestamp;

use super::{Answer, Assistant, Conversation, Judgement, Question};
use crate::knowledge::Evidence;
use crate::search::{Analysis, Parts, Subject};

/// How a question was understood and decided.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Normalised text, tokens, readings, terms.
    pub analysis: Analysis,
    /// The likeliest subjects, best first.
    pub subjects: Vec<SubjectExplanation>,
    /// The chance that the knowledge has nothing on it.
    pub nothing: f32,
    /// What the chances rest on.
    pub evidence: Evidence,
    /// The chances by what they speak for, and the decision.
    pub judgement: Judgement,
    /// From what confidence on an entry is the answer.
    pub answered_from: f32,
    /// From what summed confidence on entries are suggested.
    pub suggested_from: f32,
    /// What the member is told.
    pub answer: Answer,
}

/// Why a subject came where it did.
#[derive(Debug, Clone)]
pub struct SubjectExplanation {
    /// `entry`, `referral`, `small_talk`, `hand_off` or `out_of_scope`.
    pub kind: &'static str,
    /// The subject's id.
    pub id: String,
    /// Its chance, from 0 to 1.
    pub probability: f32,
    /// The parts of its score, each about 0 to 1.
    pub parts: Parts,
    /// Whether the question is one of its phrases to the letter.
    pub is_exact: bool,
    /// Its phrase that matched best.
    pub phrase: Option<String>,
    /// Its phrase that is nearest in meaning, where meaning was looked at.
    pub nearest: Option<String>,
    /// The words of the question that this phrase has too.
    pub matched: Vec<String>,
}

/// How many subjects are explained.
const EXPLAINED: usize = 8;

impl Assistant {
    /// Answers a question and says why.
    #[must_use]
    pub fn explain(&self, question: &Question<'_>, now: Timestamp) -> Explanation {
        let conversation = Conversation::new(now);
        let answer = self.answer_now(question, conversation.clone(), now);
        let escalator = self.escalator(question.language, now);
        let hearing = self.hear(*question, &conversation, escalator);
        let subjects = hearing.ranking.subjects.iter().take(EXPLAINED);
        let subjects = subjects.map(|ranked| {
            let candidate = &ranked.candidate;
            let phrase = candidate
                .best_phrase
                .and_then(|number| self.searcher.phrase(number));
            let nearest = candidate.nearest_phrase;
            let nearest = nearest.and_then(|number| self.searcher.phrase(number));
            let (kind, id) = self.name(candidate.subject);
            SubjectExplanation {
                kind,
                id,
                probability: ranked.probability,
                parts: candidate.parts,
                is_exact: candidate.is_exact,
                matched: phrase.map_or_else(Vec::new, |phrase| {
                    let phrase = self.searcher.analyze(phrase);
                    let terms = hearing.analysis.words.iter();
                    let shared =
                        terms.filter(|term| phrase.words.iter().any(|w| w.text == term.text));
                    shared.map(|term| term.text.clone()).collect()
                }),
                phrase: phrase.map(str::to_owned),
                nearest: nearest.map(str::to_owned),
            }
        });
        let fitted = self.knowledge.fitted(hearing.ranking.evidence);
        Explanation {
            subjects: subjects.collect(),
            nothing: hearing.ranking.nothing,
            evidence: hearing.ranking.evidence,
            answered_from: fitted.answered_from,
            suggested_from: fitted.suggested_from,
            answer,
            judgement: hearing.judgement,
            analysis: hearing.analysis,
        }
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
