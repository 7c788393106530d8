//! A fake of LINE, as strict as LINE, over real HTTP on a free port.
//!
//! It signs events and delivers them to the webhook, again until they are accepted, and records the calls.
//! A call that LINE would refuse (broken Flex messages, texts and data that are too long, a reply token
//! used twice or too late) is refused, and fails the test when the fake is dropped.

pub(crate) mod bot;
mod check;
pub(crate) mod page;
mod shown;

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::{Notify, Semaphore};

use super::telegram::storm::Random;
use crate::support::{self, client};
pub(crate) use shown::Sent;

/// The channel secret.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The channel access token.
pub(crate) const TOKEN: &str = "Fake+Channel/Access+Token/of+the+tests/0123456789=";

/// Time for which LINE waits for the response of the webhook.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(2);

/// Number of deliveries at once.
const MAX_DELIVERIES: usize = 40;

/// Number of attempts after which the webhook is regarded as broken.
const MAX_ATTEMPTS: u32 = 5_000;

/// One of so many calls fails in a storm.
const CALLS_PER_FAULT: u64 = 8;

/// A fault of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Status 429.
    TooMany,
    /// Status 429: the push messages of the month are used up.
    MonthlyLimit,
    /// Status 500; the call has no effect.
    Internal,
    /// The connection breaks; the call has no effect.
    Dropped,
    /// The call takes effect, and its response is lost.
    Lost,
    /// The response is delayed.
    Slow(Duration),
    /// Status 400 for a message.
    Malformed,
}

struct Token {
    event: String,
    chat: String,
    issued: Instant,
    is_used: bool,
}

struct Inner {
    token: String,
    hook: Option<SocketAddr>,
    reply_lifetime: Duration,
    last: u64,
    tokens: HashMap<String, Token>,
    sent: Vec<Sent>,
    keeps_messages: bool,
    /// How many messages each event got as replies.
    replies: HashMap<String, u32>,
    retry_keys: HashSet<String>,
    /// The language of a member; `None` if the member does not share it.
    languages: HashMap<String, Option<String>>,
    profiles_read: u32,
    loading: Vec<String>,
    faults: Vec<(String, Fault)>,
    storm: Option<(Random, u32)>,
    violations: Vec<String>,
    undelivered: HashSet<String>,
}

struct Shared {
    inner: Mutex<Inner>,
    changed: Notify,
    client: reqwest::Client,
    deliveries: Semaphore,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A running fake.
pub(crate) struct FakeLine {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

impl FakeLine {
    pub(crate) async fn start() -> Self {
        let inner = Inner {
            token: TOKEN.to_owned(),
            hook: None,
            reply_lifetime: Duration::from_secs(60),
            last: 0,
            tokens: HashMap::new(),
            sent: Vec::new(),
            keeps_messages: true,
            replies: HashMap::new(),
            retry_keys: HashSet::new(),
            languages: HashMap::new(),
            profiles_read: 0,
            loading: Vec::new(),
            faults: Vec::new(),
            storm: None,
            violations: Vec::new(),
            undelivered: HashSet::new(),
        };
        let shared = Arc::new(Shared {
            inner: Mutex::new(inner),
            changed: Notify::new(),
            client: client(),
            deliveries: Semaphore::new(MAX_DELIVERIES),
        });
        let router = Router::new()
            .fallback(serve)
            .with_state(Arc::clone(&shared));
        let address = support::serve(router).await;
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets the only valid token.
    pub(crate) fn set_token(&self, token: &str) {
        token.clone_into(&mut self.shared.lock().token);
    }

    /// Sets the address to which events are delivered.
    pub(crate) fn set_hook(&self, address: SocketAddr) {
        self.shared.lock().hook = Some(address);
    }

    /// Sets the time after which reply tokens expire.
    pub(crate) fn set_reply_lifetime(&self, lifetime: Duration) {
        self.shared.lock().reply_lifetime = lifetime;
    }

    /// Sets the language of a member; Japanese by default.
    pub(crate) fn set_language(&self, user: &str, language: Option<&str>) {
        let language = language.map(str::to_owned);
        self.shared
            .lock()
            .languages
            .insert(user.to_owned(), language);
    }

    /// Stops recording messages, and only counts them, to save memory.
    pub(crate) fn forget_messages(&self) {
        self.shared.lock().keeps_messages = false;
    }

    /// Makes the next call of a path such as `message/reply` fail.
    pub(crate) fn fail(&self, path: &str, fault: Fault) {
        self.shared.lock().faults.push((path.to_owned(), fault));
    }

    /// Forgets the faults that did not occur.
    pub(crate) fn forget_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Makes calls fail at random.
    pub(crate) fn begin_storm(&self, seed: u64) {
        self.shared.lock().storm = Some((Random::new(seed), 0));
    }

    /// Ends the storm; returns the number of faults.
    pub(crate) fn end_storm(&self) -> u32 {
        let storm = self.shared.lock().storm.take();
        storm.map_or(0, |(_, faults)| faults)
    }

    /// Makes an event of a member, a group or a room, with a reply token.
    pub(crate) fn event(&self, kind: &str, source: Value, content: Value) -> Value {
        let mut inner = self.shared.lock();
        inner.last += 1;
        let number = inner.last;
        let (id, token) = (format!("01KB{number:022}"), format!("{number:032x}"));
        let chat = ["groupId", "roomId", "userId"]
            .iter()
            .find_map(|key| source[*key].as_str())
            .expect("a chat");
        let issued = Token {
            event: id.clone(),
            chat: chat.to_owned(),
            issued: Instant::now(),
            is_used: false,
        };
        inner.tokens.insert(token.clone(), issued);
        let mut event = json!({
            "type": kind, "mode": "active", "timestamp": 1_795_000_000_000_u64, "source": source,
            "webhookEventId": id, "deliveryContext": {"isRedelivery": false}, "replyToken": token,
        });
        let object = event.as_object_mut().expect("an event");
        object.extend(content.as_object().cloned().unwrap_or_default());
        event
    }

    /// Makes the event of a text of a member.
    pub(crate) fn text(&self, user: &str, text: &str) -> Value {
        let id = self.message_id();
        let message = json!({"id": id, "type": "text", "quoteToken": "q", "text": text});
        self.event("message", member(user), json!({ "message": message }))
    }

    /// Makes the event of a press.
    pub(crate) fn postback(&self, user: &str, data: &str) -> Value {
        self.event(
            "postback",
            member(user),
            json!({ "postback": {"data": data} }),
        )
    }

    /// Returns the id for a message of a member.
    pub(crate) fn message_id(&self) -> String {
        let mut inner = self.shared.lock();
        inner.last += 1;
        inner.last.to_string()
    }

    /// Delivers an event until it is accepted.
    pub(crate) fn deliver(&self, event: Value) {
        let shared = Arc::clone(&self.shared);
        let id = event["webhookEventId"].as_str().expect("an id").to_owned();
        shared.lock().undelivered.insert(id.clone());
        tokio::spawn(async move {
            let mut event = event;
            for attempt in 0..MAX_ATTEMPTS {
                let delivery = shared.deliveries.acquire().await;
                let status = post(&shared, std::slice::from_ref(&event)).await;
                drop(delivery);
                if status.is_some_and(|status| status.is_success()) {
                    shared.lock().undelivered.remove(&id);
                    shared.changed.notify_waiters();
                    return;
                }
                event["deliveryContext"]["isRedelivery"] = json!(true);
                tokio::time::sleep(Duration::from_millis(50 << attempt.min(4))).await;
            }
            let problem = format!("the webhook does not accept {event}");
            shared.lock().violations.push(problem);
        });
    }

    /// Posts events once, signed; `None` without a response in time.
    pub(crate) async fn post(&self, events: &[Value]) -> Option<StatusCode> {
        post(&self.shared, events).await
    }

    /// Posts a body with a signature.
    pub(crate) async fn post_raw(&self, body: String, signature: Option<&str>) -> StatusCode {
        let hook = self.shared.lock().hook.expect("the address of the webhook");
        let request = self
            .shared
            .client
            .post(format!("http://{hook}/line/webhook"));
        let request = match signature {
            Some(signature) => request.header("x-line-signature", signature),
            None => request,
        };
        request
            .body(body)
            .send()
            .await
            .expect("a response")
            .status()
    }

    /// Returns the events that the webhook has not accepted yet.
    pub(crate) fn undelivered(&self) -> usize {
        self.shared.lock().undelivered.len()
    }

    /// Returns what was sent to a chat.
    pub(crate) fn sent_to(&self, chat: &str) -> Vec<Sent> {
        let inner = self.shared.lock();
        let sent = inner.sent.iter().filter(|sent| sent.chat == chat);
        sent.cloned().collect()
    }

    /// Returns how often each event was replied to.
    pub(crate) fn replies(&self) -> HashMap<String, u32> {
        self.shared.lock().replies.clone()
    }

    /// Returns how many profiles were read.
    pub(crate) fn profiles_read(&self) -> u32 {
        self.shared.lock().profiles_read
    }

    /// Returns the chats in which the loading animation was shown.
    pub(crate) fn loading(&self) -> Vec<String> {
        self.shared.lock().loading.clone()
    }

    /// Waits until `test` returns something.
    pub(crate) async fn until<T>(&self, event: &str, test: impl Fn() -> Option<T>) -> T {
        let state = || {
            let inner = self.shared.lock();
            let sent = inner.sent.iter().map(|sent| (&sent.chat, sent.text()));
            let sent: Vec<_> = sent.collect();
            format!("sent: {sent:?}; refused: {:#?}", inner.violations)
        };
        support::bot::until(&self.shared.changed, event, test, state).await
    }

    /// Returns the refused calls, and forgets them.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().violations)
    }
}

impl Drop for FakeLine {
    fn drop(&mut self) {
        support::bot::assert_none_refused("LINE", &self.take_violations());
    }
}

/// Describes a member as the source of an event.
pub(crate) fn member(user: &str) -> Value {
    json!({"type": "user", "userId": user})
}

/// Signs a body.
pub(crate) fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

async fn post(shared: &Shared, events: &[Value]) -> Option<StatusCode> {
    let hook = shared.lock().hook?;
    let body = json!({"destination": "U00", "events": events}).to_string();
    let request = shared.client.post(format!("http://{hook}/line/webhook"));
    let request = request.header("x-line-signature", signature(body.as_bytes()));
    let request = request.header("content-type", "application/json");
    // A connection that stays open would keep a stopped bot alive.
    let request = request.header("connection", "close");
    let response = request.timeout(WEBHOOK_TIMEOUT).body(body).send().await;
    response.ok().map(|response| response.status())
}

/// An error as LINE sends it.
struct Refusal(u16, String, Value);

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().trim_start_matches("/v2/bot/").to_owned();
    let bytes = axum::body::to_bytes(body, 2_000_000)
        .await
        .unwrap_or_default();
    let fault = shared.lock().fault(&path);
    match fault {
        Some(Fault::TooMany) => {
            return refuse(Refusal(
                429,
                "The API rate limit has been exceeded. Try again later.".to_owned(),
                Value::Null,
            ));
        }
        Some(Fault::MonthlyLimit) => {
            return refuse(Refusal(
                429,
                "You have reached your monthly limit.".to_owned(),
                Value::Null,
            ));
        }
        Some(Fault::Internal) => {
            return refuse(Refusal(500, "Internal error".to_owned(), Value::Null));
        }
        Some(Fault::Malformed) => {
            let details = json!([{"message": "invalid property", "property": "/body/contents/0"}]);
            return refuse(Refusal(
                400,
                "A message (messages[0]) in the request body is invalid".to_owned(),
                details,
            ));
        }
        Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
        // Ends the task of the connection, and with it the connection, without a response.
        Some(Fault::Dropped) => std::panic::resume_unwind(Box::new(())),
        Some(Fault::Lost) | None => {}
    }
    let done = shared
        .lock()
        .call(&parts.method, &path, &parts.headers, &bytes);
    shared.changed.notify_waiters();
    if fault == Some(Fault::Lost) {
        std::panic::resume_unwind(Box::new(()));
    }
    match done {
        Ok(answer) => axum::Json(answer).into_response(),
        Err(refusal) => refuse(refusal),
    }
}

fn refuse(Refusal(status, message, details): Refusal) -> Response {
    let mut body = json!({ "message": message });
    if !details.is_null() {
        body["details"] = details;
    }
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

impl Inner {
    fn fault(&mut self, path: &str) -> Option<Fault> {
        if let Some(at) = self.faults.iter().position(|(name, _)| name == path) {
            return Some(self.faults.remove(at).1);
        }
        let (random, faults) = self.storm.as_mut()?;
        if random.below(CALLS_PER_FAULT) > 0 {
            return None;
        }
        *faults += 1;
        Some(match random.below(5) {
            0 => Fault::TooMany,
            1 => Fault::Internal,
            2 => Fault::Dropped,
            3 => Fault::Lost,
            _ => Fault::Slow(Duration::from_millis(300)),
        })
    }

    /// Handles a call, or refuses it as LINE would.
    fn call(
        &mut self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        bytes: &Bytes,
    ) -> Result<Value, Refusal> {
        let given = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        if given != Some(&format!("Bearer {}", self.token)) {
            let text = "Authentication failed. Confirm that the access token in the authorization header is valid.";
            return Err(Refusal(401, text.to_owned(), Value::Null));
        }
        let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
        match (method.as_str(), path) {
            ("GET", "info") => Ok(json!({
                "userId": "U00", "basicId": "@madoguchi", "displayName": "窓口", "chatMode": "bot",
                "markAsReadMode": "auto",
            })),
            ("POST", "chat/loading/start") => {
                let seconds = body["loadingSeconds"].as_u64().unwrap_or(20);
                let is_right = (5..=60).contains(&seconds) && seconds.is_multiple_of(5);
                let chat = body["chatId"].as_str().filter(|chat| chat.starts_with('U'));
                let Some(chat) = chat.filter(|_| is_right) else {
                    return self.violate(path, "invalid", &body.to_string());
                };
                self.loading.push(chat.to_owned());
                Ok(json!({}))
            }
            ("POST", "message/reply") => self.reply(&body),
            ("POST", "message/push") => self.push(&body, headers),
            ("GET", path) if path.starts_with("profile/") => {
                let user = path.trim_start_matches("profile/");
                self.profiles_read += 1;
                let mut profile = json!({"displayName": "花子", "userId": user});
                match self.languages.get(user) {
                    None => profile["language"] = json!("ja"),
                    Some(Some(tag)) => profile["language"] = json!(tag),
                    Some(None) => {}
                }
                Ok(profile)
            }
            _ => self.violate(path, "no such call", method.as_str()),
        }
    }

    fn violate(&mut self, path: &str, what: &str, place: &str) -> Result<Value, Refusal> {
        self.violations.push(format!("{path}: {what}: {place}"));
        let details = json!([{"message": what, "property": place}]);
        Err(Refusal(
            400,
            "The request body has 1 error(s)".to_owned(),
            details,
        ))
    }

    fn reply(&mut self, body: &Value) -> Result<Value, Refusal> {
        if let Err((what, place)) = check::messages(body) {
            return self.violate("message/reply", &what, &format!("{place} in {body}"));
        }
        let lifetime = self.reply_lifetime;
        let token = body["replyToken"].as_str().unwrap_or_default();
        let token = self.tokens.get_mut(token);
        let usable = token.filter(|token| !token.is_used && token.issued.elapsed() < lifetime);
        let Some(token) = usable else {
            return Err(Refusal(400, "Invalid reply token".to_owned(), Value::Null));
        };
        token.is_used = true;
        let (event, chat) = (token.event.clone(), token.chat.clone());
        *self.replies.entry(event).or_default() += 1;
        Ok(self.record(chat, body, false))
    }

    fn push(&mut self, body: &Value, headers: &HeaderMap) -> Result<Value, Refusal> {
        if let Err((what, place)) = check::messages(body) {
            return self.violate("message/push", &what, &format!("{place} in {body}"));
        }
        let key = headers
            .get("x-line-retry-key")
            .and_then(|key| key.to_str().ok());
        let Some(key) = key.filter(|key| uuid::Uuid::parse_str(key).is_ok()) else {
            return self.violate("message/push", "no retry key", "header");
        };
        if !self.retry_keys.insert(key.to_owned()) {
            let text = "The retry key is already accepted";
            return Err(Refusal(409, text.to_owned(), Value::Null));
        }
        let Some(to) = body["to"].as_str() else {
            return self.violate("message/push", "no receiver", "to");
        };
        Ok(self.record(to.to_owned(), body, true))
    }

    fn record(&mut self, chat: String, body: &Value, is_push: bool) -> Value {
        let messages = body["messages"].as_array().cloned().unwrap_or_default();
        let mut ids = Vec::new();
        for _ in &messages {
            self.last += 1;
            ids.push(self.last.to_string());
        }
        let sent: Vec<Value> = ids
            .iter()
            .map(|id| json!({"id": id, "quoteToken": "q"}))
            .collect();
        if self.keeps_messages {
            self.sent.push(Sent {
                chat,
                messages,
                ids,
                is_push,
            });
        }
        json!({ "sentMessages": sent })
    }
}
