//! Splits one request into several: 「Aの方法と、Bの期限を教えて」.
//!
//! `message::splits` proposes splits by form. A split is made if each half stands by itself: ranked
//! alone, it has a sure subject, and the subjects differ. Words decide, so that no proposal needs an
//! embedding.

use super::judgement::Decision;
use super::message::{self, Request, Split};
use super::pipeline::{Asked, Frame};
use super::{Assistant, MAX_REQUESTS};
use crate::search::Subject;

/// Minimum probability of the entry of a half.
const MIN_ENTRY_PROBABILITY: f32 = 0.75;

/// Minimum probability of the referrals of a half.
const MIN_REFERRAL_PROBABILITY: f32 = 0.8;

/// A half that stands by itself.
struct Half {
    request: Request,
    subject: Subject,
    probability: f32,
}

impl Assistant {
    /// Splits a request; `None` if it is one. `is_enumeration` tells that it lists requests.
    pub(super) fn split_request(
        &self,
        asked: &Asked<'_>,
        frame: &Frame<'_, '_>,
        is_enumeration: bool,
    ) -> Option<Vec<Request>> {
        let analysis = &asked.input.analysis;
        let text = analysis.text.as_str();
        let analyze = |text: &str| self.searcher.analyze(text);
        let splits = message::splits(text, analysis, is_enumeration, analyze);
        let best = splits
            .iter()
            .filter_map(|split| self.halves(split, frame))
            .max_by(|a, b| least(a).total_cmp(&least(b)))?;
        let mut parts = Vec::new();
        for half in best {
            let asked = self.rank_by_words(half.request.clone(), frame);
            match self.split_request(&asked, frame, is_enumeration) {
                Some(more) => parts.extend(more),
                None => parts.push(half.request),
            }
        }
        parts.truncate(MAX_REQUESTS);
        Some(parts)
    }

    /// Returns the halves of a split if both stand by themselves and have different subjects.
    fn halves(&self, split: &Split<'_>, frame: &Frame<'_, '_>) -> Option<[Half; 2]> {
        let [left, right] = &split.readings;
        let first = self.best_half(split.asked[0], left, frame)?;
        let second = self.best_half(split.asked[1], right, frame)?;
        (first.subject != second.subject).then_some([first, second])
    }

    fn best_half(&self, asked: &str, readings: &[String], frame: &Frame<'_, '_>) -> Option<Half> {
        let halves = readings.iter().filter_map(|reading| {
            let mut request = Request::part(asked, reading.clone());
            request.is_linked = true;
            let ranked = self.rank_by_words(request, frame);
            let (subject, probability) = self.sure_subject(&ranked)?;
            Some(Half {
                request: ranked.input.request,
                subject,
                probability,
            })
        });
        halves.max_by(|a, b| a.probability.total_cmp(&b.probability))
    }

    /// Returns the subject of a request, if words make it sure, with its probability.
    pub(super) fn sure_subject(&self, asked: &Asked<'_>) -> Option<(Subject, f32)> {
        let judgement = self.judge(asked.by_words.as_ref()?);
        let probability = judgement.confidence;
        let (subject, least) = match judgement.decision {
            Decision::Answer(entry) => (Subject::Entry(entry), MIN_ENTRY_PROBABILITY),
            Decision::Refer(index) => (Subject::Referral(index), MIN_REFERRAL_PROBABILITY),
            _ => return None,
        };
        (probability >= least).then_some((subject, probability))
    }
}

fn least(halves: &[Half; 2]) -> f32 {
    halves[0].probability.min(halves[1].probability)
}
