//! The state that all handlers share.

use std::num::NonZeroUsize;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;

use super::answer_id::Signer;
use super::client_address::TrustedProxies;
use super::conversations::Conversations;
use super::knowledge_state::Stale;
use super::widget::bundle::Widget;
use crate::answer::Assistant;
use crate::channels::Clock;
use crate::channels::metrics::Metrics;
use crate::records::Recorder;

/// The value of the `channel` label of members' requests in the metrics.
pub(super) const CHANNEL: &str = "web";

/// Number of conversations kept in memory; each is also complete in its token.
const MAX_CONVERSATIONS: NonZeroUsize = NonZeroUsize::new(10_000).expect("not 0");

/// The parts of the application that the routes share with other channels and with reloading.
#[derive(Clone)]
pub struct Service {
    /// The assistant over the last valid knowledge.
    pub assistant: Arc<ArcSwap<Assistant>>,
    /// Why the knowledge folder is not served; `None` if it is.
    pub stale: Arc<ArcSwapOption<Stale>>,
    /// The counters of all channels.
    pub metrics: Arc<Metrics>,
    /// Records what was asked.
    pub records: Recorder,
    /// Cancelled when the process is about to stop: it is no longer ready, but still answers.
    pub draining: CancellationToken,
}

/// The state that all handlers share.
pub(super) struct AppState {
    /// See [`Service`].
    pub(super) service: Service,
    clock: Clock,
    /// The public scheme and host, if configured.
    pub(super) public_url: Option<String>,
    /// The proxies that report the scheme of a request.
    pub(super) trusted_proxies: TrustedProxies,
    /// The name of the channel in the metrics and in the records.
    pub(super) channel: &'static str,
    /// Signs the ids of answers.
    pub(super) signer: Signer,
    /// The conversations in progress.
    pub(super) conversations: Conversations,
    /// The bundle of the widget.
    pub(super) widget: Widget,
    /// The OpenAPI document, without the desks of the knowledge.
    pub(super) openapi: Value,
}

impl Service {
    /// Creates a service with all counters at 0.
    #[must_use]
    pub fn new(assistant: Arc<ArcSwap<Assistant>>) -> Self {
        Self {
            assistant,
            stale: Arc::default(),
            metrics: Arc::default(),
            records: Recorder::off(),
            draining: CancellationToken::new(),
        }
    }
}

impl AppState {
    /// Creates the state of a router.
    pub(super) fn new(
        service: Service,
        clock: Clock,
        public_url: Option<String>,
        trusted_proxies: TrustedProxies,
        secret: Option<&str>,
        channel: &'static str,
        openapi: &OpenApi,
    ) -> Self {
        Self {
            service,
            clock,
            public_url,
            trusted_proxies,
            channel,
            signer: Signer::new(secret),
            widget: Widget::default(),
            conversations: Conversations::new(MAX_CONVERSATIONS),
            openapi: serde_json::to_value(openapi).unwrap_or_default(),
        }
    }

    /// Returns the current assistant.
    pub(super) fn assistant(&self) -> Arc<Assistant> {
        self.service.assistant.load_full()
    }

    /// Returns the time by the configured clock.
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
