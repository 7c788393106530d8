//! Runs the real binary on a knowledge folder and measures it from outside: time and memory.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Time between two readings of the memory of a process.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(20);

/// Memory of a process, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// Its own memory, without files that are mapped.
    pub(crate) own: u64,
    /// The greatest size so far, mapped files included.
    pub(crate) peak: u64,
}

impl Memory {
    /// Reads `/proc`; zero on other systems than Linux, or if the process has ended.
    pub(crate) fn of(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
            number.and_then(|number| number.parse().ok()).unwrap_or(0) * 1024
        };
        Self {
            own: field("RssAnon:"),
            peak: field("VmHWM:"),
        }
    }
}

fn madoguchi(knowledge: &Path, index: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MADOGUCHI_") {
            command.env_remove(&name);
        }
    }
    command
        .env("MADOGUCHI_KNOWLEDGE", knowledge)
        .env("MADOGUCHI_INDEX", index)
        .env("MADOGUCHI_MODELS", index.join("no-models"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Builds and checks the index with `madoguchi index`; returns the time and the greatest memory.
pub(crate) fn build(knowledge: &Path, index: &Path) -> (Duration, Memory) {
    let start = Instant::now();
    let mut command = madoguchi(knowledge, index);
    command.arg("index").stderr(Stdio::inherit());
    let mut child = command.spawn().expect("the binary starts");
    let mut memory = Memory::default();
    loop {
        let now = Memory::of(child.id());
        if now.peak > 0 {
            memory = now;
        }
        if let Some(status) = child.try_wait().expect("a process") {
            assert!(status.success(), "`madoguchi index` failed");
            return (start.elapsed(), memory);
        }
        thread::sleep(SAMPLE_INTERVAL);
    }
}

/// `madoguchi serve`, ready; killed when dropped.
pub(crate) struct Service {
    child: Child,
    log: Receiver<(Instant, Value)>,
    /// From the start of the process to its log line `ready`.
    pub(crate) time_to_ready: Duration,
}

impl Service {
    /// Serves a knowledge folder whose index exists.
    pub(crate) fn start(knowledge: &Path, index: &Path) -> Self {
        let mut command = madoguchi(knowledge, index);
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        let start = Instant::now();
        let mut child = command.spawn().expect("the binary starts");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let (sender, log) = channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let logged = serde_json::from_str(&line).unwrap_or_default();
                if sender.send((Instant::now(), logged)).is_err() {
                    break;
                }
            }
        });
        let mut service = Self {
            child,
            log,
            time_to_ready: Duration::ZERO,
        };
        service.time_to_ready = service.wait_for("ready") - start;
        service
    }

    /// Waits for a log line; returns the time at which it was written.
    pub(crate) fn wait_for(&self, message: &str) -> Instant {
        let mut lines = self.log.iter();
        let found = lines.find(|(_, logged)| logged["message"] == message);
        found.expect("the service logs it").0
    }

    /// Returns its memory.
    pub(crate) fn memory(&self) -> Memory {
        Memory::of(self.child.id())
    }

    /// Changes a file; returns the time until the change is served.
    pub(crate) fn edit(&self, file: &Path, from: &str, to: &str) -> Duration {
        let text = fs::read_to_string(file).expect("a file of the knowledge");
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "`{from}` is in `{}`", file.display());
        let start = Instant::now();
        fs::write(file, changed).expect("a changed file");
        self.wait_for("knowledge reloaded") - start
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Fails harmlessly if the process has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
