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
//! In the traces, step 1 is `resolve`, 2 to 4 are `rank`, 5 is `embed`, 6 to 10 are `decide`.
//!
//! Invariant: every step but 5 is a pure function of the index, the message and the time.

use jiff::Timestamp;

use super::conversation::Conversation;
use super::dialogue::{Act, Message, Wording};
use super::message::{self, ReadSentence, Request, Role};
use super::request::{Asked, Frame};
use super::selection::{self, Decided};
use super::steps::step;
use super::understanding::{Trace, Understanding};
use super::{
    Answer, Assistant, MAX_QUESTION_CHARS, MAX_READ_REQUESTS, Outcome, Question, compose, decision,
};
use crate::embedding::Vector;
use crate::knowledge::DeskId;
use crate::search::{Analysis, Ranking, Subject};

/// Weight of the ranking of the whole message, and of that of its subject line, for a request in it.
///
/// On letters and messages with several requests of the project's authors, 0.2 to 0.5 differ by one
/// answer; without it, two more answers of a hundred are wrong.
pub(super) const MESSAGE_WEIGHT: f32 = 0.35;

/// Minimum probability of small talk at which a message without a question is not read further.
const MIN_SMALL_TALK_PROBABILITY: f32 = 0.9;

/// A message after steps 0 to 4.
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
    /// The message is about a danger to a life, by its position in the knowledge.
    Danger(usize, Analysis),
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
        let reading = self.read(*question, conversation, now);
        let texts = reading.texts_to_embed().into_iter();
        let embeddings = texts.map(|text| self.searcher.embed_in_process(text?));
        let embeddings = embeddings.collect();
        self.conclude(reading, embeddings)
    }

    /// Steps 0 to 4.
    fn read<'a>(
        &self,
        question: Question<'a>,
        conversation: Conversation,
        now: Timestamp,
    ) -> Reading<'a> {
        let mut conversation = conversation.resume(now);
        let end = question.text.char_indices().nth(MAX_QUESTION_CHARS);
        let text = &question.text[..end.map_or(question.text.len(), |(index, _)| index)];
        let is_cut = text.len() < question.text.len();
        let (analysis, danger) = self.searcher.analyze_and_screen(text);
        // A danger counts also in the part that is ignored.
        let danger = if is_cut {
            self.searcher.danger(question.text)
        } else {
            danger
        };
        let question = Question { text, ..question };
        if let Some(position) = danger {
            return Reading {
                conversation,
                question,
                now,
                result: ReadingResult::Danger(position, analysis),
            };
        }
        if let Some(desk) = question.desk {
            conversation.desk = Some(desk.clone());
        }
        let resolving = step("resolve").entered();
        let message = Message::new(self, &question, &analysis, &conversation, now);
        let act = message.act();
        drop(resolving);
        let result = match act {
            Some(act) => ReadingResult::Act(act, analysis),
            None => {
                let Wording {
                    text,
                    desk,
                    is_correction,
                } = message.wording();
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
                    is_correction,
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
        let _span = step("rank").entered();
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
            let is_split = request.before.is_none() && !request.is_thanks;
            let asked = if is_single {
                None
            } else {
                Some(self.rank_request(request, &frame))
            };
            let ranked = asked.as_ref().unwrap_or(&whole);
            let more = is_split.then(|| self.split_request(ranked, &frame, is_enumeration));
            match more.flatten() {
                Some(more) => parts.extend(more),
                None => parts.extend(asked),
            }
        }
        parts.truncate(MAX_READ_REQUESTS);
        self.rank_for_common_desk(&mut parts, &mut frame);
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
        let prior = prior.map(|asked| asked.by_words.clone());
        AskedMessage {
            prior: prior.collect(),
            whole: (!message.is_framed || is_thanks).then_some(whole),
            parts,
            sentences: message.sentences,
        }
    }

    /// Ranks the parts that no entry surely answers as if they named the desk of the entries that
    /// answer the other parts: 「有料会員の料金、それと支払い方法」 is about one desk.
    fn rank_for_common_desk<'a>(&self, parts: &mut [Asked<'a>], frame: &mut Frame<'a, '_>) {
        if frame.named.is_some() || parts.len() < 2 {
            return;
        }
        let desk_of = |asked: &Asked<'_>| {
            let (subject, _) = self.sure_subject(&asked.by_words)?;
            let is_entry = matches!(subject, Subject::Entry(_));
            self.searcher.desk(subject).filter(|_| is_entry).cloned()
        };
        let desks: Vec<Option<DeskId>> = parts.iter().map(desk_of).collect();
        let mut known = desks.iter().flatten();
        let Some(common) = known
            .next()
            .filter(|desk| known.all(|other| other == *desk))
        else {
            return;
        };
        frame.named = Some(common.clone());
        for (part, _) in parts
            .iter_mut()
            .zip(&desks)
            .filter(|(_, desk)| desk.is_none())
        {
            *part = self.rank_by_words(part.input.request.clone(), frame);
        }
    }

    /// Returns whether words make sure that a message is small talk.
    fn is_small_talk(&self, whole: &Asked<'_>) -> bool {
        self.judge(&whole.by_words).small_talk >= MIN_SMALL_TALK_PROBABILITY
    }

    /// Steps 6 to 10. `embeddings` has one item for each request.
    fn conclude(&self, reading: Reading<'_>, embeddings: Vec<Option<Vector>>) -> Answer {
        let _span = step("decide").entered();
        let Reading {
            conversation,
            question,
            now,
            result,
        } = reading;
        let message = match result {
            ReadingResult::Asked(message) => message,
            ReadingResult::Danger(position, analysis) => {
                return self.reply_to_danger(position, analysis, question.language, conversation);
            }
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
        let selected = selection::select(whole, parts.collect());
        let escalator = self.escalator(question.language, now);
        let mut answer = compose::join(selected, &escalator).unwrap_or_else(|| {
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
        let mut ranking = self.rank(&input, &mut candidates, Some(by_words), embedding, None);
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
}
