//! The gateway's sessions, which outlive their connections, with their events for a RESUME.
//!
//! Payloads of a client in; READY, RESUMED and events out. Invariant: a violation closes the
//! connection with Discord's code, and fails the test unless the test caused it.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::socket::Connection;
use super::{APPLICATION_ID, GUILD, Inner, OTHER_GUILD, bot};

/// The intents that need no approval in the developer portal.
const UNPRIVILEGED: u64 = ALL_INTENTS & !(1 << 1 | 1 << 8 | 1 << 15);
const ALL_INTENTS: u64 = 0b11_0011_0001_1111_1111_1111_1111;
const GUILD_MESSAGES: u64 = 1 << 9;
const DIRECT_MESSAGES: u64 = 1 << 12;
const MESSAGE_CONTENT: u64 = 1 << 15;

/// Least time between two IDENTIFY: five seconds, less a tolerance for busy machines.
pub(crate) const IDENTIFY_INTERVAL: Duration = Duration::from_millis(4_500);
/// Events stored for a RESUME.
const MAX_REPLAYED_EVENTS: usize = 2_000;

/// A received IDENTIFY.
#[derive(Debug, Clone)]
pub(crate) struct Identify {
    pub(crate) at: Instant,
    pub(crate) shard: [u64; 2],
    pub(crate) intents: u64,
    pub(crate) is_ok: bool,
}

/// A received RESUME.
#[derive(Debug, Clone)]
pub(crate) struct Resume {
    pub(crate) is_ok: bool,
    /// Whether it was received at the `resume_gateway_url` of READY.
    pub(crate) is_at_resume_url: bool,
}

pub(super) struct State {
    pub(super) heartbeat: Duration,
    pub(super) withholds_acks: bool,
    pub(super) refuses_sessions: bool,
    pub(super) allowed: u64,
    pub(super) shards: u64,
    pub(super) max_concurrency: u64,
    pub(super) remaining: u64,
    pub(super) reset_after: u64,
    pub(super) last_connection: u64,
    pub(super) connections: HashMap<u64, UnboundedSender<Control>>,
    pub(super) sessions: Vec<Session>,
    /// Events before the first session.
    pub(super) pending: Vec<(String, Value)>,
    pub(super) window: HashMap<u64, Instant>,
    pub(super) identifies: Vec<Identify>,
    pub(super) resumes: Vec<Resume>,
    pub(super) heartbeats: usize,
    pub(super) compressed: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_millis(41_250),
            withholds_acks: false,
            refuses_sessions: false,
            allowed: UNPRIVILEGED,
            shards: 1,
            max_concurrency: 1,
            remaining: 1_000,
            reset_after: 86_400_000,
            last_connection: 0,
            connections: HashMap::new(),
            sessions: Vec::new(),
            pending: Vec::new(),
            window: HashMap::new(),
            identifies: Vec::new(),
            resumes: Vec::new(),
            heartbeats: 0,
            compressed: 0,
        }
    }
}

impl State {
    /// The response of `GET /gateway/bot`.
    pub(super) fn limits(&self, address: &str) -> Value {
        json!({
            "url": format!("ws://{address}"), "shards": self.shards,
            "session_start_limit": {
                "total": 1_000, "remaining": self.remaining, "reset_after": self.reset_after,
                "max_concurrency": self.max_concurrency,
            },
        })
    }
}

pub(super) struct Session {
    id: String,
    shard: [u64; 2],
    intents: u64,
    seq: u64,
    events: VecDeque<(u64, Value)>,
    pub(super) connection: Option<u64>,
}

/// An instruction to a connection.
pub(super) enum Control {
    Send(Value),
    Close(u16, &'static str),
    Drop,
}

impl Inner {
    /// Adds an event to the session of its shard, connected or not.
    pub(super) fn dispatch(&mut self, name: &str, event: &Value) {
        let mut identifies = self.gateway.identifies.iter();
        if !identifies.any(|identify| identify.is_ok) {
            self.gateway.pending.push((name.to_owned(), event.clone()));
            return;
        }
        let guild = event["guild_id"].as_str();
        let guild: Option<u64> = guild.and_then(|id| id.parse().ok());
        let is_message = name == "MESSAGE_CREATE" || name == "MESSAGE_UPDATE";
        for session in &mut self.gateway.sessions {
            let mine = guild.map_or(0, |guild| (guild >> 22) % session.shard[1]);
            let needs = match guild {
                _ if !is_message => 0,
                Some(_) => GUILD_MESSAGES,
                None => DIRECT_MESSAGES,
            };
            if mine != session.shard[0] || session.intents & needs != needs {
                continue;
            }
            let mut event = event.clone();
            let own = event["author"] == bot();
            let mentions = event["mentions"].as_array();
            let is_mentioned =
                mentions.is_some_and(|all| all.iter().any(|user| user["id"] == bot()["id"]));
            let reads = session.intents & MESSAGE_CONTENT != 0;
            if is_message && guild.is_some() && !own && !is_mentioned && !reads {
                for (key, nothing) in [("content", json!("")), ("embeds", json!([]))] {
                    event[key] = nothing;
                }
            }
            session.push(name, event, &self.gateway.connections);
        }
    }

    pub(super) fn detach(&mut self, connection: u64) {
        self.gateway.connections.remove(&connection);
        for session in &mut self.gateway.sessions {
            if session.connection == Some(connection) {
                session.connection = None;
            }
        }
    }

    pub(super) fn end_session(&mut self, connection: u64) {
        self.gateway
            .sessions
            .retain(|session| session.connection != Some(connection));
    }

    /// Closes a connection after a violation.
    pub(super) fn close(&mut self, code: u16, why: &'static str, detail: &str) -> Vec<Control> {
        self.violations
            .push(format!("gateway: {code} {why}: {detail}"));
        vec![Control::Close(code, why)]
    }

    fn wrong_token(&mut self) -> Vec<Control> {
        let why = "Authentication failed";
        if self.is_token_changed {
            return vec![Control::Close(4_004, why)];
        }
        self.close(4_004, why, "the token")
    }

    /// Processes a payload of a client.
    pub(super) fn receive(&mut self, connection: &mut Connection, text: &str) -> Vec<Control> {
        let now = Instant::now();
        connection.sends.push_back(now);
        while connection
            .sends
            .front()
            .is_some_and(|at| now - *at > Duration::from_mins(1))
        {
            connection.sends.pop_front();
        }
        if connection.sends.len() > 120 {
            return self.close(4_008, "Rate limited", "more than 120 in a minute");
        }
        if text.len() > 4_096 {
            return self.close(4_002, "Decode error", "more than 4096 bytes");
        }
        let Ok(payload) = serde_json::from_str::<Value>(text) else {
            return self.close(4_002, "Decode error", text);
        };
        let data = &payload["d"];
        match payload["op"].as_u64() {
            Some(1) => self.heartbeat(connection, data),
            Some(2) if connection.is_known => {
                self.close(4_005, "Already authenticated", "IDENTIFY twice")
            }
            Some(2) => self.identify(connection, data),
            Some(6) if connection.is_known => {
                self.close(4_005, "Already authenticated", "RESUME after IDENTIFY")
            }
            Some(6) => self.resume(connection, data),
            Some(3) if connection.is_known => Vec::new(),
            Some(3 | 4 | 8) => self.close(4_003, "Not authenticated", text),
            _ => self.close(4_001, "Unknown opcode", text),
        }
    }

    fn heartbeat(&mut self, connection: &Connection, data: &Value) -> Vec<Control> {
        self.gateway.heartbeats += 1;
        let sessions = self.gateway.sessions.iter();
        let mine = sessions
            .rev()
            .find(|session| session.connection == Some(connection.id));
        let seq = mine.map_or(u64::MAX, |session| session.seq);
        if !data.is_null() && data.as_u64().is_none_or(|last| last > seq) {
            return self.close(4_007, "Invalid seq", &data.to_string());
        }
        if self.gateway.withholds_acks {
            return Vec::new();
        }
        vec![Control::Send(json!({"op": 11, "d": null}))]
    }

    fn identify(&mut self, connection: &mut Connection, data: &Value) -> Vec<Control> {
        let number = |at: usize| data["shard"][at].as_u64();
        let shard = match &data["shard"] {
            Value::Null => [0, 1],
            _ => [number(0).unwrap_or(u64::MAX), number(1).unwrap_or(0)],
        };
        let token = data["token"].as_str().unwrap_or_default();
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        let intents = data["intents"].as_u64();
        let mut identify = Identify {
            at: Instant::now(),
            shard,
            intents: intents.unwrap_or_default(),
            is_ok: false,
        };
        let bucket = shard[0] % self.gateway.max_concurrency;
        let before = self.gateway.window.insert(bucket, identify.at);
        let is_soon = before.is_some_and(|before| before.elapsed() < IDENTIFY_INTERVAL);
        self.gateway.identifies.push(identify.clone());
        self.gateway.remaining = self.gateway.remaining.saturating_sub(1);
        let properties = &data["properties"];
        let has = |key: &str| {
            properties[key]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        };
        if !["os", "browser", "device"].iter().all(|key| has(key)) {
            return self.close(4_002, "Decode error", "properties");
        }
        let threshold = data["large_threshold"].as_u64().unwrap_or(50);
        if !(50..=250).contains(&threshold) {
            return self.close(4_002, "Decode error", "large_threshold");
        }
        if token != self.token {
            return self.wrong_token();
        }
        if shard[0] >= shard[1] {
            return self.close(4_010, "Invalid shard", &data["shard"].to_string());
        }
        if intents.is_none_or(|intents| intents & !ALL_INTENTS != 0) {
            return self.close(4_013, "Invalid intents", &data["intents"].to_string());
        }
        if identify.intents & !self.gateway.allowed != 0 {
            if self.gateway.allowed == 0 {
                return vec![Control::Close(4_014, "Disallowed intents")];
            }
            return self.close(4_014, "Disallowed intents", &data["intents"].to_string());
        }
        if self.gateway.refuses_sessions {
            return vec![Control::Send(json!({"op": 9, "d": false}))];
        }
        if is_soon {
            self.violations.push(format!(
                "IDENTIFY of shard {shard:?} within five seconds of another"
            ));
            return vec![Control::Send(json!({"op": 9, "d": false}))];
        }
        identify.is_ok = true;
        if let Some(last) = self.gateway.identifies.last_mut() {
            last.is_ok = true;
        }
        connection.is_known = true;
        let id = format!("session{}", self.next());
        // A shard that identifies again gives up its old session.
        self.gateway
            .sessions
            .retain(|session| session.shard != shard);
        let guilds = [GUILD, OTHER_GUILD];
        let mine = guilds
            .iter()
            .filter(|guild| (**guild >> 22) % shard[1] == shard[0]);
        let mine = mine.map(|guild| json!({"id": guild.to_string(), "unavailable": true}));
        let mut user = bot();
        user["email"] = Value::Null;
        user["verified"] = json!(true);
        user["mfa_enabled"] = json!(false);
        let ready = json!({
            "v": 10, "user": user, "user_settings": {}, "guilds": mine.collect::<Vec<_>>(),
            "session_id": id, "resume_gateway_url": format!("ws://{}/gateway", self.address),
            "session_type": "normal", "shard": shard, "private_channels": [], "presences": [],
            "relationships": [], "guild_join_requests": [], "geo_ordered_rtc_regions": ["japan"],
            "application": {"id": APPLICATION_ID.to_string(), "flags": 0}, "auth": {},
            "_trace": ["[\"gateway-of-the-tests\",{\"micros\":0}]"],
        });
        let mut session = Session {
            id,
            shard,
            intents: identify.intents,
            seq: 0,
            events: VecDeque::new(),
            connection: Some(connection.id),
        };
        session.push("READY", ready, &self.gateway.connections);
        self.gateway.sessions.push(session);
        for (name, event) in std::mem::take(&mut self.gateway.pending) {
            self.dispatch(&name, &event);
        }
        Vec::new()
    }

    fn resume(&mut self, connection: &mut Connection, data: &Value) -> Vec<Control> {
        let id = data["session_id"].as_str().unwrap_or_default();
        let token = data["token"].as_str().unwrap_or_default();
        let is_right = token.strip_prefix("Bot ").unwrap_or(token) == self.token;
        let mut sessions = self.gateway.sessions.iter();
        let found = sessions.position(|session| session.id == id);
        self.gateway.resumes.push(Resume {
            is_ok: is_right && found.is_some(),
            is_at_resume_url: connection.is_at_resume_url,
        });
        if !is_right {
            return self.wrong_token();
        }
        let Some(at) = found else {
            return vec![Control::Send(json!({"op": 9, "d": false}))];
        };
        let session = &mut self.gateway.sessions[at];
        let Some(seq) = data["seq"].as_u64().filter(|seq| *seq <= session.seq) else {
            return self.close(4_007, "Invalid seq", &data["seq"].to_string());
        };
        let missed = session.events.iter().filter(|(number, _)| *number > seq);
        let mut controls: Vec<Control> = missed
            .map(|(_, event)| Control::Send(event.clone()))
            .collect();
        let resumed = json!({"_trace": ["gateway-of-the-tests"]});
        session.connection = None;
        let resumed = session.push("RESUMED", resumed, &self.gateway.connections);
        controls.push(Control::Send(resumed));
        session.connection = Some(connection.id);
        connection.is_known = true;
        controls
    }
}

impl Session {
    /// Numbers and stores an event, and sends it if the session is connected.
    fn push(
        &mut self,
        name: &str,
        event: Value,
        connections: &HashMap<u64, UnboundedSender<Control>>,
    ) -> Value {
        self.seq += 1;
        let payload = json!({"op": 0, "s": self.seq, "t": name, "d": event});
        self.events.push_back((self.seq, payload.clone()));
        if self.events.len() > MAX_REPLAYED_EVENTS {
            self.events.pop_front();
        }
        if let Some(connection) = self.connection.and_then(|id| connections.get(&id)) {
            // If the connection just ended, the event follows after a RESUME.
            let _ = connection.send(Control::Send(payload.clone()));
        }
        payload
    }
}
