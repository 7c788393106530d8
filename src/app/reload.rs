//! Watches the knowledge folder: loads each change, then replaces the served knowledge.
//!
//! File events of the operating system report most changes at once. A scan every few seconds finds
//! the others (network drives, container mounts, a folder that was missing). Both only start a
//! comparison of the contents; a difference starts the reload.
//!
//! Invariants: served knowledge is replaced only by knowledge that was read, checked, indexed and
//! passed the self-retrieval check, and whose files did not change during a quiet period. A change
//! that removes much is served only after it was confirmed.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use arc_swap::{ArcSwap, ArcSwapOption};
use notify::{RecursiveMode, Watcher};

use super::inventory::{Inventory, Loss};
use super::last_accepted::LastAccepted;
use super::loading::{
    Opened, embed_missing, load_valid, log_failure, open_checked, open_unchecked, origin_name,
};
use crate::answer::Assistant;
use crate::channels::http::{AfterRestart, Stale};
use crate::channels::metrics::{Metrics, Reload};
use crate::embedding::{Embedding, Encoder, Missing};
use crate::knowledge::{Evidence, Snapshot};
use crate::settings::Settings;

/// Time without an event after which the files are read: editors and `git pull` write in bursts.
const QUIET_PERIOD: Duration = Duration::from_millis(300);

/// Time after which the files are read even if events continue.
const MAX_BURST: Duration = Duration::from_secs(3);

/// Time after which a folder that keeps changing is logged.
const MAX_UNSETTLED: Duration = Duration::from_secs(30);

/// Time between two scans of the folder without events.
const SCAN_INTERVAL: Duration = Duration::from_secs(2);

/// Lower bound of the scan interval, in multiples of the time that a scan takes: a large folder must
/// not keep a processor busy.
const MIN_SCANS_APART: u32 = 20;

/// Number of SIGHUPs that confirm a change that is held.
pub(super) const CONFIRMATIONS: usize = 2;

/// Time after which a single SIGHUP no longer counts as half of a confirmation.
const CONFIRMATION_PERIOD: Duration = Duration::from_secs(600);

/// Delay before embedding is retried after a failure; it doubles with each further failure.
const MIN_EMBED_RETRY_DELAY: Duration = Duration::from_secs(10);

/// Upper bound of the delay before embedding is retried.
const MAX_EMBED_RETRY_DELAY: Duration = Duration::from_secs(300);

/// A reason to compare the folder with the served knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// A file event.
    FileEvent,
    /// SIGHUP, which reloads even if no file changed.
    Hangup,
}

/// The served assistant, and everything that reloading it needs.
pub(super) struct Live {
    pub(super) settings: Settings,
    pub(super) encoder: Option<Arc<Encoder>>,
    pub(super) assistant: Arc<ArcSwap<Assistant>>,
    /// Why the folder is not served; `None` if it is.
    pub(super) stale: Arc<ArcSwapOption<Stale>>,
    pub(super) metrics: Arc<Metrics>,
    /// The version of the folder that was loaded or refused last.
    pub(super) seen: String,
    pub(super) last_accepted: LastAccepted,
}

/// The SIGHUPs since a change is held.
#[derive(Default)]
struct Confirmations {
    count: usize,
    last: Option<Instant>,
}

impl Confirmations {
    fn add(&mut self, hangups: usize) {
        if self
            .last
            .is_some_and(|last| last.elapsed() > CONFIRMATION_PERIOD)
        {
            self.count = 0;
        }
        if hangups > 0 {
            self.count += hangups;
            self.last = Some(Instant::now());
        }
    }

    fn left(&self) -> usize {
        CONFIRMATIONS.saturating_sub(self.count)
    }
}

/// The result of loading a changed folder.
enum Loaded {
    Opened(Box<Opened>),
    Held(Loss),
}

/// Starts the thread that watches the folder until the process ends; returns the sender that wakes
/// it.
pub(super) fn start(live: Live) -> anyhow::Result<Sender<Wake>> {
    let (sender, wakes) = channel();
    let wake = sender.clone();
    thread::Builder::new()
        .name("reload".to_owned())
        .spawn(move || run(live, &wake, &wakes))
        .context("cannot start the thread that watches the knowledge folder")?;
    Ok(sender)
}

fn run(mut live: Live, wake: &Sender<Wake>, wakes: &Receiver<Wake>) {
    let mut watcher = watch(&live.settings.knowledge, wake);
    // The service starts with the cached embeddings only.
    let mut delay = MIN_EMBED_RETRY_DELAY;
    let mut tried: Option<Instant> = None;
    let mut confirmations = Confirmations::default();
    let mut interval = SCAN_INTERVAL;
    loop {
        if live.lacks_embeddings() && tried.is_none_or(|tried| tried.elapsed() >= delay) {
            delay = tried.map_or(delay, |_| (2 * delay).min(MAX_EMBED_RETRY_DELAY));
            live.embed();
            tried = Some(Instant::now());
            if live.lacks_embeddings() {
                let seconds = delay.as_secs();
                tracing::info!(seconds, "embedding the knowledge failed: retrying later");
            }
        }
        let mut hangups = match wakes.recv_timeout(interval) {
            Ok(wake) => usize::from(wake == Wake::Hangup),
            Err(RecvTimeoutError::Timeout) => {
                let start = Instant::now();
                let version = Snapshot::read(&live.settings.knowledge).version();
                interval = SCAN_INTERVAL.max(MIN_SCANS_APART * start.elapsed());
                if version == live.seen {
                    continue;
                }
                0
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let snapshot = settled(&live.settings.knowledge, wakes, &mut hangups);
        let version = snapshot.version();
        let is_changed = version != live.seen;
        if !is_changed && hangups == 0 {
            continue;
        }
        if is_changed {
            confirmations = Confirmations::default();
        } else if live.is_held() {
            // A SIGHUP counts only if the change was known to be held when it was sent.
            confirmations.add(hangups);
        }
        live.seen = version;
        // The folder may have been replaced by another of the same name; watch the new one.
        drop(watcher.take());
        watcher = watch(&live.settings.knowledge, wake);
        live.reload(&snapshot, &confirmations);
        (tried, delay) = (None, MIN_EMBED_RETRY_DELAY);
    }
}

/// Reads the folder until its files are the same at the start and the end of a quiet period, so that
/// half of a save is not served. Adds the number of SIGHUPs meanwhile.
fn settled(folder: &Path, wakes: &Receiver<Wake>, hangups: &mut usize) -> Snapshot {
    let start = Instant::now();
    let mut is_logged = false;
    let mut before = Snapshot::read(folder).version();
    loop {
        *hangups += wait_for_quiet(wakes);
        let snapshot = Snapshot::read(folder);
        let version = snapshot.version();
        if version == before {
            return snapshot;
        }
        before = version;
        if start.elapsed() > MAX_UNSETTLED && !is_logged {
            is_logged = true;
            tracing::warn!("knowledge folder keeps changing: waiting until it is quiet");
        }
    }
}

/// Waits until the burst of events is over; returns the number of SIGHUPs among them.
fn wait_for_quiet(wakes: &Receiver<Wake>) -> usize {
    let end = Instant::now() + MAX_BURST;
    let mut hangups = 0;
    while Instant::now() < end
        && let Ok(wake) = wakes.recv_timeout(QUIET_PERIOD)
    {
        hangups += usize::from(wake == Wake::Hangup);
    }
    hangups
}

/// Subscribes to the folder's file events; `None` if the system cannot report them.
fn watch(folder: &Path, wake: &Sender<Wake>) -> Option<notify::RecommendedWatcher> {
    let wake = wake.clone();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading the folder is an event too; reacting to it would loop endlessly.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // The receiver is dropped only when the process ends.
            let _ = wake.send(Wake::FileEvent);
        }
    });
    let watching = watcher.and_then(|mut watcher| {
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(watcher)
    });
    let error = match watching {
        Ok(watcher) => return Some(watcher),
        Err(error) => error,
    };
    tracing::debug!(%error, "knowledge folder: no file events, scanning only");
    None
}

/// Returns the size of all files in a folder and its subfolders; 0 if it cannot be read.
pub(super) fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

impl Live {
    /// Returns the encoder for a reload. The built-in model embeds missing texts before the new
    /// knowledge is served; with a server a reload does not wait for embeddings.
    fn embedding(&self) -> Option<Embedding> {
        let encoder = self.encoder.clone()?;
        let missing = match *encoder {
            Encoder::BuiltIn(_) => Missing::Embed,
            Encoder::Server(_) => Missing::Skip,
        };
        Some(Embedding { encoder, missing })
    }

    /// Embeds the served knowledge and serves it with its embeddings.
    fn embed(&self) {
        let start = Instant::now();
        let Some(encoder) = self.encoder.clone() else {
            return;
        };
        let knowledge = Arc::clone(self.assistant.load().knowledge());
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let embedding = Some(embed_missing(encoder));
            open_unchecked(knowledge, &self.settings.index, embedding, None)
        }));
        // A failure is logged where it occurs; questions are still ranked by words.
        if let Ok(Ok(Opened { assistant, .. })) = opened
            && assistant.searcher().evidence() != Evidence::Words
        {
            self.assistant.store(Arc::new(assistant));
            let milliseconds = start.elapsed().as_millis() as u64;
            tracing::info!(milliseconds, "knowledge embedded");
        }
    }

    /// Returns whether there is an encoder and the knowledge is not embedded.
    fn lacks_embeddings(&self) -> bool {
        let evidence = self.assistant.load().searcher().evidence();
        self.encoder.is_some() && evidence == Evidence::Words
    }

    fn is_held(&self) -> bool {
        let stale = self.stale.load();
        stale.as_ref().is_some_and(|stale| stale.held.is_some())
    }

    /// Loads a snapshot and replaces the served knowledge, or logs why not.
    fn reload(&self, snapshot: &Snapshot, confirmations: &Confirmations) {
        let start = Instant::now();
        // A panic while loading must not end this thread: no later change would be loaded.
        let loaded = catch_unwind(AssertUnwindSafe(|| self.load(snapshot, confirmations)));
        let loaded =
            loaded.unwrap_or_else(|_| Err(anyhow::anyhow!("loading the knowledge panicked")));
        let is_kept = || self.last_accepted.path().exists();
        match loaded {
            Ok(Loaded::Opened(opened)) => {
                let Opened { assistant, origin } = *opened;
                let knowledge = Arc::clone(assistant.knowledge());
                let entries = knowledge.entries.len();
                let evidence = assistant.searcher().evidence().name();
                self.assistant.store(Arc::new(assistant));
                self.stale.store(None);
                self.metrics.count_reload(Reload::Loaded);
                self.last_accepted.keep(snapshot, &knowledge);
                let index_bytes = folder_bytes(&self.settings.index);
                self.metrics.set_knowledge(entries, index_bytes);
                let milliseconds = start.elapsed().as_millis() as u64;
                let index = origin_name(origin);
                tracing::info!(entries, index, evidence, milliseconds, "knowledge reloaded");
            }
            Ok(Loaded::Held(loss)) => {
                let confirmations_left = confirmations.left();
                self.stale.store(Some(Arc::new(Stale {
                    held: Some(loss.held(confirmations_left)),
                    after_restart: if is_kept() {
                        AfterRestart::LastAccepted
                    } else {
                        AfterRestart::Folder
                    },
                })));
                self.metrics.count_reload(Reload::Held);
                log_held(&loss, confirmations_left);
            }
            Err(error) => {
                let cause = log_failure(&error);
                self.stale.store(Some(Arc::new(Stale {
                    held: None,
                    after_restart: if is_kept() {
                        AfterRestart::LastAccepted
                    } else {
                        AfterRestart::None
                    },
                })));
                self.metrics.count_reload(Reload::Failed);
                tracing::error!(
                    cause,
                    "knowledge reload failed: serving the previous version"
                );
            }
        }
    }

    fn load(&self, snapshot: &Snapshot, confirmations: &Confirmations) -> anyhow::Result<Loaded> {
        let knowledge = load_valid(snapshot, &self.settings)?;
        let served = self.assistant.load();
        if confirmations.left() > 0 {
            let before = Inventory::of(served.knowledge());
            let loss = before.loss(&Inventory::of(&knowledge), |file| snapshot.has_file(file));
            if let Some(loss) = loss {
                return Ok(Loaded::Held(loss));
            }
        }
        let opened = open_checked(&self.settings, knowledge, self.embedding(), Some(&served))?;
        Ok(Loaded::Opened(Box::new(opened)))
    }
}

/// Logs a change that waits for a confirmation.
pub(super) fn log_held(loss: &Loss, confirmations_left: usize) {
    tracing::warn!(
        lost_desks = loss.desks.join(", "),
        lost_entries = loss.entries,
        emptied_files = loss.emptied_files.join(", "),
        confirmations_left,
        hint = "restore what is missing; or, if it is meant, send SIGHUP twice, some seconds apart",
        "knowledge held: the change removes much, serving the previous version"
    );
}
