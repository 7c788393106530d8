//! `--json`: calls the JSON API in this process, so that scripts get the bytes that `serve` would send.

use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::Value;
use tokio::runtime::Handle;

use crate::answer::Assistant;
use crate::app;
use crate::channels::http::{self, InProcess, InProcessResponse};

/// The JSON API over an assistant, without a rate limit.
pub(super) struct Api {
    client: InProcess,
    runtime: &'static Handle,
}

impl Api {
    /// Builds the router.
    pub(super) fn new(assistant: Assistant) -> anyhow::Result<Self> {
        let service = http::Service::new(Arc::new(ArcSwap::from_pointee(assistant)));
        let options = http::Options {
            rates: http::Rates::off(),
            ..http::Options::default()
        };
        let runtime = app::command_runtime()?;
        let router = {
            let _entered = runtime.enter();
            http::router(service, options)
        };
        Ok(Self {
            client: InProcess::new(router),
            runtime,
        })
    }

    /// Sends JSON to a path.
    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<InProcessResponse> {
        self.runtime.block_on(self.client.post(path, body))
    }

    /// Gets a path with its query.
    pub(super) fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<InProcessResponse> {
        self.runtime.block_on(self.client.get(path, query))
    }
}
