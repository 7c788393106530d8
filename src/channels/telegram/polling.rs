//! Long polling: fetches updates until the service stops or Telegram rejects the token.
//!
//! Invariants: any other failed call is retried without end, with growing delays; a shutdown waits
//! for the fetched updates, and only handled updates are confirmed to Telegram.

use std::sync::Arc;
use std::time::Duration;

use teloxide::RequestError;
use teloxide::payloads::GetUpdatesSetters;
use teloxide::requests::Requester;
use teloxide::types::{AllowedUpdate, Update};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::inbox::Inbox;
use super::send::Caller;
use crate::channels::bot::Unfinished;

/// Time after which Telegram returns an empty list if there is no update; the client's timeout is
/// 17 seconds.
const POLL_SECONDS: u32 = 10;

/// Maximum number of updates per call.
const MAX_UPDATES: u8 = 100;

/// Time limit of the call that confirms the last updates.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(3);

/// The kinds of updates that the bot handles.
pub(super) const ALLOWED_UPDATES: [AllowedUpdate; 4] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::InlineQuery,
];

/// Polls until the service stops, or Telegram rejects the token.
///
/// # Errors
/// [`Unfinished::Failed`] if Telegram rejects the token.
pub(super) async fn run(
    caller: &Caller,
    inbox: &Arc<Inbox>,
    stop: &CancellationToken,
) -> Result<(), Unfinished<RequestError>> {
    let mut offset = None;
    inbox.note_connection(false);
    'polling: loop {
        let poll = || fetch(caller, offset, POLL_SECONDS, MAX_UPDATES);
        let updates = match caller.call_until_cancelled("getUpdates", stop, poll).await {
            Ok(updates) => {
                inbox.note_connection(true);
                updates
            }
            Err(Unfinished::Cancelled) => break,
            Err(rejected) => {
                inbox.note_connection(false);
                inbox.finish().await;
                return Err(rejected);
            }
        };
        for update in updates {
            let next = update.id.0.saturating_add(1);
            match stop.run_until_cancelled(inbox.accept(update)).await {
                Some(_) => offset = Some(next),
                None => break 'polling,
            }
        }
    }
    inbox.finish().await;
    // Confirms the updates before the oldest pending one. Otherwise Telegram delivers them again at
    // the next start and the bot answers twice.
    let done = match inbox.oldest() {
        Some(oldest) => offset.map(|offset| offset.min(oldest)),
        None => offset,
    };
    if done.is_some()
        && let Ok(Err(error)) = timeout(CONFIRM_TIMEOUT, fetch(caller, done, 0, 1)).await
    {
        let cause = caller.describe(&error);
        tracing::warn!(
            cause,
            "Telegram: last updates not confirmed, they may be delivered again"
        );
    }
    Ok(())
}

async fn fetch(
    caller: &Caller,
    offset: Option<u32>,
    seconds: u32,
    limit: u8,
) -> Result<Vec<Update>, RequestError> {
    let request = caller.bot.get_updates().timeout(seconds).limit(limit);
    let mut request = request.allowed_updates(ALLOWED_UPDATES);
    if let Some(offset) = offset.and_then(|offset| i32::try_from(offset).ok()) {
        request = request.offset(offset);
    }
    request.await
}
