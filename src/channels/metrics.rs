//! Counters and gauges of all channels, in the format of Prometheus.
//!
//! Invariant: labels have fixed sets of values; they never contain a member's words, an id or an
//! address.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::collectors::{Embeddings, Memory, Records};
use crate::embedding::Encoder;
use crate::records::Counts;

/// Upper bounds of the latency histogram, in seconds: answers take a fraction of a millisecond, an
/// embeddings server up to two seconds, a request at most ten.
const LATENCY_BOUNDS: [f64; 12] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0,
];

/// The kind of errors that are defects of the service.
pub const INTERNAL_ERROR: &str = "internal";

/// A gauge with a fraction.
type Seconds = Gauge<f64, AtomicU64>;

/// The counters of the service.
pub struct Metrics {
    registry: Registry,
    answers: Family<AnswerLabels, Counter>,
    feedback: Family<FeedbackLabels, Counter>,
    latency: Family<LatencyLabels, Histogram, fn() -> Histogram>,
    errors: Family<ErrorLabels, Counter>,
    rate_limited: Family<RateLimitLabels, Counter>,
    connections: Gauge,
    connections_closed: Family<ClosedLabels, Counter>,
    entries: Gauge,
    index_bytes: Gauge,
    knowledge_loaded: Seconds,
    reloads: Family<ReloadLabels, Counter>,
    bot_connected: Family<ChannelLabels, Gauge>,
    bot_contact: Family<ChannelLabels, Seconds>,
    bot_pending: Family<ChannelLabels, Gauge>,
    bot_oldest_pending: Family<ChannelLabels, Seconds>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AnswerLabels {
    channel: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FeedbackLabels {
    channel: &'static str,
    helpful: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LatencyLabels {
    channel: &'static str,
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RateLimitLabels {
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClosedLabels {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReloadLabels {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChannelLabels {
    channel: &'static str,
}

/// The reason why the service closes a connection that its client left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The service has as many connections as it may have.
    TotalLimit,
    /// The client has as many connections as it may have.
    ClientLimit,
    /// Nothing happened on the connection for long.
    Stalled,
}

impl Closed {
    const ALL: [Self; 3] = [Self::TotalLimit, Self::ClientLimit, Self::Stalled];

    const fn name(self) -> &'static str {
        match self {
            Self::TotalLimit => "total_limit",
            Self::ClientLimit => "client_limit",
            Self::Stalled => "stalled",
        }
    }
}

/// The result of a reload of the knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// The new knowledge is served.
    Loaded,
    /// The new knowledge has errors.
    Failed,
    /// The new knowledge lacks so much that it waits for a confirmation.
    Held,
}

impl Reload {
    const ALL: [Self; 3] = [Self::Loaded, Self::Failed, Self::Held];

    const fn name(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Failed => "failed",
            Self::Held => "held",
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Metrics {
    /// Creates all counters at 0. Those of an embeddings server are read from its client.
    #[must_use]
    pub fn new(encoder: Option<Arc<Encoder>>) -> Self {
        let latency =
            Family::new_with_constructor((|| Histogram::new(LATENCY_BOUNDS)) as fn() -> Histogram);
        let mut metrics = Self {
            registry: Registry::with_prefix("madoguchi"),
            answers: Family::default(),
            feedback: Family::default(),
            latency,
            errors: Family::default(),
            rate_limited: Family::default(),
            connections: Gauge::default(),
            connections_closed: Family::default(),
            entries: Gauge::default(),
            index_bytes: Gauge::default(),
            knowledge_loaded: Gauge::default(),
            reloads: Family::default(),
            bot_connected: Family::default(),
            bot_contact: Family::default(),
            bot_pending: Family::default(),
            bot_oldest_pending: Family::default(),
        };
        metrics.register();
        if let Some(encoder) = encoder {
            let embeddings = Box::new(Embeddings(encoder));
            metrics.registry.register_collector(embeddings);
        }
        metrics.registry.register_collector(Box::new(Memory));
        // Alerts on an increase need the first value.
        for reason in Closed::ALL.map(Closed::name) {
            drop(
                metrics
                    .connections_closed
                    .get_or_create(&ClosedLabels { reason }),
            );
        }
        for result in Reload::ALL.map(Reload::name) {
            drop(metrics.reloads.get_or_create(&ReloadLabels { result }));
        }
        drop(metrics.errors.get_or_create(&ErrorLabels {
            kind: INTERNAL_ERROR,
        }));
        metrics
    }

    /// Exports the counters of the records, too.
    #[must_use]
    pub fn with_records(mut self, counts: Option<&Counts>) -> Self {
        if let Some(counts) = counts {
            let records = Box::new(Records(counts.clone()));
            self.registry.register_collector(records);
        }
        self
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        let help = "Answers given, by outcome";
        registry.register("answers", help, self.answers.clone());
        let help = "Answers that members rated";
        registry.register("feedback", help, self.feedback.clone());
        let help = "Time to answer a request, by channel and class of routes";
        let unit = Unit::Seconds;
        registry.register_with_unit("latency", help, unit, self.latency.clone());
        let help = "Requests that failed, by kind of problem";
        registry.register("errors", help, self.errors.clone());
        let help = "Requests refused by a rate limit, by class of routes";
        registry.register("rate_limited", help, self.rate_limited.clone());
        let help = "Open HTTP connections";
        registry.register("connections", help, self.connections.clone());
        let help = "HTTP connections that the service closed to protect others, by reason";
        registry.register("connections_closed", help, self.connections_closed.clone());
        let help = "Entries of the served knowledge";
        registry.register("entries", help, self.entries.clone());
        let help = "Size of the index folder";
        registry.register_with_unit("index", help, Unit::Bytes, self.index_bytes.clone());
        let help = "Time at which the served knowledge was loaded, since 1970";
        let unit = Unit::Seconds;
        registry.register_with_unit(
            "knowledge_loaded",
            help,
            unit,
            self.knowledge_loaded.clone(),
        );
        let help = "Reloads of the knowledge, by result";
        registry.register("knowledge_reloads", help, self.reloads.clone());
        let help = "Whether a bot is connected to its messenger, with all its connections";
        registry.register("bot_connected", help, self.bot_connected.clone());
        let help = "Time at which a bot last received something, since 1970";
        let unit = Unit::Seconds;
        registry.register_with_unit("bot_contact", help, unit, self.bot_contact.clone());
        let help = "Messages that a bot has received and not yet handled";
        registry.register("bot_pending", help, self.bot_pending.clone());
        let help =
            "Time at which a bot received the oldest message that it has not handled, since 1970";
        let oldest = self.bot_oldest_pending.clone();
        registry.register_with_unit("bot_oldest_pending", help, Unit::Seconds, oldest);
    }

    /// Counts an answer.
    pub fn count_answer(&self, channel: &'static str, outcome: &'static str) {
        let labels = AnswerLabels { channel, outcome };
        self.answers.get_or_create(&labels).inc();
    }

    /// Counts a verdict on an answer.
    pub fn count_feedback(&self, channel: &'static str, is_helpful: bool) {
        let helpful = if is_helpful { "true" } else { "false" };
        let labels = FeedbackLabels { channel, helpful };
        self.feedback.get_or_create(&labels).inc();
    }

    /// Adds the time that a request took.
    pub fn observe_latency(&self, channel: &'static str, class: &'static str, time: Duration) {
        let labels = LatencyLabels { channel, class };
        let histogram = self.latency.get_or_create(&labels);
        histogram.observe(time.as_secs_f64());
    }

    /// Counts a failed request.
    pub fn count_error(&self, kind: &'static str) {
        self.errors.get_or_create(&ErrorLabels { kind }).inc();
    }

    /// Counts a request that a rate limit refused.
    pub fn count_rate_limited(&self, class: &'static str) {
        let labels = RateLimitLabels { class };
        self.rate_limited.get_or_create(&labels).inc();
    }

    /// Sets the number of open HTTP connections.
    pub fn set_connections(&self, open: usize) {
        self.connections.set(number(open));
    }

    /// Counts a connection that the service closed.
    pub fn count_closed(&self, reason: Closed) {
        let reason = reason.name();
        let labels = ClosedLabels { reason };
        self.connections_closed.get_or_create(&labels).inc();
    }

    /// Describes the knowledge that is served from now on.
    pub fn set_knowledge(&self, entries: usize, index_bytes: u64) {
        self.entries.set(number(entries));
        let bytes = i64::try_from(index_bytes).unwrap_or(i64::MAX);
        self.index_bytes.set(bytes);
        self.knowledge_loaded.set(unix_seconds());
    }

    /// Counts a reload of the knowledge.
    pub fn count_reload(&self, reload: Reload) {
        let result = reload.name();
        self.reloads.get_or_create(&ReloadLabels { result }).inc();
    }

    /// Reports whether a bot is connected.
    pub fn set_bot_connected(&self, channel: &'static str, is_connected: bool) {
        let labels = ChannelLabels { channel };
        let connected = self.bot_connected.get_or_create(&labels);
        connected.set(i64::from(is_connected));
    }

    /// Reports that a bot has just received something from its messenger.
    pub fn note_bot_contact(&self, channel: &'static str) {
        let labels = ChannelLabels { channel };
        self.bot_contact.get_or_create(&labels).set(unix_seconds());
    }

    /// Sets the number of messages that a bot has not yet handled, and the age of the oldest one.
    pub fn set_bot_pending(&self, channel: &'static str, pending: usize, oldest: Option<Duration>) {
        let labels = ChannelLabels { channel };
        self.bot_pending.get_or_create(&labels).set(number(pending));
        match oldest {
            Some(age) => {
                let since = unix_seconds() - age.as_secs_f64();
                self.bot_oldest_pending.get_or_create(&labels).set(since);
            }
            // Absent instead of zero, so that a query can subtract it from the time.
            None => {
                self.bot_oldest_pending.remove(&labels);
            }
        }
    }

    /// Renders all counters as OpenMetrics text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "metrics: encoding failed, the output is incomplete");
        }
        text
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unix_seconds() -> f64 {
    Timestamp::now().as_millisecond() as f64 / 1_000.0
}
