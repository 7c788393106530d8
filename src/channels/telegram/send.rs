//! Sends messages and edits, and answers presses and inline queries.
//!
//! Invariants: the rate limit of one chat does not delay other chats; a message is never sent with a
//! gap.

use std::time::Duration;

use teloxide::payloads::{
    AnswerCallbackQuerySetters, AnswerInlineQuerySetters, EditMessageReplyMarkupSetters,
    EditMessageTextSetters, SendChatActionSetters, SendMessageSetters,
};
use teloxide::requests::{Request, Requester};
use teloxide::types::{
    CallbackQueryId, ChatAction, ChatId, InlineKeyboardMarkup, InlineQueryId,
    InlineQueryResultsButton, InlineQueryResultsButtonKind, MessageId, ParseMode, ReplyParameters,
    ThreadId,
};
use teloxide::{ApiError, RequestError};
use tokio::time::{Instant, sleep, timeout};

use super::call::Caller;
use super::html::Html;
use super::inline::{ResultPage, no_preview};
use super::rate::RateLimiter;

/// Delay before the typing status is shown.
const TYPING_DELAY: Duration = Duration::from_millis(300);

/// Interval of the typing status; Telegram shows it for five seconds.
const TYPING_INTERVAL: Duration = Duration::from_secs(4);

/// Time for which the typing status is shown; an answer that takes longer waits for Telegram.
const MAX_TYPING: Duration = Duration::from_secs(60);

/// Time limit of the answer to a press or an inline query; Telegram gives up soon after.
const QUERY_TIMEOUT: Duration = Duration::from_secs(10);

/// Cache lifetime of an inline result.
const CACHE_SECONDS: u32 = 60;

/// A message of any length.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) html: Html,
    pub(super) keyboard: Option<InlineKeyboardMarkup>,
}

/// An operation of the bot in a chat.
#[derive(Debug)]
pub(super) enum Operation {
    /// Sends a message.
    Send(Outgoing),
    /// Replaces the text and the buttons of a message.
    Edit(MessageId, Outgoing),
    /// Replaces the buttons of a message.
    EditButtons(MessageId, InlineKeyboardMarkup),
}

/// The destination of a message: the chat, the forum topic, and the message to reply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) chat: ChatId,
    pub(super) thread: Option<ThreadId>,
    pub(super) reply_to: Option<MessageId>,
}

impl Place {
    /// Returns the place to which a refused message must be sent instead; `None` if there is none.
    ///
    /// Messages have other ids in the supergroup that a group became, and a reply to a message in a
    /// closed topic would be in that topic, so neither is a reply.
    fn elsewhere(self, error: &RequestError) -> Option<Self> {
        let other = match error {
            RequestError::MigrateToChatId(chat) => Self {
                chat: *chat,
                thread: None,
                reply_to: None,
            },
            RequestError::Api(error) if is_topic_closed(error) => Self {
                chat: self.chat,
                thread: None,
                reply_to: None,
            },
            _ => return None,
        };
        (other != self).then_some(other)
    }
}

impl Caller {
    /// Performs one operation in a chat. Changes the place if Telegram no longer accepts messages
    /// there.
    pub(super) async fn perform(
        &self,
        place: &mut Place,
        operation: Operation,
        limiter: &mut RateLimiter,
    ) {
        match operation {
            Operation::Send(outgoing) => self.send(place, outgoing, limiter).await,
            Operation::Edit(message, outgoing) => {
                let parts = outgoing.html.parts();
                let text = parts.first().cloned().unwrap_or_default();
                let mut request = self.bot.edit_message_text(place.chat, message, text);
                request = request.parse_mode(ParseMode::Html);
                if let Some(keyboard) = outgoing.keyboard.clone() {
                    request = request.reply_markup(keyboard);
                }
                limiter.acquire(&self.overall).await;
                match self.call_patiently(request).await {
                    Err(error) if !is_unchanged(&error) => {
                        self.log("editMessageText", &error);
                        // The message may have been deleted.
                        self.send(place, outgoing, limiter).await;
                    }
                    _ => {}
                }
            }
            Operation::EditButtons(message, markup) => {
                let request = self.bot.edit_message_reply_markup(place.chat, message);
                limiter.acquire(&self.overall).await;
                match self.call_patiently(request.reply_markup(markup)).await {
                    Err(error) if !is_unchanged(&error) => {
                        self.log("editMessageReplyMarkup", &error);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Sends a message in as many parts as needed, with the buttons under the last.
    async fn send(&self, place: &mut Place, outgoing: Outgoing, limiter: &mut RateLimiter) {
        let parts = outgoing.html.parts();
        let last = parts.len().saturating_sub(1);
        let mut here = *place;
        for (index, text) in parts.into_iter().enumerate() {
            let keyboard = outgoing.keyboard.as_ref().filter(|_| index == last);
            let mut sent = self.send_part(here, &text, keyboard, limiter).await;
            while let Err(error) = &sent
                && let Some(other) = here.elsewhere(error)
            {
                (here, *place) = (other, other);
                sent = self.send_part(here, &text, keyboard, limiter).await;
            }
            if let Err(error) = sent {
                self.log("sendMessage", &error);
                // Never send a message with a gap: a negation may be in the part that is missing.
                return;
            }
            // Only the first part is a reply.
            here.reply_to = None;
        }
    }

    async fn send_part(
        &self,
        place: Place,
        text: &str,
        keyboard: Option<&InlineKeyboardMarkup>,
        limiter: &mut RateLimiter,
    ) -> Result<(), RequestError> {
        let mut request = self.bot.send_message(place.chat, text);
        request = request.parse_mode(ParseMode::Html);
        request = request.link_preview_options(no_preview());
        if let Some(thread) = place.thread {
            request = request.message_thread_id(thread);
        }
        if let Some(message) = place.reply_to {
            let reply = ReplyParameters::new(message).allow_sending_without_reply();
            request = request.reply_parameters(reply);
        }
        if let Some(keyboard) = keyboard {
            request = request.reply_markup(keyboard.clone());
        }
        limiter.acquire(&self.overall).await;
        self.call_patiently(request).await.map(drop)
    }

    /// Answers a press, with or without a notice.
    pub(super) async fn acknowledge(&self, query: CallbackQueryId, notice: Option<&str>) {
        let mut request = self.bot.answer_callback_query(query);
        if let Some(text) = notice {
            request = request.text(text);
        }
        if let Ok(Err(error)) = timeout(QUERY_TIMEOUT, self.call(request)).await {
            self.log("answerCallbackQuery", &error);
        }
    }

    /// Answers an inline query.
    pub(super) async fn offer(&self, query: InlineQueryId, page: ResultPage) {
        let request = self.bot.answer_inline_query(query, page.results);
        // The results are in the language of one member.
        let request = request.cache_time(CACHE_SECONDS).is_personal(true);
        let mut request = request.next_offset(page.next_offset);
        if let Some(text) = page.button {
            let kind = InlineQueryResultsButtonKind::StartParameter("ask".to_owned());
            request = request.button(InlineQueryResultsButton { text, kind });
        }
        if let Ok(Err(error)) = timeout(QUERY_TIMEOUT, self.call(request)).await {
            self.log("answerInlineQuery", &error);
        }
    }

    /// Waits for `work`; shows the typing status after [`TYPING_DELAY`].
    pub(super) async fn typing_while(&self, place: Place, work: impl Future<Output = ()>) {
        tokio::pin!(work);
        let end = Instant::now() + MAX_TYPING;
        let mut next = TYPING_DELAY;
        loop {
            tokio::select! {
                biased;
                () = &mut work => return,
                () = sleep(next), if Instant::now() < end => {}
            }
            next = TYPING_INTERVAL;
            let mut request = self.bot.send_chat_action(place.chat, ChatAction::Typing);
            if let Some(thread) = place.thread {
                request = request.message_thread_id(thread);
            }
            // The answer does not wait for the status, and does not depend on it.
            tokio::spawn(request.send());
        }
    }
}

/// Returns whether an edit changed nothing, for example after a second press of the same button.
fn is_unchanged(error: &RequestError) -> bool {
    matches!(error, RequestError::Api(ApiError::MessageNotModified))
}

/// Returns whether a topic of a forum is closed or deleted.
fn is_topic_closed(error: &ApiError) -> bool {
    let text = error.to_string().to_ascii_lowercase();
    ["topic_closed", "topic_deleted", "thread not found"]
        .iter()
        .any(|cause| text.contains(cause))
}
