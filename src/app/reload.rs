//! Watches the knowledge folder: loads each change, then replaces the served knowledge.
//!
//! File events of the operating system report most changes at once. A scan every few seconds finds
//! the others (network drives, container mounts, a folder that was missing). An event only starts a
//! comparison of the files; a difference starts the reload.
//!
//! Invariant: served knowledge is replaced only by knowledge that was read, checked, indexed and
//! passed the self-retrieval check.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use arc_swap::{ArcSwap, ArcSwapOption};
use notify::{RecursiveMode, Watcher};

use super::loading::{
    InvalidKnowledge, Opened, embed_missing, open_checked, open_unchecked, origin_name,
    read_valid_knowledge,
};
use crate::answer::Assistant;
use crate::channels::metrics::Metrics;
use crate::embedding::{Embedding, Encoder, Missing};
use crate::knowledge::{Evidence, Problem};
use crate::settings::Settings;

/// Time without an event after which the files are read: editors and `git pull` write in bursts.
const QUIET_PERIOD: Duration = Duration::from_millis(300);

/// Time after which the files are read even if events continue.
const MAX_BURST: Duration = Duration::from_secs(3);

/// Time between two scans of the folder without events.
const SCAN_INTERVAL: Duration = Duration::from_secs(2);

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

/// Every TOML file with its modification time and size.
pub(super) type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// The served assistant, and everything that reloading it needs.
pub(super) struct Live {
    pub(super) settings: Settings,
    pub(super) encoder: Option<Arc<Encoder>>,
    pub(super) assistant: Arc<ArcSwap<Assistant>>,
    /// The error of the last reload; `None` if the current files are served.
    pub(super) stale: Arc<ArcSwapOption<String>>,
    /// The files that the assistant was loaded from.
    pub(super) stamp: Stamp,
    pub(super) metrics: Arc<Metrics>,
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
        let mut is_forced = match wakes.recv_timeout(SCAN_INTERVAL) {
            Ok(wake) => wake == Wake::Hangup,
            Err(RecvTimeoutError::Timeout) if stamp(&live.settings.knowledge) == live.stamp => {
                continue;
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        is_forced |= wait_for_quiet(wakes);
        let stamp = stamp(&live.settings.knowledge);
        if stamp == live.stamp && !is_forced {
            continue;
        }
        live.stamp = stamp;
        // The folder may have been replaced by another of the same name; watch the new one.
        drop(watcher.take());
        watcher = watch(&live.settings.knowledge, wake);
        live.reload();
        (tried, delay) = (None, MIN_EMBED_RETRY_DELAY);
    }
}

/// Waits until the burst of events is over; returns whether a SIGHUP was among them.
fn wait_for_quiet(wakes: &Receiver<Wake>) -> bool {
    let end = Instant::now() + MAX_BURST;
    let mut is_forced = false;
    while Instant::now() < end
        && let Ok(wake) = wakes.recv_timeout(QUIET_PERIOD)
    {
        is_forced |= wake == Wake::Hangup;
    }
    is_forced
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

/// Lists the files that the knowledge is read from. A folder that is missing has none.
pub(super) fn stamp(folder: &Path) -> Stamp {
    let mut files = Vec::new();
    list(folder, &mut files, true);
    files.sort();
    files
}

/// Adds the TOML files in a folder and, if `with_folders`, in its direct subfolders.
fn list(folder: &Path, files: &mut Stamp, with_folders: bool) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        // Symbolic links are followed, as they are when the files are read.
        let Ok(metadata) = fs::metadata(&path) else {
            continue;
        };
        if metadata.is_dir() && with_folders {
            list(&path, files, false);
        } else if path.extension().is_some_and(|end| end == "toml") {
            files.push((path, metadata.modified().ok(), metadata.len()));
        }
    }
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
            open_unchecked(knowledge, &self.settings.index, embedding)
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

    /// Loads the folder and replaces the served knowledge, or logs the failure.
    fn reload(&self) {
        let start = Instant::now();
        // A panic while loading must not end this thread: no later change would be loaded.
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            let knowledge = read_valid_knowledge(&self.settings)?;
            let served = self.assistant.load();
            open_checked(&self.settings, knowledge, self.embedding(), Some(&served))
        }));
        let loaded =
            loaded.unwrap_or_else(|_| Err(anyhow::anyhow!("loading the knowledge panicked")));
        match loaded {
            Ok(Opened { assistant, origin }) => {
                let entries = assistant.knowledge().entries.len();
                let evidence = assistant.searcher().evidence().name();
                self.assistant.store(Arc::new(assistant));
                self.stale.store(None);
                self.metrics.count_reload(true);
                let index_bytes = folder_bytes(&self.settings.index);
                self.metrics.set_knowledge(entries, index_bytes);
                let milliseconds = start.elapsed().as_millis() as u64;
                let index = origin_name(origin);
                tracing::info!(entries, index, evidence, milliseconds, "knowledge reloaded");
            }
            Err(error) => {
                let invalid = error.downcast_ref::<InvalidKnowledge>();
                for problem in invalid.map_or(&[][..], |invalid| &invalid.problems) {
                    let Problem { location, hint, .. } = problem;
                    tracing::error!(place = %location, hint = hint.en, "{}", problem.mistake.en);
                }
                let cause = invalid.map_or_else(
                    || format!("{error:#}"),
                    |invalid| format!("{} problem(s)", invalid.problems.len()),
                );
                self.stale.store(Some(Arc::new(cause.clone())));
                self.metrics.count_reload(false);
                tracing::error!(
                    cause,
                    "knowledge reload failed: serving the previous version"
                );
            }
        }
    }
}
