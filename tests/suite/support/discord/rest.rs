//! The REST API: routes, authorization, faults, and errors in Discord's form.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::messages::{Origin, unknown_message};
use super::transport::public_key_hex;
use super::{
    APPLICATION_ID, Call, Fault, Inner, Refusal, Shared, bot, check, commands, form, member,
};

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let path = uri.path().strip_prefix("/api/v").unwrap_or("?");
    let path = path.trim_start_matches(|c: char| c.is_ascii_digit());
    let header = |name| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    let is_json = header(header::CONTENT_TYPE).starts_with("application/json");
    let body = match (bytes.is_empty(), is_json) {
        (true, _) => Ok(Value::Null),
        (_, true) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
        _ => Err(format!("content type `{}`", header(header::CONTENT_TYPE))),
    };
    let fault = {
        let mut inner = shared.lock();
        let fault = inner.fault(method.as_str(), path);
        let status = match fault {
            Some(Fault::TooMany(_)) => Some(429),
            Some(Fault::Status(status)) => Some(status),
            Some(Fault::Dropped) => Some(0),
            _ => None,
        };
        if let Some(status) = status {
            let body = body.as_ref().unwrap_or(&Value::Null);
            inner.record(&method, path, body, status);
        }
        fault
    };
    shared.changed.notify_waiters();
    match fault {
        Some(Fault::TooMany(seconds)) => return too_many(seconds),
        Some(Fault::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap();
            return (status, format!("<html>{status}</html>")).into_response();
        }
        // Ends the connection's task, and with it the connection, without a response.
        Some(Fault::Dropped) => std::panic::resume_unwind(Box::new(())),
        Some(Fault::Slow(duration)) => tokio::time::sleep(duration).await,
        Some(Fault::Lost | Fault::Closed(_)) | None => {}
    }
    let mut inner = shared.lock();
    let caller = Caller {
        authorization: header(header::AUTHORIZATION),
        agent: header(header::USER_AGENT),
        query: &query,
    };
    let done = match &body {
        Ok(body) => inner.call(&method, path, body, &caller),
        Err(error) => Err(form("body", error)),
    };
    let body = body.unwrap_or_default();
    let (status, answer) = match done {
        Ok(Value::Null) => (204, Value::Null),
        Ok(answer) => (200, answer),
        Err(refusal) => {
            if !refusal.is_expected {
                let problem = format!(
                    "{method} {path}: {} {}: {body}",
                    refusal.code, refusal.message
                );
                inner.violations.push(problem);
            }
            let answer = json!({"message": refusal.message, "code": refusal.code});
            (refusal.status, answer)
        }
    };
    inner.record(&method, path, &body, status);
    if fault == Some(Fault::Lost) {
        inner.mark_lost(path.split('/').nth(2).unwrap_or_default());
    }
    drop(inner);
    shared.changed.notify_waiters();
    if fault == Some(Fault::Lost) {
        std::panic::resume_unwind(Box::new(()));
    }
    let status = StatusCode::from_u16(status).unwrap();
    if status == StatusCode::NO_CONTENT {
        return status.into_response();
    }
    (status, axum::Json(answer)).into_response()
}

fn too_many(seconds: f64) -> Response {
    let body = json!({
        "message": "You are being rate limited.", "retry_after": seconds, "global": false,
    });
    let headers = [
        ("retry-after", format!("{}", seconds.ceil())),
        ("x-ratelimit-limit", "5".to_owned()),
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", "1795316400.000".to_owned()),
        ("x-ratelimit-reset-after", format!("{seconds:.3}")),
        ("x-ratelimit-bucket", "abcd1234".to_owned()),
        ("x-ratelimit-scope", "user".to_owned()),
    ];
    (StatusCode::TOO_MANY_REQUESTS, headers, axum::Json(body)).into_response()
}

struct Caller<'a> {
    authorization: &'a str,
    agent: &'a str,
    query: &'a HashMap<String, String>,
}

impl Caller<'_> {
    fn is(&self, key: &str) -> bool {
        self.query
            .get(key)
            .is_some_and(|value| value == "true" || value == "1")
    }
}

fn not_found() -> Refusal {
    Refusal::new(404, 0, "404: Not Found")
}

impl Inner {
    fn record(&mut self, method: &Method, path: &str, body: &Value, status: u16) {
        self.calls.push_back(Call {
            method: method.to_string(),
            path: path.to_owned(),
            body: body.clone(),
            at: Instant::now(),
            status,
        });
        while self.calls.len() > self.keeps {
            self.calls.pop_front();
        }
    }

    /// Processes a call; `Null` is a response without a body.
    fn call(
        &mut self,
        method: &Method,
        path: &str,
        body: &Value,
        caller: &Caller<'_>,
    ) -> Result<Value, Refusal> {
        let mut parts: Vec<&str> = path.split('/').skip(1).collect();
        parts.insert(0, method.as_str());
        let is_open = matches!(parts[1..], ["gateway"] | ["interactions" | "webhooks", ..]);
        if !is_open && !caller.agent.starts_with("DiscordBot (") {
            return Err(Refusal::new(403, 40_333, "internal network error"));
        }
        if !is_open && caller.authorization != format!("Bot {}", self.token) {
            return Err(Refusal {
                is_expected: self.is_token_changed,
                ..Refusal::new(401, 0, "401: Unauthorized")
            });
        }
        match parts[..] {
            ["GET", "gateway"] => Ok(json!({"url": format!("ws://{}", self.address)})),
            ["GET", "gateway", "bot"] => Ok(self.gateway.limits(&self.address)),
            ["GET", "users", "@me"] => {
                let mut user = bot();
                user["verified"] = json!(true);
                user["mfa_enabled"] = json!(false);
                user["email"] = Value::Null;
                Ok(user)
            }
            ["GET", "oauth2", "applications", "@me"] | ["GET", "applications", "@me"] => {
                Ok(application())
            }
            [_, "applications", id, "commands"] if id != APPLICATION_ID.to_string() => {
                Err(Refusal::new(
                    403,
                    20_012,
                    "You are not authorized to perform this action on this application",
                ))
            }
            ["GET", "applications", _, "commands"] => {
                let with = caller.is("with_localizations");
                let commands = self.commands.iter();
                Ok(commands
                    .map(|command| commands::shown(command, with))
                    .collect())
            }
            ["PUT", "applications", _, "commands"] => {
                commands::all(body)?;
                let before = std::mem::take(&mut self.commands);
                self.commands = commands::kept(&before, body, || self.next());
                self.puts.push(body.clone());
                Ok(json!(self.commands))
            }
            ["POST", "interactions", id, token, "callback"] => {
                let message = self.acknowledge(id, token, body)?;
                let is_asked = caller.is("with_response");
                Ok(if is_asked {
                    self.callback_body(id, &message)
                } else {
                    Value::Null
                })
            }
            [_, "webhooks", id, ..] if id != APPLICATION_ID.to_string() => {
                Err(Refusal::new(404, 10_015, "Unknown Webhook"))
            }
            ["POST", "webhooks", _, token] => self.follow_up(token, body),
            [_, "webhooks", _, token, "messages", id] => {
                let id = self.webhook_message(token, id)?;
                self.message_call(method, &id, body)
            }
            ["POST", "users", "@me", "channels"] => {
                let user = snowflake(&body["recipient_id"]).parse();
                let user = user.map_err(|_| form("recipient_id", "is no id"))?;
                Ok(self.dm_channel(user))
            }
            [_, "channels", channel, ..] if self.channel(channel).is_none() => {
                Err(Refusal::new(404, 10_003, "Unknown Channel"))
            }
            ["GET", "channels", channel] => Ok(self.channel(channel).unwrap_or_default()),
            ["POST", "channels", _, "typing"] => {
                self.typings += 1;
                Ok(Value::Null)
            }
            ["POST", "channels", channel, "messages"] => self.send(channel, body),
            [_, "channels", channel, "messages", id] => {
                let message = self.messages.get(id);
                let message = message.filter(|message| message["channel_id"] == channel);
                let message = message.ok_or_else(unknown_message)?;
                if message["author"] != bot() && *method != Method::GET {
                    let text = "Cannot edit a message authored by another user";
                    return Err(Refusal::new(403, 50_005, text));
                }
                self.message_call(method, id, body)
            }
            _ => Err(not_found()),
        }
    }

    fn message_call(&mut self, method: &Method, id: &str, body: &Value) -> Result<Value, Refusal> {
        match method.as_str() {
            "GET" => self.messages.get(id).cloned().ok_or_else(unknown_message),
            "PATCH" => self.edit(id, body),
            "DELETE" => {
                self.messages.remove(id).ok_or_else(unknown_message)?;
                Ok(Value::Null)
            }
            _ => Err(Refusal::new(405, 0, "405: Method Not Allowed")),
        }
    }

    fn send(&mut self, channel: &str, body: &Value) -> Result<Value, Refusal> {
        check::message(body, check::Place::Channel)?;
        let nonce = check::text(body, "nonce", 0..=25)?.to_owned();
        let nonce = (body["enforce_nonce"] == true).then(|| (channel.to_owned(), nonce));
        let known = nonce.as_ref();
        if let Some(known) = known.and_then(|nonce| self.messages.nonces.get(nonce)) {
            return Ok(known.clone());
        }
        let described = self.channel(channel).unwrap_or_default();
        let mut extra = json!({});
        let reference = &body["message_reference"];
        if !reference.is_null() {
            let keys = "type message_id channel_id guild_id fail_if_not_exists";
            check::only(reference, keys, "message_reference")?;
            let id = snowflake(&reference["message_id"]);
            let other = snowflake(&reference["channel_id"]);
            let why = "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL";
            let is_here = other.is_empty() || other == channel;
            check::require(is_here, "message_reference", why)?;
            let found = self
                .messages
                .get(&id)
                .filter(|found| found["channel_id"] == channel);
            let may_be_missing = reference["fail_if_not_exists"] == false;
            let is_known = found.is_some() || may_be_missing;
            check::require(is_known, "message_reference", "Unknown message")?;
            if let Some(found) = found {
                extra["referenced_message"] = found.clone();
                extra["message_reference"] = json!({
                    "type": 0, "message_id": id, "channel_id": channel,
                });
            }
        }
        let kind = if extra["message_reference"].is_null() {
            0
        } else {
            19
        };
        let origin = Origin {
            kind,
            channel,
            guild: &described["guild_id"],
            extra,
            only: None,
        };
        let message = self.create(body, &origin);
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        self.messages.sent.push_back(id);
        if let Some(nonce) = nonce {
            self.messages.nonces.insert(nonce, message.clone());
        }
        Ok(message)
    }

    /// A channel that the bot has access to.
    pub(super) fn channel(&self, id: &str) -> Option<Value> {
        let known = self.messages.channels.get(id).cloned();
        known.or_else(|| member::guild_channel(id))
    }

    pub(super) fn dm_channel(&mut self, user: u64) -> Value {
        let channel = member::dm_channel(user);
        let id = channel["id"].as_str().unwrap_or_default().to_owned();
        self.messages.channels.insert(id, channel.clone());
        channel
    }
}

/// Reads an id, a string or a number.
fn snowflake(id: &Value) -> String {
    let number = id.as_u64().map(|id| id.to_string());
    number.unwrap_or_else(|| id.as_str().unwrap_or_default().to_owned())
}

fn application() -> Value {
    let owner = member::user(member::OWNER);
    json!({
        "id": APPLICATION_ID.to_string(), "name": "窓口", "icon": null, "description": "",
        "type": null, "bot": bot(), "summary": "", "bot_public": true,
        "bot_require_code_grant": false, "verify_key": public_key_hex(), "flags": 0,
        "hook": true, "redirect_uris": [], "interactions_endpoint_url": null,
        "role_connections_verification_url": null, "owner": owner, "team": null, "tags": [],
        "approximate_guild_count": 2, "approximate_user_install_count": 0,
        "integration_types_config": {"0": {}, "1": {}},
    })
}
