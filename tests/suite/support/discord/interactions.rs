//! Interactions: each gets one response within three seconds, and follow-ups for 15 minutes.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::messages::{LOADING, Origin, unknown_message};
use super::{APPLICATION_ID, FakeDiscord, Inner, Refusal, check};

/// Time limit of the response.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// Lifetime of an interaction's token.
const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The bot's response to an interaction.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    /// The interaction's id.
    pub(crate) interaction: String,
    /// 4 message, 5 and 6 deferred, 7 update, 8 choices, 9 modal.
    pub(crate) kind: u64,
    /// The response's `data`.
    pub(crate) body: Value,
    /// The time since the interaction was created.
    pub(crate) took: Duration,
    /// The message that it created or changed.
    pub(crate) message: Value,
}

impl Response {
    /// Whether only one member sees it.
    pub(crate) fn is_ephemeral(&self) -> bool {
        self.message["flags"].as_u64().unwrap_or_default() & check::EPHEMERAL != 0
    }
}

#[derive(Default)]
pub(super) struct Store {
    all: HashMap<String, Interaction>,
    tokens: HashMap<String, String>,
    order: VecDeque<String>,
    follow_ups: VecDeque<(String, String)>,
    pub(super) answered: usize,
    slowest: Duration,
}

struct Interaction {
    payload: Value,
    member: u64,
    since: Instant,
    /// Time added by the test.
    aged: Duration,
    response: Option<Response>,
    /// The response's message, or the message of the component.
    original: Option<String>,
    /// Whether the bot's response was accepted and the confirmation lost.
    is_lost: bool,
    /// Whether it was sent to the endpoint, so that the bot cannot know when Discord has processed
    /// the response.
    is_posted: bool,
}

fn unknown_interaction() -> Refusal {
    Refusal::new(404, 10_062, "Unknown interaction")
}

impl Inner {
    /// Stores a new interaction and gives it an id and a token.
    pub(super) fn add(&mut self, mut payload: Value) -> Value {
        let id = self.next();
        let token = format!("aW50ZXJhY3Rpb246{id}-Interaction-Secret");
        payload["id"] = json!(id);
        payload["token"] = json!(token);
        payload["application_id"] = json!(APPLICATION_ID.to_string());
        payload["version"] = json!(1);
        let user = [&payload["member"]["user"]["id"], &payload["user"]["id"]];
        let user = user.iter().find_map(|id| id.as_str()?.parse().ok());
        let interaction = Interaction {
            payload: payload.clone(),
            member: user.unwrap_or_default(),
            since: Instant::now(),
            aged: Duration::ZERO,
            response: None,
            original: None,
            is_lost: false,
            is_posted: false,
        };
        let store = &mut self.interactions;
        store.all.insert(id.clone(), interaction);
        store.tokens.insert(token, id.clone());
        store.order.push_back(id);
        while store.order.len() > self.keeps {
            let oldest = store.order.pop_front().and_then(|id| store.all.remove(&id));
            if let Some(old) = oldest {
                store
                    .tokens
                    .remove(old.payload["token"].as_str().unwrap_or_default());
                if old.response.is_none() {
                    self.violations
                        .push(format!("never answered: {}", old.payload["data"]));
                }
            }
        }
        payload
    }

    /// Accepts the response to an interaction; returns the message that it created.
    pub(super) fn acknowledge(
        &mut self,
        id: &str,
        token: &str,
        body: &Value,
    ) -> Result<Value, Refusal> {
        let interaction = self.interactions.all.get(id);
        let interaction = interaction.filter(|known| known.payload["token"] == token);
        let interaction = interaction.ok_or_else(unknown_interaction)?;
        if interaction.response.is_some() {
            let text = "Interaction has already been acknowledged.";
            let is_expected = interaction.is_lost;
            return Err(Refusal {
                is_expected,
                ..Refusal::new(400, 40_060, text)
            });
        }
        let took = interaction.since.elapsed() + interaction.aged;
        if took > RESPONSE_TIMEOUT {
            return Err(unknown_interaction());
        }
        let payload = interaction.payload.clone();
        let member = interaction.member;
        let under = payload["message"]["id"].as_str().map(str::to_owned);
        let kind = payload["type"].as_u64().unwrap_or_default();
        check::response(kind, under.is_some(), body)?;
        let answer = body["type"].as_u64().unwrap_or_default();
        let data = &body["data"];
        let (message, original) = match answer {
            4 | 5 => {
                let mut data = data.clone();
                if answer == 5 {
                    let flags = data["flags"].as_u64().unwrap_or_default();
                    data = json!({ "flags": flags | LOADING });
                }
                let message = self.answer_message(&payload, member, &data);
                let id = message["id"].as_str().map(str::to_owned);
                (message, id)
            }
            7 => {
                let id = under.ok_or_else(unknown_message)?;
                (self.edit(&id, data)?, Some(id))
            }
            6 => (Value::Null, under),
            _ => (Value::Null, None),
        };
        let store = &mut self.interactions;
        store.answered += 1;
        store.slowest = store.slowest.max(took);
        let response = Response {
            interaction: id.to_owned(),
            kind: answer,
            body: data.clone(),
            took,
            message: message.clone(),
        };
        if let Some(interaction) = store.all.get_mut(id) {
            interaction.response = Some(response);
            interaction.original = original;
        }
        Ok(message)
    }

    /// Records that the confirmation of a response was lost.
    pub(super) fn mark_lost(&mut self, id: &str) {
        if let Some(interaction) = self.interactions.all.get_mut(id) {
            interaction.is_lost = true;
        }
    }

    /// Records that an interaction is sent to the endpoint.
    pub(super) fn mark_posted(&mut self, payload: &Value) {
        let id = payload["id"].as_str().unwrap_or_default();
        if let Some(interaction) = self.interactions.all.get_mut(id) {
            interaction.is_posted = true;
        }
    }

    /// Creates the message of a response or a follow-up.
    fn answer_message(&mut self, payload: &Value, member: u64, data: &Value) -> Value {
        let flags = data["flags"].as_u64().unwrap_or_default();
        let is_ephemeral = flags & check::EPHEMERAL != 0;
        let kind = match (payload["type"].as_u64(), payload["data"]["type"].as_u64()) {
            (Some(2), Some(1)) => 20,
            (Some(2), _) => 23,
            _ => 0,
        };
        let origin = Origin {
            kind,
            channel: payload["channel_id"].as_str().unwrap_or_default(),
            guild: &payload["guild_id"],
            extra: metadata(payload),
            only: is_ephemeral.then_some(member),
        };
        self.create(data, &origin)
    }

    /// Finds the interaction of a token that has a response and has not expired.
    fn follow_up_target(&self, token: &str) -> Result<(&String, &Interaction), Refusal> {
        let store = &self.interactions;
        let id = store.tokens.get(token);
        let found = id.and_then(|id| Some((id, store.all.get(id)?)));
        let (id, interaction) =
            found.ok_or_else(|| Refusal::new(404, 10_015, "Unknown Webhook"))?;
        if interaction.since.elapsed() + interaction.aged > TOKEN_LIFETIME {
            return Err(Refusal::new(401, 50_027, "Invalid Webhook Token"));
        }
        if interaction.response.is_none() {
            return Err(Refusal {
                is_expected: interaction.is_posted,
                ..Refusal::new(404, 10_015, "Unknown Webhook")
            });
        }
        Ok((id, interaction))
    }

    /// Finds a message by its id, or the response by `@original`.
    pub(super) fn webhook_message(&self, token: &str, id: &str) -> Result<String, Refusal> {
        let (_, interaction) = self.follow_up_target(token)?;
        let id = match id {
            "@original" => interaction.original.clone(),
            id => Some(id.to_owned()),
        };
        let known = id.filter(|id| self.messages.get(id).is_some());
        known.ok_or_else(unknown_message)
    }

    /// Creates a follow-up.
    pub(super) fn follow_up(&mut self, token: &str, body: &Value) -> Result<Value, Refusal> {
        let (id, interaction) = self.follow_up_target(token)?;
        let id = id.clone();
        let (payload, member) = (interaction.payload.clone(), interaction.member);
        check::message(body, check::Place::Interaction)?;
        let message = self.answer_message(&payload, member, body);
        let sent = message["id"].as_str().unwrap_or_default().to_owned();
        let follow_ups = &mut self.interactions.follow_ups;
        follow_ups.push_back((id, sent));
        while follow_ups.len() > self.keeps {
            follow_ups.pop_front();
        }
        Ok(message)
    }

    /// The body of a callback with `with_response`.
    pub(super) fn callback_body(&self, id: &str, message: &Value) -> Value {
        let found = self.interactions.all.get(id);
        let (payload, kind) = found.map_or((&Value::Null, 0), |found| {
            let kind = found.response.as_ref().map_or(0, |response| response.kind);
            (&found.payload, kind)
        });
        let flags = message["flags"].as_u64().unwrap_or_default();
        let mut body = json!({
            "interaction": {"id": id, "type": payload["type"]}, "resource": {"type": kind},
        });
        if !message.is_null() {
            body["interaction"]["response_message_id"] = message["id"].clone();
            body["interaction"]["response_message_loading"] = json!(flags & LOADING != 0);
            let is_ephemeral = flags & check::EPHEMERAL != 0;
            body["interaction"]["response_message_ephemeral"] = json!(is_ephemeral);
            body["resource"]["message"] = message.clone();
        }
        body
    }
}

/// The `interaction_metadata` of a response's message.
fn metadata(payload: &Value) -> Value {
    let user = [&payload["member"]["user"], &payload["user"]];
    let user = user.into_iter().find(|user| !user.is_null());
    let of = |kind: &Value| {
        json!({
            "id": payload["id"], "type": kind, "user": user,
            "authorizing_integration_owners": payload["authorizing_integration_owners"],
        })
    };
    let mut metadata = of(&payload["type"]);
    match payload["type"].as_u64() {
        Some(2) => metadata["name"] = payload["data"]["name"].clone(),
        Some(3) => metadata["interacted_message_id"] = payload["message"]["id"].clone(),
        Some(5) => {
            let id = &payload["message"]["id"];
            let mut first = of(&json!(if id.is_null() { 2 } else { 3 }));
            if id.is_null() {
                first["name"] = json!("ask");
            } else {
                first["interacted_message_id"] = id.clone();
            }
            metadata["triggering_interaction_metadata"] = first;
        }
        _ => {}
    }
    json!({ "interaction_metadata": metadata })
}

impl FakeDiscord {
    /// Sends an interaction over the gateway; returns its id.
    pub(crate) fn interact(&self, payload: Value) -> String {
        let mut inner = self.shared.lock();
        let payload = inner.add(payload);
        inner.dispatch("INTERACTION_CREATE", &payload);
        drop(inner);
        self.shared.changed.notify_waiters();
        payload["id"].as_str().unwrap_or_default().to_owned()
    }

    /// The response to an interaction so far.
    pub(crate) fn response(&self, id: &str) -> Option<Response> {
        let inner = self.shared.lock();
        inner.interactions.all.get(id)?.response.clone()
    }

    /// Waits for the response to an interaction.
    pub(crate) async fn wait_response(&self, id: &str) -> Response {
        self.until("a response to the interaction", || self.response(id))
            .await
    }

    /// Sends an interaction over the gateway and waits for the response.
    pub(crate) async fn ask(&self, payload: Value) -> Response {
        let id = self.interact(payload);
        self.wait_response(&id).await
    }

    /// The current message of `@original`, such as after a deferred response was edited.
    pub(crate) fn original(&self, id: &str) -> Option<Value> {
        let inner = self.shared.lock();
        let original = inner.interactions.all.get(id)?.original.as_ref()?;
        inner.messages.get(original).cloned()
    }

    /// The current follow-ups of an interaction.
    pub(crate) fn follow_ups(&self, id: &str) -> Vec<Value> {
        let inner = self.shared.lock();
        let sent = inner.interactions.follow_ups.iter();
        let sent = sent.filter(|(interaction, _)| interaction == id);
        sent.filter_map(|(_, message)| inner.messages.get(message))
            .cloned()
            .collect()
    }

    /// Waits for the message that follows the answer to an interaction.
    pub(crate) async fn follow_up(&self, id: &str) -> Value {
        self.until("a follow-up", || self.follow_ups(id).pop())
            .await
    }

    /// The number of responses, and the longest time of one.
    pub(crate) fn answered(&self) -> (usize, Duration) {
        let inner = self.shared.lock();
        (inner.interactions.answered, inner.interactions.slowest)
    }

    /// The stored interactions without a response.
    pub(crate) fn unanswered(&self) -> Vec<Value> {
        let inner = self.shared.lock();
        let all = inner.interactions.all.values();
        let open = all.filter(|interaction| interaction.response.is_none());
        open.map(|interaction| interaction.payload.clone())
            .collect()
    }

    /// Makes an interaction older.
    pub(crate) fn age(&self, id: &str, by: Duration) {
        let mut inner = self.shared.lock();
        if let Some(interaction) = inner.interactions.all.get_mut(id) {
            interaction.aged += by;
        }
    }
}

impl Inner {
    /// The message of the component that an interaction used.
    pub(super) fn under(&self, id: &str) -> Option<Value> {
        let payload = &self.interactions.all.get(id)?.payload;
        let message = payload["message"]["id"].as_str()?;
        self.messages.get(message).cloned()
    }
}
