//! Sends the messages of an answer: as a reply, or as push messages if that is allowed.
//!
//! Invariants: a reply token is not used after its life; messages that LINE refuses are sent as plain
//! text, so that no answer is lost for its look; push messages have a retry key that depends on the event
//! alone, so that LINE accepts them once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBuilder};
use serde_json::Value;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::api::{Api, Failure};
use super::layout::plain;
use crate::channels::bot::{Core, RecentIds};
use crate::channels::repeated::Repeated;

/// Delay before the first retry; it doubles with each further one.
const RETRY_DELAY: Duration = Duration::from_millis(300);

/// Upper bound of the delay between replies.
const MAX_REPLY_DELAY: Duration = Duration::from_secs(4);

/// Upper bound of the delay between push messages.
const MAX_PUSH_DELAY: Duration = Duration::from_secs(60);

/// Time for which push messages are tried.
const PUSH_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Number of the bot's messages that are remembered, to recognise replies to them.
const MAX_OWN: usize = 20_000;

/// The event that is answered.
pub(super) struct Target<'a> {
    pub(super) chat: &'a str,
    pub(super) reply_token: &'a str,
    pub(super) event: u64,
    /// The time at which the event was received, or taken from the folder.
    pub(super) received: Instant,
    /// Its age at that time, if an earlier process received it, and may have answered it.
    pub(super) stored_for: Option<Duration>,
}

impl Target<'_> {
    /// Returns the age of the reply token.
    fn age(&self) -> Duration {
        self.received.elapsed() + self.stored_for.unwrap_or_default()
    }
}

/// The reason why messages were not sent.
enum Unsent {
    /// The reply token was used or has expired.
    Late,
    /// LINE refuses the messages as such.
    Malformed(Failure),
    /// Any other permanent failure.
    Refused(Failure),
}

/// Sends answers.
pub(super) struct Sender {
    core: Arc<Core>,
    pub(super) api: Arc<Api>,
    can_push: bool,
    reply_lifetime: Duration,
    /// The ids of the bot's recent messages.
    pub(super) own: RecentIds<String>,
    late: Repeated,
}

impl Sender {
    pub(super) fn new(
        core: Arc<Core>,
        api: Arc<Api>,
        can_push: bool,
        reply_lifetime: Duration,
    ) -> Self {
        Self {
            core,
            api,
            can_push,
            reply_lifetime,
            own: RecentIds::new(MAX_OWN),
            late: Repeated::default(),
        }
    }

    /// Sends the messages that answer an event, at most five.
    pub(super) async fn send(&self, target: &Target<'_>, messages: &[Value]) {
        if messages.is_empty() {
            return;
        }
        let Err(mut unsent) = self.try_all(target, messages).await else {
            return;
        };
        if let Unsent::Malformed(failure) = unsent {
            tracing::error!(%failure, "LINE: message refused, sent as plain text");
            match self.try_all(target, &plain(messages)).await {
                Ok(()) => return,
                Err(again) => unsent = again,
            }
        }
        match unsent {
            Unsent::Late => {
                if let Some(times) = self.late.note() {
                    tracing::warn!(
                        times,
                        hint = "set MADOGUCHI_LINE_PUSH=on to send them as push messages, which LINE may charge",
                        "LINE: answers not sent, the reply token has expired"
                    );
                }
            }
            Unsent::Malformed(failure) | Unsent::Refused(failure) => {
                tracing::warn!(%failure, "LINE: answer not sent");
            }
        }
    }

    async fn try_all(&self, target: &Target<'_>, messages: &[Value]) -> Result<(), Unsent> {
        match self.reply(target, messages).await {
            Err(Unsent::Late) if self.can_push => self.push(target, messages).await,
            replied => replied,
        }
    }

    async fn reply(&self, target: &Target<'_>, messages: &[Value]) -> Result<(), Unsent> {
        let mut may_be_sent = target.stored_for.is_some();
        for delay in delays(MAX_REPLY_DELAY) {
            let Some(left) = self.reply_lifetime.checked_sub(target.age()) else {
                break;
            };
            let call = self.api.reply(target.reply_token, messages);
            let failure = match timeout(left, call).await {
                Ok(Ok(ids)) => {
                    self.note_sent(ids);
                    return Ok(());
                }
                Ok(Err(failure)) => failure,
                Err(_) => break,
            };
            match failure {
                // LINE accepted an earlier attempt, whose response was lost.
                Failure::ReplyToken if may_be_sent => return Ok(()),
                Failure::ReplyToken => break,
                failure if failure.is_temporary() => {
                    may_be_sent |= failure.may_be_accepted();
                    self.note_failure(&failure);
                    sleep(delay).await;
                }
                failure => return Err(permanent(failure)),
            }
        }
        Err(Unsent::Late)
    }

    async fn push(&self, target: &Target<'_>, messages: &[Value]) -> Result<(), Unsent> {
        let key = retry_key(target.event);
        let start = Instant::now();
        for delay in delays(MAX_PUSH_DELAY) {
            match self.api.push(target.chat, messages, key).await {
                Ok(ids) => {
                    self.note_sent(ids);
                    return Ok(());
                }
                Err(failure) if failure.is_temporary() && start.elapsed() < PUSH_LIFETIME => {
                    self.note_failure(&failure);
                    sleep(delay).await;
                }
                Err(failure) => return Err(permanent(failure)),
            }
        }
        Err(Unsent::Late)
    }

    fn note_sent(&self, ids: Vec<String>) {
        self.core.note_connection(true);
        for id in ids {
            self.own.insert(id);
        }
    }

    fn note_failure(&self, failure: &Failure) {
        self.core.note_connection(false);
        tracing::debug!(%failure, "LINE: call failed, retrying");
    }
}

fn permanent(failure: Failure) -> Unsent {
    if failure.is_malformed() {
        Unsent::Malformed(failure)
    } else {
        Unsent::Refused(failure)
    }
}

/// Returns the delays between attempts, without end.
fn delays(max: Duration) -> impl Iterator<Item = Duration> {
    ExponentialBuilder::new()
        .with_min_delay(RETRY_DELAY)
        .with_max_delay(max)
        .without_max_times()
        .build()
}

/// Makes the retry key of an event.
fn retry_key(event: u64) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&event.to_be_bytes());
    bytes[8..].copy_from_slice(&event.rotate_left(32).to_be_bytes());
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_retry_key_is_that_of_the_event() {
        assert_eq!(retry_key(7), retry_key(7));
        assert_ne!(retry_key(7), retry_key(8));
        assert_eq!(retry_key(7).get_version_num(), 4);
    }
}
