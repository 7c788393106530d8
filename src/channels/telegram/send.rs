//! Calls of the Bot API: messages, edits, answers to presses and inline queries.
//!
//! Invariants: no log line contains the token or a member's words; the rate limit of one chat does
//! not delay other chats.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use teloxide::payloads::{
    AnswerCallbackQuerySetters, AnswerInlineQuerySetters, EditMessageReplyMarkupSetters,
    EditMessageTextSetters, SendChatActionSetters, SendMessageSetters,
};
use teloxide::requests::{Output, Request, Requester};
use teloxide::types::{
    CallbackQueryId, ChatAction, ChatId, InlineKeyboardMarkup, InlineQueryId,
    InlineQueryResultsButton, InlineQueryResultsButtonKind, MessageId, ParseMode, ReplyParameters,
    ThreadId,
};
use teloxide::{ApiError, Bot, RequestError};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::html::Html;
use super::inline::{ResultPage, no_preview};
use super::rate::{Limits, OverallLimiter, RateLimiter};
use crate::channels::bot::{Retry, Unfinished, retry_until_cancelled};

/// Delay before the typing status is shown.
const TYPING_DELAY: Duration = Duration::from_millis(300);

/// Interval of the typing status; Telegram shows it for five seconds.
const TYPING_INTERVAL: Duration = Duration::from_secs(4);

/// Maximum number of retries of a call.
const MAX_RETRIES: usize = 4;

/// Delay before the first retry; it doubles with each further one.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// Upper bound of a delay that Telegram requires; a later answer would be too late to help.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(120);

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
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) chat: ChatId,
    pub(super) thread: Option<ThreadId>,
    pub(super) reply_to: Option<MessageId>,
}

/// Calls the Bot API.
pub(super) struct Caller {
    pub(super) bot: Bot,
    overall: OverallLimiter,
    token: String,
}

impl Caller {
    pub(super) fn new(bot: Bot, token: String, limits: &Limits) -> Self {
        let overall = OverallLimiter::new(limits);
        Self {
            bot,
            overall,
            token,
        }
    }

    /// Performs one operation in a chat.
    pub(super) async fn perform(
        &self,
        place: Place,
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
                match self.call(request).await {
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
                match self.call(request.reply_markup(markup)).await {
                    Err(error) if !is_unchanged(&error) => {
                        self.log("editMessageReplyMarkup", &error);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Sends a message in as many parts as needed, with the buttons under the last.
    async fn send(&self, place: Place, outgoing: Outgoing, limiter: &mut RateLimiter) {
        let parts = outgoing.html.parts();
        let mut keyboard = outgoing.keyboard;
        let last = parts.len().saturating_sub(1);
        for (index, text) in parts.into_iter().enumerate() {
            let mut request = self.bot.send_message(place.chat, text);
            request = request.parse_mode(ParseMode::Html);
            request = request.link_preview_options(no_preview());
            if let Some(thread) = place.thread {
                request = request.message_thread_id(thread);
            }
            if let Some(message) = place.reply_to.filter(|_| index == 0) {
                let reply = ReplyParameters::new(message).allow_sending_without_reply();
                request = request.reply_parameters(reply);
            }
            if let Some(keyboard) = keyboard.take_if(|_| index == last) {
                request = request.reply_markup(keyboard);
            }
            limiter.acquire(&self.overall).await;
            if let Err(error) = self.call(request).await {
                self.log("sendMessage", &error);
                // Never send a message with a gap: a negation may be in the part that is missing.
                return;
            }
        }
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
        let mut next = TYPING_DELAY;
        loop {
            tokio::select! {
                biased;
                () = &mut work => return,
                () = sleep(next) => {}
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

    /// Makes a call, and retries it after transient errors.
    pub(super) async fn call<R>(&self, request: R) -> Result<Output<R>, RequestError>
    where
        R: Request<Err = RequestError>,
    {
        let delays = ExponentialBuilder::new()
            .with_min_delay(RETRY_DELAY)
            .without_max_delay()
            .with_max_times(MAX_RETRIES);
        let attempt = || request.send_ref();
        let retried = attempt.retry(delays).when(is_transient);
        let retried = retried.adjust(|error, delay| match error {
            RequestError::RetryAfter(seconds) => delay.map(|_| seconds.duration()),
            _ => delay,
        });
        retried.await
    }

    /// Makes a call until it succeeds, Telegram rejects the token, or the service stops; logs a
    /// rejected token.
    pub(super) async fn call_until_cancelled<T, F>(
        &self,
        action: &str,
        stop: &CancellationToken,
        attempt: impl FnMut() -> F,
    ) -> Result<T, Unfinished<RequestError>>
    where
        F: Future<Output = Result<T, RequestError>>,
    {
        let classify = |error: &RequestError| self.classify(error);
        let called = retry_until_cancelled("Telegram", action, stop, attempt, classify).await;
        if let Err(Unfinished::Failed(error)) = &called {
            tracing::error!(
                cause = self.describe(error),
                hint = "set MADOGUCHI_TELEGRAM_TOKEN to the bot's token from BotFather, or leave it out",
                "Telegram bot off: token rejected"
            );
        }
        called
    }

    /// Classifies the failure of a call that is retried until it succeeds.
    fn classify(&self, error: &RequestError) -> Retry {
        match error {
            RequestError::Api(ApiError::InvalidToken) => Retry::Never,
            RequestError::Api(ApiError::TerminatedByOtherGetUpdates) => Retry::later(
                "another process polls with this token; stop that process, or use a webhook",
            ),
            RequestError::RetryAfter(seconds) => Retry::After {
                at_least: seconds.duration(),
                cause: self.describe(error),
            },
            _ => Retry::later(self.describe(error)),
        }
    }

    /// Logs a call that failed permanently.
    fn log(&self, method: &str, error: &RequestError) {
        let cause = self.describe(error);
        if is_blocked(error) {
            tracing::debug!(
                method,
                cause,
                "Telegram: call refused, chat closed to the bot"
            );
        } else {
            tracing::warn!(method, cause, "Telegram: call failed");
        }
    }

    /// Describes an error for the log. Omits the token, which every address contains, and the
    /// response of Telegram, which may contain a member's words.
    pub(super) fn describe(&self, error: &RequestError) -> String {
        let described = match error {
            RequestError::InvalidJson { source, .. } => {
                format!("unexpected response ({:?})", source.classify())
            }
            RequestError::Network(error) => {
                let mut text = error.to_string();
                let mut source = std::error::Error::source(&**error);
                while let Some(cause) = source {
                    text.push_str(": ");
                    text.push_str(&cause.to_string());
                    source = cause.source();
                }
                text
            }
            other => other.to_string(),
        };
        let secret = self.token.split_once(':').map_or("", |(_, secret)| secret);
        let described = described.replace(&self.token, "***");
        if secret.is_empty() {
            described
        } else {
            described.replace(secret, "***")
        }
    }
}

/// Returns whether a retry may succeed. A retry may send a message twice if the response was lost,
/// which is better than never.
fn is_transient(error: &RequestError) -> bool {
    match error {
        RequestError::RetryAfter(seconds) => seconds.duration() <= MAX_RETRY_AFTER,
        RequestError::Network(_) | RequestError::InvalidJson { .. } | RequestError::Io(_) => true,
        // The descriptions of status 500 and above.
        RequestError::Api(ApiError::Unknown(text)) => {
            let transient = ["Bad Gateway", "Internal Server Error", "Gateway Timeout"];
            transient.iter().any(|prefix| text.starts_with(prefix))
        }
        _ => false,
    }
}

/// Returns whether an edit changed nothing, for example after a second press of the same button.
fn is_unchanged(error: &RequestError) -> bool {
    matches!(error, RequestError::Api(ApiError::MessageNotModified))
}

/// Returns whether the chat is closed to the bot.
fn is_blocked(error: &RequestError) -> bool {
    matches!(
        error,
        RequestError::Api(
            ApiError::BotBlocked
                | ApiError::UserDeactivated
                | ApiError::ChatNotFound
                | ApiError::BotKicked
                | ApiError::BotKickedFromSupergroup
        )
    )
}
