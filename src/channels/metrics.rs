//! What is counted of every channel, for Prometheus.
//!
//! Invariant: labels come from fixed sets; never a member's words, an id or an address.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// The counters of a running service.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    answers: Family<AnswerLabels, Counter>,
    feedback: Family<FeedbackLabels, Counter>,
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

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("madoguchi");
        let answers = Family::default();
        let feedback = Family::default();
        registry.register("answers", "Answers given, by outcome", answers.clone());
        let help = "Answers that members rated";
        registry.register("feedback", help, feedback.clone());
        Self {
            registry,
            answers,
            feedback,
        }
    }
}

impl Metrics {
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

    /// Writes all counters as OpenMetrics text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.registry) {
            tracing::error!(%error, "the metrics could not be written");
        }
        text
    }
}
