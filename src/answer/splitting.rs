//! Splits one request into several: 「Aの方法と、Bの期限を教えて」.
//!
//! `message::splits` proposes splits by form. A split is made if each half stands by itself: ranked
//! alone, it has a sure subject, and the subjects differ. Words decide, so that no proposal needs an
//! embedding.

use super::judgement::Decision;
use super::message::{self, Request, Split};
use super::pipeline::MESSAGE_WEIGHT;
use super::request::{Asked, Frame};
use super::{Assistant, MAX_READ_REQUESTS};
use crate::search::{Ranking, Subject};

/// Minimum probability of the entry of a half. More than `answered_from`, because a wrong split replaces
/// the answer to the whole request by two answers, of which both must be right.
const MIN_ENTRY_PROBABILITY: f32 = 0.75;

/// Minimum probability of the referrals of a half. More than that of an entry: half a sentence that no
/// entry answers resembles some referral, although the whole sentence is about an entry.
const MIN_REFERRAL_PROBABILITY: f32 = 0.8;

/// Weight of the reading with a shared modifier in the ranking of a half. More than
/// [`MESSAGE_WEIGHT`], since that reading names the subject of the half and the whole message only
/// mentions it; less than 1, since the modifier may belong to the first half alone.
const SHARED_WEIGHT: f32 = 0.5;

/// A half that stands by itself.
struct Half<'a> {
    asked: Asked<'a>,
    subject: Subject,
    probability: f32,
    is_sure: bool,
}

impl Assistant {
    /// Splits a request; `None` if it is one. `lists_requests` is true if the message around it
    /// announces a list of requests.
    pub(super) fn split_request<'a>(
        &self,
        asked: &Asked<'_>,
        frame: &Frame<'a, '_>,
        lists_requests: bool,
    ) -> Option<Vec<Asked<'a>>> {
        let analysis = &asked.input.analysis;
        let text = analysis.text.as_str();
        let analyze = |text: &str| self.searcher.analyze(text);
        let is_enumeration = lists_requests || message::has_enumeration(text);
        if is_enumeration && let Some(items) = self.items(text, frame) {
            return Some(items);
        }
        let splits = message::splits(text, analysis, is_enumeration, analyze);
        if splits.is_empty() {
            return None;
        }
        let whole = &asked.by_words;
        let best = splits
            .iter()
            .filter_map(|split| self.halves(split, whole, frame))
            .max_by(|a, b| least(a).total_cmp(&least(b)))?;
        let mut parts = Vec::new();
        for half in best {
            // A half that borrows from the other one is not split again.
            let request = &half.asked.input.request;
            let is_as_written = request.asked == request.text;
            let more =
                is_as_written.then(|| self.split_request(&half.asked, frame, lists_requests));
            match more.flatten() {
                Some(more) => parts.extend(more),
                None => parts.push(half.asked),
            }
        }
        parts.truncate(MAX_READ_REQUESTS);
        Some(parts)
    }

    /// Returns the items of an enumeration, if at least two of them have sure and different subjects.
    fn items<'a>(&self, text: &str, frame: &Frame<'a, '_>) -> Option<Vec<Asked<'a>>> {
        let items = message::items(text, |text| self.searcher.analyze(text));
        let items = items.into_iter().take(MAX_READ_REQUESTS).map(|item| {
            let mut request = Request::part(item, item.to_owned());
            request.is_linked = true;
            self.rank_by_words(request, frame)
        });
        let items: Vec<Asked<'_>> = items.collect();
        let mut subjects: Vec<Subject> = Vec::new();
        for item in &items {
            let subject = self
                .sure_subject(&item.by_words)
                .map(|(subject, _)| subject);
            subjects.extend(subject.filter(|subject| !subjects.contains(subject)));
        }
        (subjects.len() >= 2).then_some(items)
    }

    /// Returns the halves of a split if both stand by themselves and have different subjects. Of an
    /// explicit split, one of them need not be sure.
    fn halves<'a>(
        &self,
        split: &Split<'_>,
        whole: &Ranking,
        frame: &Frame<'a, '_>,
    ) -> Option<[Half<'a>; 2]> {
        let shared = split.shared.as_deref().map(|text| {
            let request = Request::part(text, text.to_owned());
            self.rank_by_words(request, frame).by_words
        });
        let [left, right] = &split.readings;
        let [asked_left, asked_right] = split.asked;
        let (whole, shared) = (Some(whole), shared.as_ref());
        let first = self.best_half(asked_left, left, &[(whole, MESSAGE_WEIGHT)], frame)?;
        let prior = [(whole, MESSAGE_WEIGHT), (shared, SHARED_WEIGHT)];
        let second = self.best_half(asked_right, right, &prior, frame)?;
        let sure = usize::from(first.is_sure) + usize::from(second.is_sure);
        let stands = sure == 2 || sure == 1 && split.is_explicit;
        (stands && first.subject != second.subject).then_some([first, second])
    }

    /// Returns the surest reading of a half. `prior` are rankings that it must agree with, and
    /// their weights.
    fn best_half<'a>(
        &self,
        asked: &str,
        readings: &[String],
        prior: &[(Option<&Ranking>, f32)],
        frame: &Frame<'a, '_>,
    ) -> Option<Half<'a>> {
        let halves = readings.iter().filter_map(|reading| {
            let mut request = Request::part(asked, reading.clone());
            request.is_linked = true;
            let ranked = self.rank_by_words(request, frame);
            let mut ranking = ranked.by_words.clone();
            for (prior, weight) in prior {
                if let Some(prior) = prior {
                    ranking.blend(prior, *weight);
                }
            }
            let best = ranking.subjects.first()?;
            let sure = self.sure_subject(&ranking);
            let (subject, probability) = sure.unwrap_or((best.candidate.subject, best.probability));
            Some(Half {
                asked: ranked,
                subject,
                probability,
                is_sure: sure.is_some(),
            })
        });
        halves.max_by(|a, b| {
            let sure = a.is_sure.cmp(&b.is_sure);
            sure.then(a.probability.total_cmp(&b.probability))
        })
    }

    /// Returns the subject that a ranking makes sure, with its probability.
    pub(super) fn sure_subject(&self, ranking: &Ranking) -> Option<(Subject, f32)> {
        let judgement = self.judge(ranking);
        let probability = judgement.confidence;
        let (subject, least) = match judgement.decision {
            Decision::Answer(entry) => (Subject::Entry(entry), MIN_ENTRY_PROBABILITY),
            Decision::Refer(index) => (Subject::Referral(index), MIN_REFERRAL_PROBABILITY),
            _ => return None,
        };
        (probability >= least).then_some((subject, probability))
    }
}

fn least(halves: &[Half<'_>; 2]) -> f32 {
    halves[0].probability.min(halves[1].probability)
}
