//! The ranking of one request: steps 3, 4, 6 and 7 of `pipeline`.
//!
//! Input: a [`Request`] and the [`Frame`] of its message. Output: its ranking by words, and later that
//! with its embedding and with its conversation.

use jiff::Timestamp;

use super::context::Context;
use super::conversation::Conversation;
use super::message::Request;
use super::{Assistant, Question};
use crate::embedding::Vector;
use crate::knowledge::DeskId;
use crate::search::{Analysis, Candidates, Ranking, Subject};

/// Minimum probability of the entry of a request with generic words at which it is understood
/// without the sentence before it. As much as for a fragment without a conversation, see `decision`:
/// 「申し込みはどこから？」 is probable for one entry, though the sentence before it names another.
const MIN_ALONE_PROBABILITY: f32 = 0.9;

/// A request after step 4.
pub(super) struct Asked<'a> {
    pub(super) input: Input<'a>,
    pub(super) candidates: Candidates,
    pub(super) by_words: Ranking,
    /// The context by which its ranking is weighed.
    pub(super) context: Option<Context>,
    /// Whether step 5 has to embed the request.
    pub(super) wants_embedding: bool,
}

/// The values that all requests of a message share.
pub(super) struct Frame<'a, 'c> {
    /// The whole message.
    pub(super) question: Question<'a>,
    /// The desk of the question, or that of the conversation.
    pub(super) desk: Option<DeskId>,
    /// The only desk that the message names.
    pub(super) named: Option<DeskId>,
    pub(super) now: Timestamp,
    /// Whether a decisive ranking by words is used without an embedding. False if subjects are
    /// removed from it afterwards, since the decisive one may be among them.
    pub(super) may_skip_embedding: bool,
    pub(super) conversation: &'c Conversation,
    /// The desk that the previous question is put to; only its subjects are ranked.
    pub(super) moved_to: Option<DeskId>,
    /// Whether the message takes back the last question.
    pub(super) is_correction: bool,
}

/// A request after step 3.
pub(super) struct Input<'a> {
    /// The whole message.
    pub(super) question: Question<'a>,
    pub(super) request: Request,
    pub(super) desk: Option<DeskId>,
    pub(super) named: Option<DeskId>,
    pub(super) analysis: Analysis,
    pub(super) moved_to: Option<DeskId>,
    pub(super) now: Timestamp,
    pub(super) may_skip_embedding: bool,
}

impl Input<'_> {
    /// Returns the desk that the rest of the message names, if the request is only a part of it.
    pub(super) fn named_in_message(&self) -> Option<&DeskId> {
        self.named.as_ref().filter(|_| self.request.is_part)
    }
}

impl Assistant {
    /// Steps 3 and 4, for a request that may not be understood without the sentence before it.
    pub(super) fn rank_request<'a>(
        &self,
        mut request: Request,
        frame: &Frame<'a, '_>,
    ) -> Asked<'a> {
        let Some(before) = request.before.clone() else {
            return self.rank_by_words(request, frame);
        };
        if request.may_stand_alone {
            let alone = Request {
                before: None,
                ..request.clone()
            };
            let asked = self.rank_by_words(alone, frame);
            let subject = self.sure_subject(&asked.by_words);
            if subject.is_some_and(|(_, probability)| probability >= MIN_ALONE_PROBABILITY) {
                return asked;
            }
        }
        request.text = format!("{before} {}", request.text);
        self.rank_by_words(request, frame)
    }

    /// Steps 3 and 4.
    pub(super) fn rank_by_words<'a>(&self, request: Request, frame: &Frame<'a, '_>) -> Asked<'a> {
        let analysis = self.searcher.analyze(&request.text);
        self.rank_analyzed(request, analysis, frame)
    }

    /// Step 4.
    pub(super) fn rank_analyzed<'a>(
        &self,
        request: Request,
        analysis: Analysis,
        frame: &Frame<'a, '_>,
    ) -> Asked<'a> {
        let input = Input {
            question: frame.question,
            desk: frame.desk.clone(),
            named: frame.named.clone(),
            analysis,
            request,
            moved_to: frame.moved_to.clone(),
            now: frame.now,
            may_skip_embedding: frame.may_skip_embedding,
        };
        let candidates = self.searcher.score(&input.analysis, None);
        let wants_embedding = self.searcher.wants_embedding(&input.analysis, &candidates);
        let by_words = self.rank_candidates(&input, &candidates);
        // A phrase of the knowledge means the same in every conversation.
        let is_complete = input.moved_to.is_some() || candidates.has_exact();
        let context = Context::of(self, frame.conversation, &input.analysis, frame.now);
        let context = context.map(|context| match frame.is_correction {
            true => context.of_correction(),
            false => context,
        });
        let context = context.filter(|_| !is_complete && input.request.before.is_none());
        let may_need_context = context.as_ref().is_some_and(|context| context.is_fragment);
        Asked {
            wants_embedding: wants_embedding
                && (may_need_context || !self.is_decisive(Some(&by_words), &input)),
            context,
            input,
            candidates,
            by_words,
        }
    }

    /// Step 6: ranks with the embedding, unless the ranking by words is decisive.
    ///
    /// Removes entries that are not valid and, if the question is for one desk, the subjects of
    /// other desks.
    pub(super) fn rank(
        &self,
        input: &Input<'_>,
        candidates: &mut Candidates,
        by_words: Option<Ranking>,
        embedding: Option<&Vector>,
        context: Option<&Analysis>,
    ) -> Ranking {
        let is_decisive = self.is_decisive(by_words.as_ref(), input);
        let mut ranking = match (embedding, by_words) {
            (Some(embedding), _) if !is_decisive => {
                self.searcher.add_embedding(candidates, embedding, context);
                self.rank_candidates(input, candidates)
            }
            (_, Some(by_words)) => by_words,
            (_, None) => self.rank_candidates(input, candidates),
        };
        self.hide_invalid(&mut ranking, input.now);
        if let Some(desk) = &input.moved_to {
            ranking.keep(|subject| self.searcher.desk(subject) == Some(desk));
        }
        if let Some(chosen) = input.question.desk {
            let is_other = |desk: &DeskId| desk != chosen;
            ranking.keep(|subject| !self.searcher.desk(subject).is_some_and(is_other));
        }
        self.prefer_hours_of_entries(&input.analysis, &mut ranking);
        ranking
    }

    /// Step 7: ranks the question together with the question of the last entry.
    pub(super) fn rank_with_context(
        &self,
        input: &Input<'_>,
        embedding: Option<&Vector>,
        last: usize,
    ) -> Ranking {
        let entry = &self.knowledge.entries[last];
        let context = self.searcher.analyze(&entry.question);
        let mut candidates = self.searcher.score(&input.analysis, Some(&context));
        let by_words = (embedding.is_none() || input.may_skip_embedding)
            .then(|| self.rank_candidates(input, &candidates));
        self.rank(input, &mut candidates, by_words, embedding, Some(&context))
    }

    pub(super) fn rank_candidates(&self, input: &Input<'_>, candidates: &Candidates) -> Ranking {
        let named: Vec<&DeskId> = input.named_in_message().into_iter().collect();
        self.searcher
            .rank_in(candidates, &input.analysis, input.desk.as_ref(), &named)
    }

    /// Returns whether a ranking by words needs no embedding.
    pub(super) fn is_decisive(&self, by_words: Option<&Ranking>, input: &Input<'_>) -> bool {
        input.may_skip_embedding
            && by_words.is_some_and(|by_words| self.searcher.is_decisive(by_words))
    }

    pub(super) fn are_all_valid(&self, now: Timestamp) -> bool {
        let today = self.today(now);
        let mut dated = self.dated_entries.iter();
        dated.all(|index| self.knowledge.entries[*index].is_valid_on(today))
    }

    /// Removes the entries that are not valid at a time; their probability goes to the entry that
    /// replaces them, else to "nothing".
    pub(super) fn hide_invalid(&self, ranking: &mut Ranking, now: Timestamp) {
        let today = self.today(now);
        self.succession
            .apply(ranking, &self.searcher, &self.knowledge, today);
        let entries = &self.knowledge.entries;
        ranking.hide(|subject| match subject {
            Subject::Entry(index) => !entries[index].is_valid_on(today),
            _ => false,
        });
    }
}
