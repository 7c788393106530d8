//! The answers of a turn: to a question, a choice, none of the choices, and a verdict.

use std::time::Instant;

use super::press::Press;
use super::turn::Turn;
use super::view::{Action, Button, Content, View};
use crate::answer::{Answer, Conversation, MAX_QUESTION_CHARS, Part, Question, Reply, render};
use crate::channels::recording::Recording;
use crate::knowledge::{DeskId, EntryId, Sentence};
use crate::records::Kind;

impl Turn<'_> {
    /// Answers a question, with a message for each of its requests.
    pub(in crate::channels) async fn ask(&self, text: &str) -> Vec<View<'_>> {
        if text.chars().count() > MAX_QUESTION_CHARS {
            let (conversation, now) = (self.conversation(), self.now);
            let reply = self
                .assistant
                .safety_reply(text, self.language, &conversation, now);
            if let Some(reply) = reply {
                self.note(Kind::Asked, Some(text), &reply);
                return vec![self.store_and_show(reply)];
            }
            let longest = MAX_QUESTION_CHARS.to_string();
            let text = self.render(Sentence::TooLong, &[("longest", &longest)]);
            return vec![self.plain(Content::Text(text))];
        }
        let question = Question {
            text,
            desk: None,
            language: self.language,
        };
        let answer = self
            .assistant
            .answer(&question, self.conversation(), self.now);
        let start = Instant::now();
        let answer = answer.await;
        let channel = self.core.profile.channel;
        self.core
            .metrics
            .observe_latency(channel, "ask", start.elapsed());
        self.note(Kind::Asked, Some(text), &answer);
        let conversations = &self.core.conversations;
        conversations.keep(self.key, answer.conversation.clone());
        let reply = render(&answer, self.knowledge(), self.language, self.today());
        let replies = reply.by_request().into_iter();
        replies
            .map(|reply| self.show(reply, answer.conversation.not_helpful))
            .collect()
    }

    /// Answers a question that was asked in reply to another message, if any.
    pub(in crate::channels) async fn ask_in_reply(
        &self,
        text: &str,
        replied: Option<&str>,
    ) -> Vec<View<'_>> {
        match replied {
            Some(replied) => {
                let question = self.assistant.question_in_reply(text, replied);
                self.ask(&question).await
            }
            None => self.ask(text).await,
        }
    }

    /// Leads to the desk after none of the offered entries fitted. The button holds no words of the
    /// member, so the draft leaves the question blank.
    pub(super) fn decline(&self, desk: Option<&DeskId>) -> View<'_> {
        let question = Question {
            text: "",
            desk,
            language: self.language,
        };
        let answer = self
            .assistant
            .decline(&question, self.conversation(), self.now);
        self.note(Kind::Declined, None, &answer);
        self.store_and_show(answer)
    }

    /// Answers with the entry that the member chose; `None` if the entry is no longer shown.
    ///
    /// `depth` is the depth of the pressed button, see [`Press::Entry`]; 0 without a button.
    pub(in crate::channels) fn choose(&self, entry: &EntryId, depth: u8) -> Option<View<'_>> {
        let conversation = deepened(self.conversation(), depth);
        let answer = self.chosen(entry, conversation)?;
        self.note(Kind::Chosen, None, &answer);
        Some(self.store_and_show(answer))
    }

    /// Returns an entry's answer without any effect on the conversation.
    pub(in crate::channels) fn preview(&self, entry: &EntryId) -> Option<View<'_>> {
        let answer = self.chosen(entry, Conversation::new(self.now))?;
        Some(self.show_answer(&answer))
    }

    fn chosen(&self, entry: &EntryId, conversation: Conversation) -> Option<Answer> {
        self.assistant
            .choose(entry, self.language, conversation, self.now)
    }

    /// Counts a verdict on an entry's answer once, and continues the conversation; `depth` is `None`
    /// if the answer helped.
    pub(super) fn rate(
        &self,
        entry: &EntryId,
        depth: Option<u8>,
        message: u64,
    ) -> Option<Vec<Action<'_>>> {
        let is_helpful = depth.is_none();
        let mut conversation = self.conversation();
        // The stored conversation may not contain this answer: it may have been given to
        // another member, by another replica, or long ago. Choose the entry again.
        if conversation.last_entry.as_ref() != Some(entry) {
            let answer = self.chosen(entry, deepened(conversation, depth.unwrap_or_default()))?;
            conversation = answer.conversation;
        }
        if !self.core.rated.insert((self.key, message)) {
            return Some(vec![Action::RemoveVerdict]);
        }
        let channel = self.core.profile.channel;
        self.core.metrics.count_feedback(channel, is_helpful);
        tracing::info!(entry = entry.as_str(), is_helpful, "feedback");
        let answer = self
            .assistant
            .rate(is_helpful, self.language, conversation, self.now);
        let recording = self.recording();
        recording.rating(Some(entry), is_helpful, None, &answer);
        let view = self.store_and_show(answer);
        let reply = if is_helpful {
            Action::Thank(view)
        } else {
            Action::Send(view)
        };
        Some(vec![Action::RemoveVerdict, reply])
    }

    /// Counts an answer by its outcome in the metrics, and records it.
    fn note(&self, kind: Kind, text: Option<&str>, answer: &Answer) {
        let channel = self.core.profile.channel;
        let metrics = &self.core.metrics;
        metrics.count_answer(channel, answer.outcome.label());
        // In the span of the update.
        tracing::Span::current().record("outcome", answer.outcome.label());
        self.recording().answer(kind, text, answer);
    }

    fn recording(&self) -> Recording<'_> {
        let (chat, member) = self.key;
        let mut conversation = [0; 16];
        conversation[..8].copy_from_slice(&chat.to_be_bytes());
        conversation[8..].copy_from_slice(&member.to_be_bytes());
        Recording {
            recorder: &self.core.records,
            assistant: &self.assistant,
            channel: self.core.profile.channel,
            conversation,
            language: self.language,
            now: self.now,
            desk: None,
        }
    }

    /// Stores an answer's conversation and shows the answer.
    fn store_and_show(&self, answer: Answer) -> View<'_> {
        let view = self.show_answer(&answer);
        let conversations = &self.core.conversations;
        conversations.keep(self.key, answer.conversation);
        view
    }

    /// Shows an answer to one request.
    fn show_answer(&self, answer: &Answer) -> View<'_> {
        let reply = render(answer, self.knowledge(), self.language, self.today());
        self.show(reply, answer.conversation.not_helpful)
    }

    fn show<'a>(&self, reply: Reply<'a>, depth: u8) -> View<'a> {
        let contact = |press| self.button(Sentence::ShowContact, press);
        let way_out = reply.parts.iter().find_map(|part| match part {
            Part::NoneOfThese(label, desk) => Some(Button {
                label: label.clone(),
                press: Press::NoneOfThese(desk.clone()),
            }),
            _ => None,
        });
        let buttons = match reply.entry() {
            Some(entry) => {
                let no = Press::NotHelpful(depth, entry.id.clone());
                vec![
                    vec![
                        self.button(Sentence::HelpfulYes, Press::Helpful(entry.id.clone())),
                        self.button(Sentence::HelpfulNo, no),
                    ],
                    vec![contact(Press::Desk(entry.desk.clone()))],
                ]
            }
            None => match way_out {
                Some(way_out) => vec![vec![way_out], vec![contact(Press::Desks)]],
                None => Vec::new(),
            },
        };
        View {
            buttons,
            depth,
            ..self.plain(Content::Reply(reply))
        }
    }
}

/// Raises the number of consecutive answers that did not help to the depth of the pressed button.
///
/// The stored number may be lower: this process may have dropped the conversation, or never had it.
fn deepened(mut conversation: Conversation, depth: u8) -> Conversation {
    if depth > conversation.not_helpful {
        conversation.not_helpful = depth;
        conversation.is_choosing = true;
    }
    conversation
}
