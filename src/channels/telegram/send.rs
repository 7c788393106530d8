//! What the bot does -> calls of the Bot API, at the pace that Telegram allows.
//!
//! A call that Telegram puts off is made again when it says, one that is lost on the way a few
//! times. Invariants: no log line holds the token or a member's words; what one chat waits for,
//! no other chat waits for.

use std::time::Duration;

use teloxide::payloads::{
    AnswerCallbackQuerySetters, AnswerInlineQuerySetters, EditMessageReplyMarkupSetters,
    EditMessageTextSetters, SendChatActionSetters, SendMessageSetters,
};
use teloxide::requests::{Output, Request, Requester};
use teloxide::types::{
    CallbackQueryId, ChatAction, ChatId, InlineQueryId, InlineQueryResultsButton,
    InlineQueryResultsButtonKind, MessageId, ParseMode, ReplyParameters, ThreadId,
};
use teloxide::{ApiError, Bot, RequestError};
use tokio::time::{sleep, timeout};

use super::inline::{Page, no_preview};
use super::pace::{Limits, Overall, Pace};
use super::respond::{Action, Outgoing};

/// How long an answer may take before the chat shows that the bot is writing.
const UNNOTICED: Duration = Duration::from_millis(300);

/// How often to say again that the bot is writing; Telegram shows it for five seconds.
const STILL_TYPING: Duration = Duration::from_secs(4);

/// How often a call is made before it is given up.
const MOST_ATTEMPTS: u32 = 5;

/// The first wait after a call was lost; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Longest wait that Telegram may ask for; an answer that comes later helps nobody.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// How long a press or an inline query may wait for its answer; Telegram gives up soon after.
const PROMPT: Duration = Duration::from_secs(10);

/// How long an inline result may be kept by Telegram, in seconds.
const CACHE: u32 = 60;

/// Where to send: the chat, the forum topic, the message that is answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) chat: ChatId,
    pub(super) thread: Option<ThreadId>,
    pub(super) reply_to: Option<MessageId>,
}

/// Calls the Bot API.
pub(super) struct Caller {
    pub(super) bot: Bot,
    overall: Overall,
    token: String,
}

impl Caller {
    pub(super) fn new(bot: Bot, token: String, limits: &Limits) -> Self {
        let overall = Overall::new(limits);
        Self {
            bot,
            overall,
            token,
        }
    }

    /// Does one thing in a chat.
    pub(super) async fn perform(&self, place: Place, action: Action, pace: &mut Pace) {
        match action {
            Action::Send(outgoing) => self.send(place, outgoing, pace).await,
            Action::Edit(message, outgoing) => {
                let parts = outgoing.html.parts();
                let text = parts.first().cloned().unwrap_or_default();
                let mut request = self.bot.edit_message_text(place.chat, message, text);
                request = request.parse_mode(ParseMode::Html);
                if let Some(keyboard) = outgoing.keyboard.clone() {
                    request = request.reply_markup(keyboard);
                }
                pace.enter(&self.overall).await;
                match self.call(request).await {
                    Err(error) if !is_unchanged(&error) => {
                        self.log("edit", &error);
                        // The message may be gone; what was asked for is not.
                        self.send(place, outgoing, pace).await;
                    }
                    _ => {}
                }
            }
            Action::Buttons(message, markup) => {
                let request = self.bot.edit_message_reply_markup(place.chat, message);
                pace.enter(&self.overall).await;
                match self.call(request.reply_markup(markup)).await {
                    Err(error) if !is_unchanged(&error) => self.log("buttons", &error),
                    _ => {}
                }
            }
        }
    }

    /// Sends a message in as many parts as it takes; the buttons are under the last.
    async fn send(&self, place: Place, outgoing: Outgoing, pace: &mut Pace) {
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
            pace.enter(&self.overall).await;
            if let Err(error) = self.call(request).await {
                self.log("send", &error);
                // A part alone may say the opposite of the whole.
                return;
            }
        }
    }

    /// Answers a press, with a sentence or without.
    pub(super) async fn acknowledge(&self, query: CallbackQueryId, text: Option<&str>) {
        let mut request = self.bot.answer_callback_query(query);
        if let Some(text) = text {
            request = request.text(text);
        }
        if let Ok(Err(error)) = timeout(PROMPT, self.call(request)).await {
            self.log("callback", &error);
        }
    }

    /// Answers an inline query.
    pub(super) async fn offer(&self, query: InlineQueryId, page: Page) {
        let request = self.bot.answer_inline_query(query, page.results);
        // In one member's language.
        let request = request.cache_time(CACHE).is_personal(true);
        let mut request = request.next_offset(page.next_offset);
        if let Some(text) = page.button {
            let kind = InlineQueryResultsButtonKind::StartParameter("ask".to_owned());
            request = request.button(InlineQueryResultsButton { text, kind });
        }
        if let Ok(Err(error)) = timeout(PROMPT, self.call(request)).await {
            self.log("inline", &error);
        }
    }

    /// Waits for something, and shows that the bot is writing if it takes long.
    pub(super) async fn typing_while(&self, place: Place, work: impl Future<Output = ()>) {
        tokio::pin!(work);
        let mut next = UNNOTICED;
        loop {
            tokio::select! {
                biased;
                () = &mut work => return,
                () = sleep(next) => {}
            }
            next = STILL_TYPING;
            let mut request = self.bot.send_chat_action(place.chat, ChatAction::Typing);
            if let Some(thread) = place.thread {
                request = request.message_thread_id(thread);
            }
            // Nobody waits for it, and nothing is lost with it.
            tokio::spawn(request.send());
        }
    }

    /// Makes a call, again where that may help.
    pub(super) async fn call<R>(&self, request: R) -> Result<Output<R>, RequestError>
    where
        R: Request<Err = RequestError>,
    {
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let error = match request.send_ref().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            match &error {
                _ if attempt >= MOST_ATTEMPTS => return Err(error),
                RequestError::RetryAfter(seconds) if seconds.duration() <= LONGEST_WAIT => {
                    let seconds = seconds.seconds();
                    tracing::debug!(seconds, "Telegram asks to wait");
                    sleep(Duration::from_secs(seconds.into())).await;
                }
                error if is_passing(error) => {
                    sleep(wait).await;
                    wait *= 2;
                }
                _ => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Logs that a call failed for good.
    fn log(&self, what: &str, error: &RequestError) {
        let cause = self.describe(error);
        if is_refused(error) {
            tracing::debug!(what, cause, "the member does not want to hear from the bot");
        } else {
            tracing::warn!(what, cause, "a call of the Bot API failed");
        }
    }

    /// Describes an error for the log: without the token, which is in every address, and without
    /// what Telegram sent, which may hold a member's words.
    pub(super) fn describe(&self, error: &RequestError) -> String {
        let described = match error {
            RequestError::InvalidJson { source, .. } => {
                format!(
                    "the answer is not what the Bot API sends ({:?})",
                    source.classify()
                )
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

/// Tells whether a call may succeed when it is made again. A message whose confirmation was lost
/// comes twice then, which is better than not at all.
fn is_passing(error: &RequestError) -> bool {
    match error {
        RequestError::Network(_) | RequestError::InvalidJson { .. } | RequestError::Io(_) => true,
        // What Telegram answers with a status of 500 and above.
        RequestError::Api(ApiError::Unknown(text)) => {
            let passing = ["Bad Gateway", "Internal Server Error", "Gateway Timeout"];
            passing.iter().any(|beginning| text.starts_with(beginning))
        }
        _ => false,
    }
}

/// Tells whether an edit changes nothing, as when a button is pressed twice.
fn is_unchanged(error: &RequestError) -> bool {
    matches!(error, RequestError::Api(ApiError::MessageNotModified))
}

/// Tells whether the chat is closed to the bot.
fn is_refused(error: &RequestError) -> bool {
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
