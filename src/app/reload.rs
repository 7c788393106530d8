//! A change in the knowledge folder -> new knowledge, beside the old and then in its place.
//!
//! The system's file events say early that something changed; a look every few seconds finds what
//! they miss (network drives, container mounts, a folder that was away for a while). Whether there
//! is something to load is decided by comparing files, never by the events, so none is trusted.
//!
//! Invariant: knowledge that is being served is only ever replaced by knowledge that was read,
//! checked, indexed and gated.

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

use super::{
    Opened, Unfit, embedding, fit_knowledge, load_gated, milliseconds_since, open_index,
    origin_name,
};
use crate::answer::Assistant;
use crate::embedding::{Embedding, Encoder, Missing};
use crate::knowledge::Evidence;
use crate::settings::Settings;

/// How long it must be quiet before files are read: editors and `git pull` write in bursts.
const QUIET: Duration = Duration::from_millis(300);

/// How long a burst is waited for at most.
const LONGEST_BURST: Duration = Duration::from_secs(3);

/// How often the folder is looked at when no event comes.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long after knowledge could not be embedded that is tried again: at first, and at most.
const EMBED_AGAIN: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));

/// Why the folder is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// The system told of a change.
    Changed,
    /// Somebody asked, by SIGHUP.
    Asked,
}

/// Every TOML file with what tells that it changed.
pub(super) type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// What is replaced.
pub(super) struct Live {
    pub(super) settings: Settings,
    pub(super) encoder: Option<Arc<Encoder>>,
    pub(super) assistant: Arc<ArcSwap<Assistant>>,
    /// Why what is in the folder now cannot be served, if so.
    pub(super) stale: Arc<ArcSwapOption<String>>,
    /// The files that the assistant was loaded from.
    pub(super) stamp: Stamp,
}

/// Starts to follow the folder in a thread of its own, until the process ends.
pub(super) fn start(live: Live) -> anyhow::Result<Sender<Wake>> {
    let (sender, wakes) = channel();
    let wake = sender.clone();
    thread::Builder::new()
        .name("reload".to_owned())
        .spawn(move || follow(live, &wake, &wakes))
        .context("cannot start the thread that follows the knowledge folder")?;
    Ok(sender)
}

fn follow(mut live: Live, wake: &Sender<Wake>, wakes: &Receiver<Wake>) {
    let mut watcher = watch(&live.settings.knowledge, wake);
    // The service began without what was not on disk.
    let mut wait = EMBED_AGAIN.0;
    let mut tried: Option<Instant> = None;
    loop {
        if live.lacks_meaning() && tried.is_none_or(|tried| tried.elapsed() >= wait) {
            wait = tried.map_or(wait, |_| (2 * wait).min(EMBED_AGAIN.1));
            live.embed();
            tried = Some(Instant::now());
            if live.lacks_meaning() {
                let seconds = wait.as_secs();
                tracing::info!(
                    seconds,
                    "embedding the knowledge is tried again after a while"
                );
            }
        }
        let mut is_asked = match wakes.recv_timeout(LOOK_EVERY) {
            Ok(wake) => wake == Wake::Asked,
            Err(RecvTimeoutError::Timeout) if stamp(&live.settings.knowledge) == live.stamp => {
                continue;
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        is_asked |= settle(wakes);
        let stamp = stamp(&live.settings.knowledge);
        if stamp == live.stamp && !is_asked {
            continue;
        }
        live.stamp = stamp;
        // The folder may be another one by the same name; the old watch would follow the old one.
        drop(watcher.take());
        watcher = watch(&live.settings.knowledge, wake);
        live.reload();
        (tried, wait) = (None, EMBED_AGAIN.0);
    }
}

/// Waits until the burst is over; tells whether somebody asked meanwhile.
fn settle(wakes: &Receiver<Wake>) -> bool {
    let end = Instant::now() + LONGEST_BURST;
    let mut is_asked = false;
    while Instant::now() < end
        && let Ok(wake) = wakes.recv_timeout(QUIET)
    {
        is_asked |= wake == Wake::Asked;
    }
    is_asked
}

/// Asks the system for the folder's events. Without them the folder is only looked at.
fn watch(folder: &Path, wake: &Sender<Wake>) -> Option<notify::RecommendedWatcher> {
    let wake = wake.clone();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading the folder is an event too; to wake on it would never end.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // The receiver is gone only when the process ends.
            let _ = wake.send(Wake::Changed);
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
    tracing::debug!(%error, "no events for the knowledge folder; it is looked at now and then");
    None
}

/// Lists the files that the knowledge is read from. A folder that is missing has none.
pub(super) fn stamp(folder: &Path) -> Stamp {
    let mut files = Vec::new();
    list(folder, &mut files, true);
    files.sort();
    files
}

fn list(folder: &Path, files: &mut Stamp, with_folders: bool) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        // Links are followed: what they point at is what is read.
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

impl Live {
    /// A model in the process embeds what is new before it is served; for a server's sake nobody
    /// waits for a corrected answer.
    fn embedding(&self) -> Option<Embedding> {
        let encoder = self.encoder.clone()?;
        let missing = match *encoder {
            Encoder::BuiltIn(_) => Missing::Embed,
            Encoder::Server(_) => Missing::DoWithout,
        };
        Some(Embedding { encoder, missing })
    }

    /// Embeds the knowledge that is being served, and serves it so.
    fn embed(&self) {
        let start = Instant::now();
        let Some(encoder) = self.encoder.clone() else {
            return;
        };
        let knowledge = Arc::clone(self.assistant.load().knowledge());
        let opened = catch_unwind(AssertUnwindSafe(|| {
            open_index(knowledge, &self.settings.index, Some(embedding(encoder)))
        }));
        // Why it failed is logged where it did; questions go by words as before.
        if let Ok(Ok(Opened { assistant, .. })) = opened
            && assistant.searcher().evidence() != Evidence::Words
        {
            self.assistant.store(Arc::new(assistant));
            let milliseconds = milliseconds_since(start);
            tracing::info!(milliseconds, "knowledge embedded");
        }
    }

    /// Tells whether there is an encoder, and the knowledge is not embedded.
    fn lacks_meaning(&self) -> bool {
        let evidence = self.assistant.load().searcher().evidence();
        self.encoder.is_some() && evidence == Evidence::Words
    }

    /// Loads what is in the folder now and puts it in place of the old, or says why it cannot.
    fn reload(&self) {
        let start = Instant::now();
        // A defect that some file brings out must not end the reloading for good.
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            let knowledge = fit_knowledge(&self.settings)?;
            load_gated(&self.settings, knowledge, self.embedding())
        }));
        let loaded = loaded.unwrap_or_else(|_| Err(anyhow::anyhow!("loading it panicked")));
        match loaded {
            Ok(Opened { assistant, origin }) => {
                let entries = assistant.knowledge().entries.len();
                let evidence = assistant.searcher().evidence().name();
                self.assistant.store(Arc::new(assistant));
                self.stale.store(None);
                let milliseconds = milliseconds_since(start);
                let index = origin_name(origin);
                tracing::info!(entries, index, evidence, milliseconds, "knowledge reloaded");
            }
            Err(error) => {
                let unfit = error.downcast_ref::<Unfit>();
                for problem in unfit.map_or(&[][..], |unfit| &unfit.problems) {
                    tracing::error!(place = %problem.location, hint = problem.hint.en, "{}", problem.mistake.en);
                }
                let cause = unfit.map_or_else(
                    || format!("{error:#}"),
                    |unfit| format!("{} problem(s)", unfit.problems.len()),
                );
                self.stale.store(Some(Arc::new(cause.clone())));
                tracing::error!(cause, "knowledge not reloaded; the old goes on answering");
            }
        }
    }
}
