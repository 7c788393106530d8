//! Delivers updates to the webhook as Telegram does: those of a chat in order, at most 40 at once, and
//! each again with growing delays until it is accepted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Mutex, Semaphore};

use super::{Inner, Shared};

/// Number of deliveries at once.
const MAX_CONNECTIONS: usize = 40;

/// Number of attempts after which the webhook is regarded as broken: those of about an hour, more than
/// any test takes.
const MAX_ATTEMPTS: u32 = 5_000;

/// The order of deliveries.
pub(super) struct Queues {
    connections: Arc<Semaphore>,
    chats: HashMap<i64, Arc<Mutex<()>>>,
}

impl Default for Queues {
    fn default() -> Self {
        Self {
            connections: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            chats: HashMap::new(),
        }
    }
}

/// Begins to deliver an update.
pub(super) fn deliver(shared: &Arc<Shared>, inner: &mut Inner, update: Value) {
    let chat = ["message", "edited_message"]
        .iter()
        .find_map(|kind| update[*kind]["chat"]["id"].as_i64())
        .unwrap_or_default();
    let turn = Arc::clone(inner.hook.chats.entry(chat).or_default());
    let connections = Arc::clone(&inner.hook.connections);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        // A fair lock: in the order of the updates.
        let _turn = turn.lock().await;
        let id = update["update_id"].as_u64().unwrap_or_default();
        for attempt in 0..MAX_ATTEMPTS {
            let connection = connections.acquire().await;
            shared.lock().unconfirmed.insert(id);
            if attempt_delivery(&shared, &update).await {
                shared.lock().unconfirmed.remove(&id);
                return;
            }
            drop(connection);
            let delay = Duration::from_millis(50 << attempt.min(4));
            tokio::time::sleep(delay).await;
        }
        let problem = format!("the webhook does not accept {update}");
        shared.lock().violations.push(problem);
    });
}

/// Posts an update once; returns whether it was accepted.
async fn attempt_delivery(shared: &Shared, update: &Value) -> bool {
    let (url, secret, address) = {
        let inner = shared.lock();
        let Some((url, secret)) = inner.webhook.clone() else {
            return true;
        };
        let address = inner.hook_at.expect("the address of the webhook");
        (url, secret, address)
    };
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    let request = shared.client.post(format!("http://{address}/{path}"));
    let request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    let response = request.json(update).send().await;
    response.is_ok_and(|response| response.status().is_success())
}
