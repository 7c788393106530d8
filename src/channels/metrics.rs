//! Counters of all channels, in the format of Prometheus.
//!
//! Invariant: labels have fixed sets of values; they never contain a member's words, an id or an
//! address.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::embedding::Encoder;

/// The counters of the service.
pub struct Metrics {
    registry: Registry,
    answers: Family<AnswerLabels, Counter>,
    feedback: Family<FeedbackLabels, Counter>,
    rate_limited: Family<RateLimitLabels, Counter>,
    connections: Gauge,
    connections_closed: Family<ClosedLabels, Counter>,
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
struct RateLimitLabels {
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClosedLabels {
    reason: &'static str,
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

impl Default for Metrics {
    fn default() -> Self {
        Self::new(None)
    }
}

/// Exports the counters of the embeddings server's client.
struct Embeddings(Arc<Encoder>);

impl fmt::Debug for Embeddings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Embeddings")
    }
}

impl Collector for Embeddings {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Encoder::Server(server) = &*self.0 else {
            return Ok(());
        };
        let help = "Questions to the embeddings server, by result";
        let mut family =
            encoder.encode_descriptor("embeddings", help, None, MetricType::Counter)?;
        for (result, count) in server.counts().by_result() {
            let labels = [("result", result)];
            let metric = family.encode_family(&labels)?;
            ConstCounter::new(count).encode(metric)?;
        }
        Ok(())
    }
}

impl Metrics {
    /// Creates all counters at 0. Those of an embeddings server are read from its client.
    #[must_use]
    pub fn new(encoder: Option<Arc<Encoder>>) -> Self {
        let mut registry = Registry::with_prefix("madoguchi");
        let answers = Family::default();
        let feedback = Family::default();
        registry.register("answers", "Answers given, by outcome", answers.clone());
        let help = "Answers that members rated";
        registry.register("feedback", help, feedback.clone());
        let rate_limited = Family::default();
        let help = "Requests refused by a rate limit, by class of routes";
        registry.register("rate_limited", help, rate_limited.clone());
        let connections = Gauge::default();
        registry.register("connections", "Open HTTP connections", connections.clone());
        let connections_closed = Family::<ClosedLabels, Counter>::default();
        for reason in Closed::ALL {
            let reason = reason.name();
            drop(connections_closed.get_or_create(&ClosedLabels { reason }));
        }
        let help = "HTTP connections that the service closed to protect others, by reason";
        registry.register("connections_closed", help, connections_closed.clone());
        if let Some(encoder) = encoder {
            registry.register_collector(Box::new(Embeddings(encoder)));
        }
        Self {
            registry,
            answers,
            feedback,
            rate_limited,
            connections,
            connections_closed,
        }
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

    /// Counts a request that a rate limit refused.
    pub fn count_rate_limited(&self, class: &'static str) {
        let labels = RateLimitLabels { class };
        self.rate_limited.get_or_create(&labels).inc();
    }

    /// Sets the number of open HTTP connections.
    pub fn set_connections(&self, open: usize) {
        self.connections
            .set(i64::try_from(open).unwrap_or(i64::MAX));
    }

    /// Counts a connection that the service closed.
    pub fn count_closed(&self, reason: Closed) {
        let reason = reason.name();
        let labels = ClosedLabels { reason };
        self.connections_closed.get_or_create(&labels).inc();
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
