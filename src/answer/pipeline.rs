//! The path of a message, from its text to the answer.
//!
//! 0. Safety: a message about a danger to a life gets help lines and no further step (`safety`).
//! 1. Dialogue: a choice, thanks, a contact question and the like need no further step; a correction
//!    changes the text that is read (`dialogue`).
//! 2. Read: split the message into requests; a single question is one request.
//!
//! Then for each request by itself:
//!
//! 3. Analyze: text to terms.
//! 4. Rank by words.
//! 5. Embed, if words are not decisive. The only step that may wait.
//! 6. Rank with the embedding.
//! 7. Resolve the context: the ranking of a question in a conversation is weighed with it (`context`).
//! 8. Decide on the outcome: all rules are in `decision`.
//! 9. Compose the answer: the desk comes from `desk`, the sentences from `compose`.
//!
//! And last, for the message:
//!
//! 10. Join: requests with the same answer are one; the others follow the first one.
//!
//! Invariant: every step but 5 is a pure function of the index, the message and the time.

use jiff::Timestamp;

use super::context::Context;
use super::conversation::Conversation;
use super::dialogue::{Act, Message, Wording};
use super::message::{self, ReadSentence, Request, Role};
use super::selection::{self, Decided};
use super::understanding::{Trace, Understanding};
use super::{
    Answer, Assistant, MAX_QUESTION_CHARS, MAX_REQUESTS, Outcome, Question, compose, decision,
};
use crate::embedding::Vector;
use crate::knowledge::DeskId;
use crate::search::{Analysis, Candidates, Ranking, Subject};

/// Weight of the ranking of the whole message, and of that of its subject line, for a request in it.
///
/// On letters and messages with several requests of the project's authors, 0.2 to 0.5 differ by one
/// answer; without it, two more answers of a hundred are wrong.
pub(super) const MESSAGE_WEIGHT: f32 = 0.35;

/// Minimum probability of the entry of a request with generic words at which it is understood
/// without the sentence before it.
const MIN_ALONE_PROBABILITY: f32 = 0.9;

/// Minimum probability of small talk at which a message without a question is not read further.
const MIN_SMALL_TALK_PROBABILITY: f32 = 0.9;

/// A message after steps 1 to 4.
struct Reading<'a> {
    conversation: Conversation,
    /// The whole message.
    question: Question<'a>,
    now: Timestamp,
    result: ReadingResult<'a>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "one value per message, never stored: a box would cost an allocation"
)]
enum ReadingResult<'a> {
    /// The message is no question.
    Act(Act, Analysis),
    /// The requests of the message, analyzed and ranked by words.
    Asked(AskedMessage<'a>),
}

/// The requests of a message after step 4.
#[derive(Default)]
struct AskedMessage<'a> {
    /// The message as one question; absent for a letter.
    whole: Option<Asked<'a>>,
    /// Its requests, if it is more than one question.
    parts: Vec<Asked<'a>>,
    /// The sentences of the message.
    sentences: Vec<ReadSentence>,
    /// The rankings of the whole message and of its subject line: weak evidence for each request.
    prior: Vec<Ranking>,
}

/// A request after step 4.
pub(super) struct Asked<'a> {
    pub(super) input: Input<'a>,
    candidates: Candidates,
    /// Absent if an embedding is needed in any case.
    pub(super) by_words: Option<Ranking>,
    /// What its ranking is weighed with.
    context: Option<Context>,
    /// Whether step 5 has to embed the request.
    wants_embedding: bool,
}

impl<'a> AskedMessage<'a> {
    fn all(&self) -> impl Iterator<Item = &Asked<'a>> {
        self.whole.iter().chain(&self.parts)
    }
}

impl Reading<'_> {
    /// Returns the text that step 5 has to embed for each request; `None` if words are decisive.
    fn texts_to_embed(&self) -> Vec<Option<&str>> {
        let ReadingResult::Asked(message) = &self.result else {
            return Vec::new();
        };
        let texts = message.all().map(|asked| {
            let text = asked.input.analysis.text.as_str();
            asked.wants_embedding.then_some(text)
        });
        texts.collect()
    }
}

/// What the requests of a message have in common.
pub(super) struct Frame<'a, 'c> {
    /// The whole message.
    question: Question<'a>,
    /// The desk of the question, or that of the conversation.
    desk: Option<DeskId>,
    /// The only desk that the message names.
    named: Option<DeskId>,
    now: Timestamp,
    /// Whether a decisive ranking by words is used without an embedding. False if subjects are
    /// removed from it afterwards, since the decisive one may be among them.
    may_skip_embedding: bool,
    conversation: &'c Conversation,
    /// The desk that the previous question is put to; only its subjects are ranked.
    moved_to: Option<DeskId>,
}

/// A request after step 3.
pub(super) struct Input<'a> {
    /// The whole message.
    question: Question<'a>,
    pub(super) request: Request,
    desk: Option<DeskId>,
    named: Option<DeskId>,
    pub(super) analysis: Analysis,
    moved_to: Option<DeskId>,
    now: Timestamp,
    may_skip_embedding: bool,
}

impl Input<'_> {
    /// Returns the desk that the rest of the message names, if the request is only a part of it.
    fn named_in_message(&self) -> Option<&DeskId> {
        self.named.as_ref().filter(|_| self.request.is_part)
    }
}

impl Assistant {
    /// Answers a question. Never fails: a question that cannot be understood is escalated.
    ///
    /// Where an embeddings server is set, waits for it up to its deadline; see
    /// [`Assistant::answer_now`] for the same without waiting.
    pub async fn answer(
        &self,
        question: &Question<'_>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Answer {
        if let Some(reply) = self.safety_reply(question.text, question.language, &conversation, now)
        {
            return reply;
        }
        let reading = self.read(*question, conversation, now);
        let embeddings = self.searcher.embed_all(&reading.texts_to_embed()).await;
        self.conclude(reading, embeddings)
    }

    /// Answers a question without waiting: sends no request to an embeddings server.
    #[must_use]
    pub fn answer_now(
        &self,
        question: &Question<'_>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Answer {
        if let Some(reply) = self.safety_reply(question.text, question.language, &conversation, now)
        {
            return reply;
        }
        let reading = self.read(*question, conversation, now);
        let texts = reading.texts_to_embed().into_iter();
        let embeddings = texts.map(|text| self.searcher.embed_in_process(text?));
        let embeddings = embeddings.collect();
        self.conclude(reading, embeddings)
    }

    /// Steps 1 to 4.
    fn read<'a>(
        &self,
        question: Question<'a>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Reading<'a> {
        let mut conversation = conversation.resume(now);
        if let Some(desk) = question.desk {
            conversation.desk = Some(desk.clone());
        }
        let end = question.text.char_indices().nth(MAX_QUESTION_CHARS);
        let text = &question.text[..end.map_or(question.text.len(), |(index, _)| index)];
        let question = Question { text, ..question };
        let analysis = self.searcher.analyze(text);
        let message = Message::new(self, &question, &analysis, &conversation, now);
        let result = match message.act() {
            Some(act) => ReadingResult::Act(act, analysis),
            None => {
                let Wording { text, desk } = message.wording();
                let analysis = match text {
                    Some(text) => self.searcher.analyze(text),
                    None => analysis,
                };
                let frame = Frame {
                    question,
                    desk: question.desk.or(conversation.desk.as_ref()).cloned(),
                    named: None,
                    now,
                    may_skip_embedding: question.desk.is_none() && self.are_all_valid(now),
                    conversation: &conversation,
                    moved_to: desk,
                };
                ReadingResult::Asked(self.read_message(analysis, frame))
            }
        };
        Reading {
            conversation,
            question,
            now,
            result,
        }
    }

    /// Steps 2 to 4.
    fn read_message<'a>(&self, analysis: Analysis, mut frame: Frame<'a, '_>) -> AskedMessage<'a> {
        let text = &analysis.text.clone();
        let whole = self.rank_analyzed(Request::whole(text), analysis, &frame);
        let mut message = message::read(
            text,
            |text| self.searcher.analyze(text),
            |word| self.searcher.is_desk_name(word),
        );
        if let [desk] = self.searcher.named_desks(&whole.input.analysis).as_slice() {
            frame.named = Some((*desk).clone());
        }
        let is_thanks = message.requests.iter().any(|request| request.is_thanks);
        let is_single = message.sentences.is_empty() && message.requests.is_empty();
        let asks = message
            .sentences
            .iter()
            .any(|sentence| sentence.role == Role::Request);
        if whole.candidates.has_exact() || !asks && self.is_small_talk(&whole) {
            message.requests.clear();
        } else if is_single {
            message.requests.push(Request::whole(text));
        }
        let is_enumeration = !is_single && message::has_enumeration(text);
        let mut parts = Vec::new();
        for request in message.requests {
            let is_split = request.before.is_none();
            let asked = if is_single {
                None
            } else {
                Some(self.rank_request(request, &frame))
            };
            let ranked = asked.as_ref().unwrap_or(&whole);
            let more = is_split.then(|| self.split_request(ranked, &frame, is_enumeration));
            match more.flatten() {
                Some(more) => {
                    let more = more.into_iter();
                    parts.extend(more.map(|request| self.rank_by_words(request, &frame)));
                }
                None => parts.extend(asked),
            }
        }
        parts.truncate(MAX_REQUESTS);
        if parts.is_empty() || parts.len() == 1 && !message.is_framed {
            return AskedMessage {
                whole: Some(whole),
                sentences: message.sentences,
                ..AskedMessage::default()
            };
        }
        let subject = message.subject.as_deref().map(|subject| {
            let request = Request::part(subject, subject.to_owned());
            self.rank_by_words(request, &frame)
        });
        let prior = [Some(&whole), subject.as_ref()].into_iter().flatten();
        let prior = prior.map(|asked| self.rank_candidates(&asked.input, &asked.candidates));
        AskedMessage {
            prior: prior.collect(),
            whole: (!message.is_framed || is_thanks).then_some(whole),
            parts,
            sentences: message.sentences,
        }
    }

    /// Returns whether words make sure that a message is small talk.
    fn is_small_talk(&self, whole: &Asked<'_>) -> bool {
        let judgement = whole.by_words.as_ref().map(|ranking| self.judge(ranking));
        judgement.is_some_and(|judgement| judgement.small_talk >= MIN_SMALL_TALK_PROBABILITY)
    }

    /// Steps 3 and 4, for a request that may not be understood without the sentence before it.
    fn rank_request<'a>(&self, mut request: Request, frame: &Frame<'a, '_>) -> Asked<'a> {
        let Some(before) = request.before.clone() else {
            return self.rank_by_words(request, frame);
        };
        if request.may_stand_alone {
            let alone = Request {
                before: None,
                ..request.clone()
            };
            let asked = self.rank_by_words(alone, frame);
            let subject = asked
                .by_words
                .as_ref()
                .and_then(|ranking| self.sure_subject(ranking));
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
    fn rank_analyzed<'a>(
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
        let by_words = (!wants_embedding || input.may_skip_embedding)
            .then(|| self.rank_candidates(&input, &candidates));
        // A phrase of the knowledge means the same in every conversation.
        let is_complete = input.moved_to.is_some() || candidates.has_exact();
        let context = Context::of(self, frame.conversation, &input.analysis, frame.now);
        let context = context.filter(|_| !is_complete && input.request.before.is_none());
        let may_need_context = context.as_ref().is_some_and(|context| context.is_fragment);
        Asked {
            wants_embedding: wants_embedding
                && (may_need_context || !self.is_decisive(by_words.as_ref(), &input)),
            context,
            input,
            candidates,
            by_words,
        }
    }

    /// Steps 6 to 10. `embeddings` has one item for each request.
    fn conclude(&self, reading: Reading<'_>, embeddings: Vec<Option<Vector>>) -> Answer {
        let Reading {
            conversation,
            question,
            now,
            result,
        } = reading;
        let message = match result {
            ReadingResult::Asked(message) => message,
            ReadingResult::Act(act, analysis) => {
                return self.perform(act, question, analysis, conversation, now);
            }
        };
        let mut embeddings = embeddings.into_iter();
        let whole = message.whole.map(|asked| {
            let embedding = embeddings.next().flatten();
            self.decide(asked, embedding.as_ref(), &[], conversation.clone())
        });
        let parts = message.parts.into_iter().zip(embeddings);
        let parts = parts.map(|(asked, embedding)| {
            let request = asked.input.request.clone();
            let conversation = conversation.clone();
            let answer = self.decide(asked, embedding.as_ref(), &message.prior, conversation);
            Decided { request, answer }
        });
        let answers = selection::select(whole, parts.collect());
        let mut answer = compose::join(answers).unwrap_or_else(|| {
            // Not reached: a message has at least one request.
            Answer::of_sentence(Outcome::Escalated, 0.0, String::new(), conversation)
        });
        if let Some(trace) = &mut answer.trace {
            trace.message = message.sentences;
        }
        answer
    }

    /// Steps 6 to 9, for one request.
    fn decide(
        &self,
        asked: Asked<'_>,
        embedding: Option<&Vector>,
        prior: &[Ranking],
        conversation: Conversation,
    ) -> Answer {
        let Asked {
            input,
            mut candidates,
            by_words,
            context,
            ..
        } = asked;
        let mut ranking = self.rank(&input, &mut candidates, by_words, embedding, None);
        if input.request.is_part && !input.request.is_thanks {
            // What asks is no small talk, however much courtesy is around it.
            ranking.keep(|subject| !matches!(subject, Subject::SmallTalk(_)));
            for prior in prior {
                ranking.blend(prior, MESSAGE_WEIGHT);
            }
        }
        let mut judgement = self.judge(&ranking);
        if let Some(context) = &context {
            if let Some(last) = context.last.filter(|_| context.is_blended) {
                ranking = self.rank_with_context(&input, embedding, last);
            }
            context.weigh(self, &input.analysis, &mut ranking);
            judgement = self.judge(&ranking);
        }
        let mut named_desks = self.searcher.named_desks(&input.analysis);
        if named_desks.is_empty()
            && let Some(desk) = input.named_in_message()
        {
            named_desks.extend(self.knowledge.desk(desk.as_str()).map(|desk| &desk.id));
        }
        let mut understanding = Understanding {
            assistant: self,
            named_desks,
            question: input.question,
            request: input.request,
            conversation,
            escalator: self.escalator(input.question.language, input.now),
            analysis: input.analysis,
            candidates,
            ranking,
            context,
            is_moved: input.moved_to.is_some(),
            act: None,
            judgement,
        };
        understanding.judgement.decision = decision::decide(&understanding);
        let mut answer = compose::answer(&understanding);
        answer.trace = Some(Box::new(Trace::from(understanding)));
        answer
    }

    /// Step 6: ranks with the embedding, unless the ranking by words is decisive.
    ///
    /// Removes entries that are not valid and, if the question is for one desk, the subjects of
    /// other desks.
    fn rank(
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
        ranking
    }

    /// Step 7: ranks the question together with the question of the last entry.
    fn rank_with_context(
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

    fn rank_candidates(&self, input: &Input<'_>, candidates: &Candidates) -> Ranking {
        let named: Vec<&DeskId> = input.named_in_message().into_iter().collect();
        self.searcher
            .rank_in(candidates, &input.analysis, input.desk.as_ref(), &named)
    }

    /// Returns whether a ranking by words needs no embedding.
    fn is_decisive(&self, by_words: Option<&Ranking>, input: &Input<'_>) -> bool {
        input.may_skip_embedding
            && by_words.is_some_and(|by_words| self.searcher.is_decisive(by_words))
    }

    fn are_all_valid(&self, now: Timestamp) -> bool {
        let today = self.today(now);
        let mut dated = self.dated_entries.iter();
        dated.all(|index| self.knowledge.entries[*index].is_valid_on(today))
    }

    /// Removes the entries that are not valid at a time; their probability goes to "nothing".
    pub(super) fn hide_invalid(&self, ranking: &mut Ranking, now: Timestamp) {
        let today = self.today(now);
        let entries = &self.knowledge.entries;
        ranking.hide(|subject| match subject {
            Subject::Entry(index) => !entries[index].is_valid_on(today),
            _ => false,
        });
    }
}
