//! Parts that the tests of both bots share: the running bot, its fake messenger, and the load test.

use std::fmt::Debug;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::SignedDuration;
use madoguchi::answer::Assistant;
use madoguchi::channels::Clock;
use madoguchi::channels::discord::{Running, Service};
use madoguchi::channels::metrics::Metrics;
use madoguchi::records::Recorder;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::knowledge::{TestClock, project};
use super::process::{Serving, finish};

/// A question that the shipped knowledge answers.
pub(crate) const QUESTION: &str = "有料会員をやめたい";

/// Time limit of [`until`], for a busy machine.
const TIMEOUT: Duration = Duration::from_secs(90);

/// A running bot with a test clock.
pub(crate) struct RunningBot {
    metrics: Arc<Metrics>,
    pub(crate) clock: TestClock,
    pub(crate) running: Running,
    cancellation: CancellationToken,
}

impl RunningBot {
    pub(crate) fn start<E: Debug>(
        assistant: &Arc<Assistant>,
        start: impl FnOnce(Service, Clock, CancellationToken) -> Result<Running, E>,
    ) -> Self {
        let clock = TestClock::default();
        let metrics = Arc::new(Metrics::default());
        let service = Service {
            assistant: Arc::new(ArcSwap::new(Arc::clone(assistant))),
            metrics: Arc::clone(&metrics),
            records: Recorder::off(),
        };
        let cancellation = CancellationToken::new();
        let running = start(service, clock.reader(), cancellation.clone()).expect("a bot");
        Self {
            metrics,
            clock,
            running,
            cancellation,
        }
    }

    /// Stops the bot, and waits until it has stopped.
    pub(crate) async fn stop(self) {
        self.cancellation.cancel();
        self.running.stopped().await;
    }

    /// Checks that the metrics contain a line.
    #[track_caller]
    pub(crate) fn assert_counted(&self, line: &str) {
        let metrics = self.metrics.render();
        assert!(metrics.contains(line), "`{line}` is missing:\n{metrics}");
    }

    pub(crate) fn advance(&self, duration: SignedDuration) {
        self.clock.advance(duration);
    }
}

/// Waits until `test` returns a value; `state` describes the fake if it never does.
pub(crate) async fn until<T>(
    changed: &Notify,
    event: &str,
    test: impl Fn() -> Option<T>,
    state: impl Fn() -> String,
) -> T {
    let end = Instant::now() + TIMEOUT;
    loop {
        let changed = changed.notified();
        if let Some(found) = test() {
            return found;
        }
        assert!(Instant::now() < end, "{event} did not happen; {}", state());
        let _ = tokio::time::timeout(Duration::from_millis(50), changed).await;
    }
}

/// Fails a test, unless it has failed already, if a messenger would refuse calls of the bot.
pub(crate) fn assert_none_refused(messenger: &str, violations: &[String]) {
    let is_fine = std::thread::panicking() || violations.is_empty();
    assert!(
        is_fine,
        "{messenger} would refuse:\n{}",
        violations.join("\n")
    );
}

/// Serves the shipped knowledge with the settings of a bot until `message` is logged.
pub(crate) async fn serve(settings: &[(&str, &str)], message: &'static str) -> Serving {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let settings: Vec<(String, String)> = settings.iter().map(owned).collect();
    let serving = tokio::task::spawn_blocking(move || {
        let borrowed = settings.iter().map(|(name, value)| (&**name, &**value));
        let borrowed: Vec<(&str, &str)> = borrowed.collect();
        let mut serving = Serving::start(&project("knowledge"), &borrowed);
        serving.log_line(message);
        serving
    });
    serving.await.expect("a service")
}

/// Stops a service that has answered on a channel, and returns its log.
pub(crate) async fn stop_after_answer(mut serving: Serving, channel: &str) -> String {
    let answered = format!(r#"channel="{channel}",outcome="answered""#);
    let log = tokio::task::spawn_blocking(move || {
        let metrics = serving.metrics();
        assert!(metrics.contains(&answered), "{metrics}");
        serving.stop()
    });
    log.await.expect("a log")
}

/// Checks that the log of a service contains none of these texts.
#[track_caller]
pub(crate) fn assert_not_logged(log: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!log.contains(secret), "`{secret}` is in the log:\n{log}");
    }
}

/// Runs the load of a test in a process of its own, so that no other test uses its memory.
pub(crate) fn run_load(test: &str, load: impl Future<Output = ()>) {
    const CHILD: &str = "LOAD_TEST_CHILD";
    if std::env::var_os(CHILD).is_some() {
        tokio::runtime::Runtime::new().unwrap().block_on(load);
        return;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, "1");
    // With one arena per thread, the freed memory that is kept would depend on the machine.
    command.env("MALLOC_ARENA_MAX", "1");
    let ended = finish(command, b"");
    eprintln!("{}", ended.stderr);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("1 passed"), "{}", ended.stdout);
}

/// The memory of a load test after each of its rounds, and its duration.
pub(crate) struct LoadMemory {
    start: Instant,
    kilobytes: Vec<u64>,
}

impl LoadMemory {
    pub(crate) const ROUNDS: usize = 10;
    const MAX_GROWTH_KILOBYTES: u64 = 15_000;

    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            kilobytes: Vec::new(),
        }
    }

    pub(crate) fn end_round(&mut self) {
        self.kilobytes.push(resident_kilobytes());
    }

    /// Prints the figures, and checks that memory did not grow after half of the rounds, when the
    /// state of every chat and all connections exist.
    pub(crate) fn check(&self, load: &str, requests: u32) {
        let seconds = self.start.elapsed().as_secs_f64();
        let early = self.kilobytes[self.kilobytes.len().div_ceil(2) - 1];
        let peak = self.kilobytes.iter().copied().max().unwrap_or_default();
        let per_second = f64::from(requests) / seconds;
        let figures = format!(
            "{load} in {seconds:.1} s ({per_second:.0} a second); {early} kB after half of them, \
             {peak} kB at most"
        );
        eprintln!("{figures}");
        assert!(peak < early + Self::MAX_GROWTH_KILOBYTES, "{figures}");
    }
}

/// Returns the resident memory of this process; 0 if the system does not report it.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}
