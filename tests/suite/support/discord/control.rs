//! Control of the gateway by a test: lost connections, refusals, lost sessions; and its records.

use std::time::Duration;

use serde_json::{Value, json};

use super::FakeDiscord;
use super::gateway::{Control, Identify, Resume};

impl FakeDiscord {
    fn control(&self, make: impl Fn() -> Control) {
        for connection in self.shared.lock().gateway.connections.values() {
            // A connection that is ending needs no control.
            let _ = connection.send(make());
        }
    }

    /// Drops all connections without a close frame; sessions can be resumed.
    pub(crate) fn drop_sockets(&self) {
        let mut inner = self.shared.lock();
        let connections: Vec<u64> = inner.gateway.connections.keys().copied().collect();
        for id in connections {
            let connection = inner.gateway.connections.get(&id);
            // Events after this are sent after a RESUME.
            let _ = connection.map(|connection| connection.send(Control::Drop));
            inner.detach(id);
        }
    }

    /// Closes all connections with a code.
    pub(crate) fn close_sockets(&self, code: u16) {
        self.control(|| Control::Close(code, "by the test"));
    }

    /// Sends RECONNECT (op 7) on all connections.
    pub(crate) fn reconnect(&self) {
        self.control(|| Control::Send(json!({"op": 7, "d": null})));
    }

    /// Requests a heartbeat (op 1) on all connections.
    pub(crate) fn ask_heartbeat(&self) {
        self.control(|| Control::Send(json!({"op": 1, "d": null})));
    }

    /// Sends INVALID SESSION (op 9) on all connections, resumable or not.
    pub(crate) fn invalid_session(&self, is_resumable: bool) {
        self.control(|| Control::Send(json!({"op": 9, "d": is_resumable})));
        if !is_resumable {
            self.shared.lock().gateway.sessions.clear();
        }
    }

    /// Drops all sessions, so that a RESUME fails.
    pub(crate) fn forget_sessions(&self) {
        self.shared.lock().gateway.sessions.clear();
    }

    /// Sends a payload of any form on all connections.
    pub(crate) fn send_payload(&self, payload: &Value) {
        self.control(|| Control::Send(payload.clone()));
    }

    /// Sends an event of any form.
    pub(crate) fn send_event(&self, name: &str, event: &Value) {
        self.shared.lock().dispatch(name, event);
    }

    /// Allows the next IDENTIFY at once.
    pub(crate) fn allow_identify(&self) {
        self.shared.lock().gateway.window.clear();
    }

    /// Answers each IDENTIFY with INVALID SESSION from now on.
    pub(crate) fn refuse_sessions(&self) {
        self.shared.lock().gateway.refuses_sessions = true;
    }

    /// Refuses all intents from now on (4014), and expects that.
    pub(crate) fn refuse_intents(&self) {
        self.shared.lock().gateway.allowed = 0;
    }

    pub(crate) fn set_heartbeat(&self, interval: Duration) {
        self.shared.lock().gateway.heartbeat = interval;
    }

    pub(crate) fn withhold_acks(&self, withholds: bool) {
        self.shared.lock().gateway.withholds_acks = withholds;
    }

    /// Sets the recommended number of shards.
    pub(crate) fn set_shards(&self, shards: u64) {
        self.shared.lock().gateway.shards = shards;
    }

    /// Reports that no session is left for a while.
    pub(crate) fn use_up_sessions(&self, until: Duration) {
        let mut inner = self.shared.lock();
        inner.gateway.remaining = 0;
        inner.gateway.reset_after = u64::try_from(until.as_millis()).unwrap();
    }

    /// The number of payloads that were sent compressed.
    pub(crate) fn compressed(&self) -> usize {
        self.shared.lock().gateway.compressed
    }

    pub(crate) fn identifies(&self) -> Vec<Identify> {
        self.shared.lock().gateway.identifies.clone()
    }

    pub(crate) fn resumes(&self) -> Vec<Resume> {
        self.shared.lock().gateway.resumes.clone()
    }

    /// The number of received heartbeats.
    pub(crate) fn heartbeats(&self) -> usize {
        self.shared.lock().gateway.heartbeats
    }

    /// The number of connected sessions.
    pub(crate) fn connected(&self) -> usize {
        let inner = self.shared.lock();
        let sessions = inner.gateway.sessions.iter();
        sessions
            .filter(|session| session.connection.is_some())
            .count()
    }

    /// Waits until this many shards have sessions.
    pub(crate) async fn ready(&self, shards: usize) {
        let is_ready = || self.connected() >= shards;
        self.until_true("a connection to the gateway", is_ready)
            .await;
    }
}
