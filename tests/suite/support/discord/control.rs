//! What a test does to the gateway: lost connections, refusals, sessions forgotten; and what it has
//! seen.

use std::time::Duration;

use serde_json::{Value, json};

use super::FakeDiscord;
use super::gateway::{Control, Identify, Resume};

impl FakeDiscord {
    fn tell(&self, make: impl Fn() -> Control) {
        for connection in self.shared.lock().gateway.connections.values() {
            // One that is ending needs no telling.
            let _ = connection.send(make());
        }
    }

    /// Breaks every connection without a word; sessions can be resumed.
    pub(crate) fn drop_sockets(&self) {
        let mut inner = self.shared.lock();
        let connections: Vec<u64> = inner.gateway.connections.keys().copied().collect();
        for id in connections {
            let connection = inner.gateway.connections.get(&id);
            // What comes after this is for those who resume.
            let _ = connection.map(|connection| connection.send(Control::Drop));
            inner.detach(id);
        }
    }

    /// Closes every connection with a code.
    pub(crate) fn close_sockets(&self, code: u16) {
        self.tell(|| Control::Close(code, "as the test wants"));
    }

    /// Asks every client to connect again (op 7).
    pub(crate) fn reconnect(&self) {
        self.tell(|| Control::Send(json!({"op": 7, "d": null})));
    }

    /// Asks every client for a heartbeat (op 1).
    pub(crate) fn ask_heartbeat(&self) {
        self.tell(|| Control::Send(json!({"op": 1, "d": null})));
    }

    /// Says that every session is invalid (op 9), to be resumed or not.
    pub(crate) fn invalid_session(&self, is_resumable: bool) {
        self.tell(|| Control::Send(json!({"op": 9, "d": is_resumable})));
        if !is_resumable {
            self.shared.lock().gateway.sessions.clear();
        }
    }

    /// Forgets every session, so that a RESUME comes too late.
    pub(crate) fn forget_sessions(&self) {
        self.shared.lock().gateway.sessions.clear();
    }

    /// Sends an event of any form.
    pub(crate) fn tell_of(&self, name: &str, event: &Value) {
        self.shared.lock().dispatch(name, event);
    }

    /// Lets the five seconds between two IDENTIFY pass.
    pub(crate) fn allow_identify(&self) {
        self.shared.lock().gateway.window.clear();
    }

    /// Answers every IDENTIFY with an invalid session from now on.
    pub(crate) fn refuse_sessions(&self) {
        self.shared.lock().gateway.refuses_sessions = true;
    }

    /// Refuses every intent from now on (4014), and expects that.
    pub(crate) fn refuse_intents(&self) {
        self.shared.lock().gateway.allowed = 0;
    }

    pub(crate) fn set_heartbeat(&self, interval: Duration) {
        self.shared.lock().gateway.heartbeat = interval;
    }

    pub(crate) fn withhold_acks(&self, withholds: bool) {
        self.shared.lock().gateway.withholds_acks = withholds;
    }

    /// Recommends so many shards.
    pub(crate) fn set_shards(&self, shards: u64) {
        self.shared.lock().gateway.shards = shards;
    }

    /// Says that no session is left until so much later.
    pub(crate) fn use_up_sessions(&self, until: Duration) {
        let mut inner = self.shared.lock();
        inner.gateway.remaining = 0;
        inner.gateway.reset_after = u64::try_from(until.as_millis()).unwrap();
    }

    /// How many payloads went out compressed one by one.
    pub(crate) fn compressed(&self) -> usize {
        self.shared.lock().gateway.compressed
    }

    pub(crate) fn identifies(&self) -> Vec<Identify> {
        self.shared.lock().gateway.identifies.clone()
    }

    pub(crate) fn resumes(&self) -> Vec<Resume> {
        self.shared.lock().gateway.resumes.clone()
    }

    /// How many heartbeats came.
    pub(crate) fn beats(&self) -> usize {
        self.shared.lock().gateway.beats
    }

    /// How many clients are connected and known.
    pub(crate) fn connected(&self) -> usize {
        let inner = self.shared.lock();
        let sessions = inner.gateway.sessions.iter();
        sessions
            .filter(|session| session.connection.is_some())
            .count()
    }

    /// Waits until so many shards are connected and known.
    pub(crate) async fn ready(&self, shards: usize) {
        let test = || (self.connected() >= shards).then_some(());
        self.until("a connection to the gateway", test).await;
    }
}
