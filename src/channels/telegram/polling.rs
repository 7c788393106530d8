//! Long polling: asks Telegram for updates until told to stop.
//!
//! Invariants: a lost connection is tried again for ever, ever less often; what was fetched is
//! done before the end, and only what is done is confirmed to Telegram there.

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::GetUpdatesSetters;
use teloxide::requests::Requester;
use teloxide::types::{AllowedUpdate, Update};
use teloxide::{ApiError, RequestError};
use tokio::time::timeout;

use super::inbox::Inbox;
use super::send::Caller;
use crate::channels::backoff::Backoff;
use crate::channels::bot::{GRACE, Stop};

/// How long Telegram waits for an update before it answers that there is none, in seconds. The
/// client gives up after 17.
const WAIT: u32 = 10;

/// Most updates in one answer.
const MOST: u8 = 100;

/// How long the last call may take.
const LAST: Duration = Duration::from_secs(3);

/// What the bot wants to hear of.
pub(super) const ALLOWED: [AllowedUpdate; 4] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::InlineQuery,
];

/// Polls until told to stop.
pub(super) async fn run(caller: &Caller, inbox: &Arc<Inbox>, mut stop: Stop) {
    let mut offset = None;
    let mut backoff = Backoff::new("Telegram");
    'polling: while !stop.is_told() {
        let fetched = tokio::select! {
            fetched = fetch(caller, offset, WAIT, MOST) => fetched,
            () = stop.told() => break,
        };
        match fetched {
            Ok(updates) => {
                backoff.succeed();
                for update in updates {
                    let next = update.id.0.saturating_add(1);
                    tokio::select! {
                        _ = inbox.accept(update) => offset = Some(next),
                        () = stop.told() => break 'polling,
                    }
                }
            }
            Err(error) => {
                let wait = backoff.fail();
                let cause = caller.describe(&error);
                let seconds = wait.as_secs_f32();
                match error {
                    RequestError::Api(ApiError::TerminatedByOtherGetUpdates) => tracing::warn!(
                        seconds,
                        hint =
                            "stop the other process that polls with this token, or use a webhook",
                        "another process takes the updates of this bot"
                    ),
                    _ => tracing::warn!(cause, seconds, "no updates from Telegram; trying again"),
                }
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = stop.told() => break,
                }
            }
        }
    }
    let left = inbox.finish(GRACE).await;
    if left > 0 {
        tracing::warn!(left, "some updates could not be answered in time");
    }
    // Else they would be fetched, and answered, again after the next start.
    let done = match inbox.oldest() {
        Some(oldest) => offset.map(|offset| offset.min(oldest)),
        None => offset,
    };
    if done.is_some()
        && let Ok(Err(error)) = timeout(LAST, fetch(caller, done, 0, 1)).await
    {
        let cause = caller.describe(&error);
        tracing::warn!(cause, "Telegram may send the last updates again");
    }
}

async fn fetch(
    caller: &Caller,
    offset: Option<u32>,
    wait: u32,
    most: u8,
) -> Result<Vec<Update>, RequestError> {
    let request = caller.bot.get_updates().timeout(wait).limit(most);
    let mut request = request.allowed_updates(ALLOWED);
    if let Some(offset) = offset.and_then(|offset| i32::try_from(offset).ok()) {
        request = request.offset(offset);
    }
    request.await
}
