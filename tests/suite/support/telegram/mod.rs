//! A fake Bot API, as strict as Telegram, over real HTTP on a free port.
//!
//! It records calls, and delivers updates by long polling or to a webhook. A call that Telegram
//! would refuse (an unknown method, broken HTML, a text or a button's data that is too long, a press
//! answered twice) is refused, and fails the test when the fake is dropped.

mod body;
pub(crate) mod bot;
mod check;
pub(crate) mod storm;
mod webhook;

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use crate::support::{self, client};

/// The token of the bot. It is shorter than real ones, which teloxide hides by itself.
pub(crate) const TOKEN: &str = "987654321:Fake-Secret_of_the_tests";

/// The bot's name.
pub(crate) const BOT: &str = "Madoguchi_Bot";

/// The bot's id.
pub(crate) const BOT_ID: i64 = 987_654_321;

/// A call that the bot made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// In lower case.
    pub(crate) method: String,
    pub(crate) body: Value,
    pub(crate) at: Instant,
    /// The text of a message without markup.
    pub(crate) text: String,
    /// The links in the text.
    pub(crate) links: Vec<String>,
    /// Whether the call succeeded.
    pub(crate) is_ok: bool,
}

impl Call {
    pub(crate) fn chat(&self) -> i64 {
        self.body["chat_id"].as_i64().unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn assert_shows(&self, words: &str) {
        let text = &self.text;
        assert!(text.contains(words), "`{words}` is not in:\n{text}");
    }

    /// The buttons as (label, kind, data).
    pub(crate) fn buttons(&self) -> Vec<(String, String, String)> {
        let rows = self.body["reply_markup"]["inline_keyboard"].as_array();
        let rows = rows.cloned().unwrap_or_default();
        let buttons = rows
            .iter()
            .flat_map(|row| row.as_array().cloned().unwrap_or_default());
        let read = |button: Value| {
            let button = button.as_object().unwrap().clone();
            let label = button["text"].as_str().unwrap().to_owned();
            let (kind, data) = button.into_iter().find(|(key, _)| key != "text").unwrap();
            let data = data
                .as_str()
                .or_else(|| data["text"].as_str())
                .unwrap()
                .to_owned();
            (label, kind, data)
        };
        buttons.map(read).collect()
    }

    /// The data of the button with a beginning, such as `y:`.
    #[track_caller]
    pub(crate) fn press(&self, beginning: &str) -> String {
        let buttons = self.buttons();
        let found = buttons
            .iter()
            .find(|(_, kind, data)| kind == "callback_data" && data.starts_with(beginning));
        found
            .unwrap_or_else(|| panic!("no button `{beginning}` in {buttons:?}"))
            .2
            .clone()
    }
}

/// A fault that occurs once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Status 429 with `retry_after` in seconds.
    TooMany(u64),
    /// Status 502 from a proxy.
    BadGateway,
    /// The connection breaks before the call is read.
    Dropped,
    /// The next response has every update twice.
    Twice,
    /// The response is delayed.
    Slow(Duration),
    /// The group became the supergroup with this id.
    Migrated(i64),
    /// Status 400 with this description.
    Refused(&'static str),
}

#[derive(Default)]
struct Inner {
    token: String,
    updates: VecDeque<Value>,
    last_update: u64,
    last_message: i64,
    confirmed: u64,
    allowed: Option<Vec<String>>,
    calls: Vec<Call>,
    messages: HashMap<(i64, i64), Value>,
    webhook: Option<(String, String)>,
    hook_at: Option<SocketAddr>,
    faults: Vec<(String, Option<i64>, Fault)>,
    presses: HashSet<String>,
    queries: HashSet<String>,
    violations: Vec<String>,
    keeps_calls: bool,
    sent: HashMap<i64, u32>,
    /// The updates that the bot got at least once and has not confirmed.
    unconfirmed: HashSet<u64>,
    storm: Option<storm::Storm>,
    hook: webhook::Queues,
}

/// A running fake.
pub(crate) struct FakeTelegram {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    inner: Mutex<Inner>,
    changed: Notify,
    client: reqwest::Client,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// An error as Telegram sends it.
struct Refusal(u16, String, Value);

fn bad(description: &str) -> Refusal {
    Refusal(400, format!("Bad Request: {description}"), Value::Null)
}

impl FakeTelegram {
    pub(crate) async fn start() -> Self {
        let inner = Inner {
            token: TOKEN.to_owned(),
            last_update: 1_000,
            keeps_calls: true,
            ..Inner::default()
        };
        let shared = Arc::new(Shared {
            inner: Mutex::new(inner),
            changed: Notify::new(),
            client: client(),
        });
        let router = Router::new()
            .route("/{bot}/{method}", any(serve))
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

    /// Sets the address to which webhooks are delivered.
    pub(crate) fn set_hook(&self, address: SocketAddr) {
        self.shared.lock().hook_at = Some(address);
    }

    /// Stops recording calls, and only counts messages, to save memory.
    pub(crate) fn forget_calls(&self) {
        self.shared.lock().keeps_calls = false;
    }

    /// Makes the next call of a method fail; only a call to `chat`, if it is given.
    pub(crate) fn fail(&self, method: &str, chat: Option<i64>, fault: Fault) {
        let fault = (method.to_lowercase(), chat, fault);
        self.shared.lock().faults.push(fault);
    }

    /// Delivers an update, given without its id; returns the id.
    pub(crate) fn push(&self, content: Value) -> u64 {
        let mut inner = self.shared.lock();
        inner.last_update += 1;
        let id = inner.last_update;
        if let Some(press) = content["callback_query"]["id"].as_str() {
            inner.presses.insert(press.to_owned());
        }
        if let Some(query) = content["inline_query"]["id"].as_str() {
            inner.queries.insert(query.to_owned());
        }
        let mut update = content;
        update["update_id"] = json!(id);
        if inner.webhook.is_some() {
            let shared = Arc::clone(&self.shared);
            webhook::deliver(&shared, &mut inner, update);
        } else {
            inner.updates.push_back(update);
        }
        drop(inner);
        self.shared.changed.notify_waiters();
        id
    }

    /// Returns the id for a message of a member.
    pub(crate) fn message_id(&self) -> i64 {
        let mut inner = self.shared.lock();
        inner.last_message += 1;
        inner.last_message
    }

    pub(crate) fn calls(&self, method: &str) -> Vec<Call> {
        let inner = self.shared.lock();
        let calls = inner.calls.iter();
        calls
            .filter(|call| call.method == method)
            .cloned()
            .collect()
    }

    /// Returns how many messages each chat got.
    pub(crate) fn sent(&self) -> HashMap<i64, u32> {
        self.shared.lock().sent.clone()
    }

    /// Returns the newest update that the bot has confirmed.
    pub(crate) fn confirmed(&self) -> u64 {
        self.shared.lock().confirmed
    }

    /// Returns the updates that the bot got at least once and has not confirmed.
    pub(crate) fn unconfirmed(&self) -> HashSet<u64> {
        self.shared.lock().unconfirmed.clone()
    }

    /// Returns the address and the secret of the webhook.
    pub(crate) fn webhook(&self) -> Option<(String, String)> {
        self.shared.lock().webhook.clone()
    }

    /// Waits until `test` returns something.
    pub(crate) async fn until<T>(&self, event: &str, test: impl Fn() -> Option<T>) -> T {
        let state = || {
            let calls = &self.shared.lock().calls;
            let calls = calls.iter().map(|call| (&call.method, &call.text));
            format!("calls: {:?}", calls.collect::<Vec<_>>())
        };
        support::bot::until(&self.shared.changed, event, test, state).await
    }

    /// Waits for `count` calls of a method, and returns them.
    pub(crate) async fn wait(&self, method: &str, count: usize) -> Vec<Call> {
        self.until(&format!("{method} ({count})"), || {
            Some(self.calls(method)).filter(|calls| calls.len() >= count)
        })
        .await
    }

    /// Returns a message of the bot, as a press of its button contains it.
    pub(crate) fn message(&self, chat: i64, id: i64) -> Value {
        let inner = self.shared.lock();
        inner
            .messages
            .get(&(chat, id))
            .cloned()
            .unwrap_or(Value::Null)
    }

    /// Returns the id of a message of the bot by its text.
    pub(crate) fn id_of(&self, chat: i64, text: &str) -> i64 {
        let inner = self.shared.lock();
        let mut messages = inner.messages.iter();
        let found = messages.find(|((c, _), message)| *c == chat && message["text"] == text);
        found
            .map(|((_, id), _)| *id)
            .expect("a message with this text")
    }

    /// Returns the refused calls, and forgets them.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().violations)
    }
}

impl Drop for FakeTelegram {
    fn drop(&mut self) {
        support::bot::assert_none_refused("Telegram", &self.take_violations());
    }
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let method = method.to_lowercase();
    if bot != format!("bot{}", shared.lock().token) {
        return refuse(&Refusal(401, "Unauthorized".to_owned(), Value::Null));
    }
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let body = match body::read(kind, &bytes) {
        Ok(body) => body,
        Err(problem) => {
            shared
                .lock()
                .violations
                .push(format!("{method}: {problem}"));
            return refuse(&bad(&problem));
        }
    };
    if let Some(response) = apply_fault(&shared, &method, &body).await {
        return response;
    }
    let done = if method == "getupdates" {
        get_updates(&shared, &body).await
    } else {
        let done = shared.lock().call(&method, &body);
        shared.changed.notify_waiters();
        done
    };
    match done {
        Ok(result) => axum::Json(json!({"ok": true, "result": result})).into_response(),
        Err(refusal) => {
            if refusal.0 != 409 {
                let problem = format!("{method}: {}: {body}", refusal.1);
                shared.lock().violations.push(problem);
            }
            refuse(&refusal)
        }
    }
}

fn refuse(Refusal(code, description, parameters): &Refusal) -> Response {
    let mut body = json!({"ok": false, "error_code": code, "description": description});
    if !parameters.is_null() {
        body["parameters"] = parameters.clone();
    }
    let status = StatusCode::from_u16(*code).unwrap();
    (status, axum::Json(body)).into_response()
}

/// Applies a fault that is set for a call.
async fn apply_fault(shared: &Shared, method: &str, body: &Value) -> Option<Response> {
    let fault = {
        let mut inner = shared.lock();
        let chat = body["chat_id"].as_i64();
        let random = inner.storm.as_mut().and_then(|storm| storm.fault(method));
        let is_due = |(name, only, fault): &(String, Option<i64>, Fault)| {
            name == method && (only.is_none() || *only == chat) && *fault != Fault::Twice
        };
        let at = inner.faults.iter().position(is_due);
        let set = at.map(|at| inner.faults.remove(at).2);
        let fault = set.or(random)?;
        if !matches!(fault, Fault::Slow(_)) {
            inner.record(method, body, None, false);
        }
        fault
    };
    shared.changed.notify_waiters();
    match fault {
        Fault::TooMany(seconds) => {
            let description = format!("Too Many Requests: retry after {seconds}");
            let parameters = json!({ "retry_after": seconds });
            Some(refuse(&Refusal(429, description, parameters)))
        }
        Fault::BadGateway => {
            Some((StatusCode::BAD_GATEWAY, "<html>502 Bad Gateway</html>").into_response())
        }
        Fault::Migrated(chat) => {
            let description = "Bad Request: group chat was upgraded to a supergroup chat";
            let parameters = json!({ "migrate_to_chat_id": chat });
            Some(refuse(&Refusal(400, description.to_owned(), parameters)))
        }
        Fault::Refused(description) => Some(refuse(&bad(description))),
        // Ends the task of the connection, and with it the connection, without a response.
        Fault::Dropped => std::panic::resume_unwind(Box::new(())),
        Fault::Slow(duration) => {
            tokio::time::sleep(duration).await;
            None
        }
        Fault::Twice => None,
    }
}

async fn get_updates(shared: &Shared, body: &Value) -> Result<Value, Refusal> {
    let timeout = Duration::from_secs(body["timeout"].as_u64().unwrap_or(0));
    let end = Instant::now() + timeout;
    let limit = usize::try_from(body["limit"].as_u64().unwrap_or(100)).unwrap();
    if !(1..=100).contains(&limit) {
        return Err(bad("limit"));
    }
    loop {
        let changed = shared.changed.notified();
        {
            let mut inner = shared.lock();
            if inner.webhook.is_some() {
                let text = "Conflict: can't use getUpdates method while webhook is active";
                return Err(Refusal(409, text.to_owned(), Value::Null));
            }
            if let Some(allowed) = body["allowed_updates"].as_array() {
                let names = allowed.iter().filter_map(Value::as_str).map(str::to_owned);
                inner.allowed = Some(names.collect());
            }
            if let Some(offset) = body["offset"].as_u64() {
                inner.confirmed = inner.confirmed.max(offset.saturating_sub(1));
                inner
                    .updates
                    .retain(|update| update["update_id"].as_u64() >= Some(offset));
                inner.unconfirmed.retain(|id| *id >= offset);
            }
            let allowed = inner.allowed.clone();
            let is_allowed = |update: &&Value| {
                allowed
                    .as_ref()
                    .is_none_or(|allowed| allowed.iter().any(|name| update.get(name).is_some()))
            };
            let batch = inner.updates.iter().filter(is_allowed).take(limit);
            let mut batch: Vec<Value> = batch.cloned().collect();
            if !batch.is_empty() || Instant::now() >= end {
                let twice = inner
                    .faults
                    .iter()
                    .position(|fault| fault.2 == Fault::Twice);
                if let Some(at) = twice.filter(|_| !batch.is_empty()) {
                    inner.faults.remove(at);
                    batch = batch
                        .iter()
                        .flat_map(|update| [update.clone(), update.clone()])
                        .collect();
                }
                let ids = batch
                    .iter()
                    .filter_map(|update| update["update_id"].as_u64());
                let ids: Vec<u64> = ids.collect();
                inner.unconfirmed.extend(ids);
                inner.record("getupdates", body, None, true);
                return Ok(Value::Array(batch));
            }
        }
        // Polls as well: a change between two checks is not notified.
        let left = end.saturating_duration_since(Instant::now());
        let _ = tokio::time::timeout(left.min(Duration::from_millis(100)), changed).await;
    }
}

impl Inner {
    fn record(&mut self, method: &str, body: &Value, shown: Option<check::Shown>, is_ok: bool) {
        let shown = shown.unwrap_or_default();
        if is_ok && method == "sendmessage" {
            *self
                .sent
                .entry(body["chat_id"].as_i64().unwrap_or_default())
                .or_default() += 1;
        }
        if self.keeps_calls && method != "getupdates" {
            self.calls.push(Call {
                method: method.to_owned(),
                body: body.clone(),
                at: Instant::now(),
                text: shown.text,
                links: shown.links,
                is_ok,
            });
        }
    }

    /// Handles a call, or refuses it as Telegram would.
    fn call(&mut self, method: &str, body: &Value) -> Result<Value, Refusal> {
        let mut shown = None;
        let result = match method {
            "getme" => json!({
                "id": BOT_ID, "is_bot": true, "first_name": "窓口", "username": BOT,
                "can_join_groups": true, "can_read_all_group_messages": false,
                "supports_inline_queries": true, "can_connect_to_business": false,
                "has_main_web_app": false,
            }),
            "setmycommands" => {
                check::commands(body)?;
                json!(true)
            }
            "deletewebhook" => {
                self.webhook = None;
                json!(true)
            }
            "setwebhook" => {
                self.webhook = Some(check::webhook(body)?);
                json!(true)
            }
            "sendchataction" => {
                require(body, &["chat_id", "action"])?;
                json!(true)
            }
            "sendmessage" => {
                require(body, &["chat_id", "text"])?;
                let read = check::message(body)?;
                self.last_message += 1;
                let message = self.keep(self.last_message, body, &read);
                shown = Some(read);
                message
            }
            "editmessagetext" => {
                let read = check::message(body)?;
                let id = self.known(body)?;
                let before = &self.messages[&(body["chat_id"].as_i64().unwrap(), id)];
                let markup = body.get("reply_markup").cloned().unwrap_or(Value::Null);
                if before["text"] == *read.text && before["reply_markup"] == markup {
                    let text = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
                    return Err(bad(text));
                }
                let message = self.keep(id, body, &read);
                shown = Some(read);
                message
            }
            "editmessagereplymarkup" => {
                check::keyboard(&body["reply_markup"])?;
                let id = self.known(body)?;
                let chat = body["chat_id"].as_i64().unwrap();
                let message = self.messages.get_mut(&(chat, id)).unwrap();
                message["reply_markup"] = body["reply_markup"].clone();
                message.clone()
            }
            "answercallbackquery" => {
                let text = body["text"].as_str().unwrap_or_default();
                if text.chars().count() > 200 {
                    return Err(bad("MESSAGE_TOO_LONG"));
                }
                let id = body["callback_query_id"].as_str().unwrap_or_default();
                take_query(&mut self.presses, id)?;
                json!(true)
            }
            "answerinlinequery" => {
                let id = body["inline_query_id"].as_str().unwrap_or_default();
                take_query(&mut self.queries, id)?;
                check::inline(body)?;
                json!(true)
            }
            _ => return Err(Refusal(404, "Not Found".to_owned(), Value::Null)),
        };
        self.record(method, body, shown, true);
        Ok(result)
    }

    fn known(&self, body: &Value) -> Result<i64, Refusal> {
        require(body, &["chat_id", "message_id"])?;
        let (chat, id) = (body["chat_id"].as_i64(), body["message_id"].as_i64());
        let key = (chat.unwrap_or_default(), id.unwrap_or_default());
        let is_known = self.messages.contains_key(&key);
        is_known
            .then_some(key.1)
            .ok_or_else(|| bad("message to edit not found"))
    }

    fn keep(&mut self, id: i64, body: &Value, shown: &check::Shown) -> Value {
        let chat = body["chat_id"].as_i64().unwrap_or_default();
        let mut message = json!({
            "message_id": id, "date": 1_795_000_000, "chat": chat_of(chat),
            "from": {"id": BOT_ID, "is_bot": true, "first_name": "窓口", "username": BOT},
            "text": shown.text,
        });
        if let Some(markup) = body.get("reply_markup") {
            message["reply_markup"] = markup.clone();
        }
        if self.keeps_calls {
            self.messages.insert((chat, id), message.clone());
        }
        message
    }
}

/// Removes a press or an inline query, which takes one answer.
fn take_query(open: &mut HashSet<String>, id: &str) -> Result<(), Refusal> {
    let text = "query is too old or was answered, or its id is invalid";
    open.remove(id).then_some(()).ok_or_else(|| bad(text))
}

fn require(body: &Value, keys: &[&str]) -> Result<(), Refusal> {
    let missing = keys.iter().find(|key| body.get(**key).is_none());
    missing.map_or(Ok(()), |key| Err(bad(&format!("{key} is missing"))))
}

/// Describes a chat by its id: groups have negative ones.
pub(crate) fn chat_of(id: i64) -> Value {
    if id < 0 {
        json!({"id": id, "title": "輸出の会", "type": "supergroup"})
    } else {
        json!({"id": id, "first_name": "花子", "type": "private"})
    }
}

/// Describes a user by the id, with a Japanese Telegram.
pub(crate) fn user_of(id: i64) -> Value {
    json!({"id": id, "is_bot": false, "first_name": "花子", "language_code": "ja"})
}

/// Makes a JSON object.
fn object(pairs: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(pairs.into_iter().collect::<Map<_, _>>())
}
