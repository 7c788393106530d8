//! Long polling: fetches updates until the service stops or Telegram rejects the token.
//!
//! Invariants: any other failed call is retried without end, with growing delays; an update is
//! confirmed to Telegram when it is answered or stored, so that a crash loses none; a shutdown waits for
//! the fetched updates, and leaves those unconfirmed that it cannot answer in time.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use teloxide::RequestError;
use teloxide::requests::{JsonRequest, Payload};
use teloxide::types::AllowedUpdate;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::call::Caller;
use super::inbox::Inbox;
use crate::channels::bot::Unfinished;

/// Time after which Telegram returns an empty list if there is no update; the client's timeout is
/// 17 seconds.
const POLL_SECONDS: u32 = 10;

/// Maximum number of updates per call.
const MAX_UPDATES: u8 = 100;

/// Longest pause between two polls while updates are held: a new update may wait for it.
const MAX_PAUSE: Duration = Duration::from_millis(250);

/// Time for which an update is held at Telegram. An older one would keep newer ones from being delivered.
const MAX_HOLD: Duration = Duration::from_secs(1);

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
    inbox.note_connection(false);
    'polling: loop {
        inbox.open_folder().await;
        let poll = || {
            fetch(
                caller,
                inbox.kept.pending.offset(),
                POLL_SECONDS,
                MAX_UPDATES,
            )
        };
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
        for update in &updates {
            let accepted = stop.run_until_cancelled(inbox.accept(update)).await;
            if accepted.is_none() {
                break 'polling;
            }
        }
        if updates.is_empty() {
            continue;
        }
        // Telegram returns the updates that are held again, at once.
        let is_full = updates.len() >= usize::from(MAX_UPDATES);
        let most = if is_full { updates.len() / 2 } else { 0 };
        let settled = timeout(MAX_PAUSE, inbox.kept.pending.until_held(most));
        if stop.run_until_cancelled(settled).await.is_none() {
            break;
        }
        if is_full || inbox.kept.can_store() {
            inbox.kept.release_older(MAX_HOLD).await;
        }
    }
    inbox.finish().await;
    // Confirms the answered updates. Otherwise Telegram delivers them again at the next start and the
    // bot answers twice.
    let offset = inbox.kept.pending.offset();
    if offset.is_some()
        && let Ok(Err(error)) = timeout(CONFIRM_TIMEOUT, fetch(caller, offset, 0, 1)).await
    {
        let cause = caller.describe(&error);
        tracing::warn!(
            cause,
            "Telegram: last updates not confirmed, they may be delivered again"
        );
    }
    Ok(())
}

/// The call `getUpdates`. teloxide's own gives no access to the JSON of an update that it cannot read.
#[derive(Serialize)]
struct GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    limit: u8,
    timeout: u32,
    allowed_updates: [AllowedUpdate; 4],
}

impl Payload for GetUpdates {
    type Output = Vec<Value>;

    const NAME: &'static str = "GetUpdates";

    fn timeout_hint(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.timeout.into()))
    }
}

async fn fetch(
    caller: &Caller,
    offset: Option<u64>,
    seconds: u32,
    limit: u8,
) -> Result<Vec<Value>, RequestError> {
    let payload = GetUpdates {
        offset,
        limit,
        timeout: seconds,
        allowed_updates: ALLOWED_UPDATES,
    };
    JsonRequest::new(caller.bot.clone(), payload).await
}
