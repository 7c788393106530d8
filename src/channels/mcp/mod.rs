//! Answers assistants: the Model Context Protocol (<https://modelcontextprotocol.io>), over HTTP at
//! `/mcp` and over standard input and output.
//!
//! An adapter of the JSON API: `tools` turns a call into a request to the API in this process, so that an
//! assistant gets the answer of every other channel, `markdown` writes that answer as text, `resources`
//! lists the entries, `endpoint` is the route. Invariant: nothing can be changed this way.

mod endpoint;
mod handler;
mod markdown;
mod resources;
mod tools;

use std::sync::Arc;

use arc_swap::ArcSwap;

pub use endpoint::{Guard, route};
pub use handler::Handler;

use crate::answer::Assistant;
use crate::channels::Clock;
use crate::channels::http::{self, InProcess, InProcessResponse};
use crate::channels::url::encode;

/// The value of the `channel` label in the metrics and in the records.
const CHANNEL: &str = "mcp";

/// What the tools and the resources read.
#[derive(Clone)]
pub struct Desk {
    api: InProcess,
    assistant: Arc<ArcSwap<Assistant>>,
    clock: Clock,
    public_url: Option<String>,
}

impl Desk {
    /// Builds the API that the tools call: without rate limits, which the route has, and with the records
    /// and counters of the service.
    #[must_use]
    pub fn new(service: http::Service, options: http::Options) -> Self {
        let assistant = Arc::clone(&service.assistant);
        let clock = Arc::clone(&options.clock);
        let public_url = options.public_url.clone();
        let options = http::Options {
            rates: http::Rates::off(),
            operator_routes: http::OperatorRoutes::CLOSED,
            channel: CHANNEL,
            ..options
        };
        Self {
            api: InProcess::new(http::router(service, options)),
            assistant,
            clock,
            public_url,
        }
    }

    /// Asks the API for an entry.
    async fn entry(&self, id: &str) -> anyhow::Result<InProcessResponse> {
        let path = format!("/api/v1/entries/{}", encode(id));
        self.api.get(&path, &[]).await
    }
}
