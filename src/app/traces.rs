//! Traces: spans of requests, bot updates and the steps of an answer -> a collector, as OTLP (JSON over
//! HTTP).
//!
//! Every span of level `TRACE` in this project is exported; the log does not show them by default.
//! Without a collector, such spans cost nothing. Invariants: a span contains no member's words, so events
//! are not exported and fields have fixed sets of values; a collector that cannot be reached delays
//! nothing and is logged once until it recovers.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{Key, KeyValue};
use opentelemetry_otlp::{WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use tracing::Level;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer, Registry};

use crate::settings;

/// Name of the service in the traces, unless `OTEL_SERVICE_NAME` has another.
const SERVICE_NAME: &str = "madoguchi";

/// Time limit of a request to the collector.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// Time limit for sending the last spans at the stop.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(6);

/// Sends spans in batches from a thread of its own.
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Starts the thread. Must not be called in a runtime of tokio, since the client has its own.
    ///
    /// # Errors
    /// TLS is not available.
    pub fn start(settings: &settings::Traces) -> anyhow::Result<Self> {
        let mut client = Client::builder()
            .user_agent(concat!("madoguchi/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(EXPORT_TIMEOUT);
        if is_loopback(&settings.url) {
            client = client.no_proxy();
        }
        let client = client.build().context("cannot send traces")?;
        let otlp = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_endpoint(&settings.url)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .context("cannot send traces")?;
        let exporter = Exporter {
            otlp,
            collector: settings.url.clone(),
            lost: AtomicU64::new(0),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        Ok(Self { provider })
    }

    /// Returns the layer that collects the spans.
    #[must_use]
    pub fn layer(&self) -> Box<dyn Layer<Registry> + Send + Sync> {
        let exported = filter_fn(|metadata| {
            let is_ours = metadata.target().starts_with("madoguchi");
            metadata.is_span() && is_ours && *metadata.level() == Level::TRACE
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE_NAME))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(exported)
            .boxed()
    }

    /// Sends the last spans.
    pub fn stop(self) {
        // A failure of the export is logged by the exporter.
        let stopped = self.provider.shutdown_with_timeout(FLUSH_TIMEOUT);
        if let Err(error) = stopped {
            tracing::debug!(%error, "traces: last spans not sent");
        }
    }
}

/// Describes this service; the variables `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` win.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let detected = Resource::builder().build();
    let name = detected.get(&Key::new("service.name"));
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let resource = Resource::builder().with_attribute(version);
    match is_named {
        true => resource.build(),
        false => resource.with_service_name(SERVICE_NAME).build(),
    }
}

/// Returns whether a URL leads to this machine, for which no proxy is used.
fn is_loopback(url: &str) -> bool {
    let host = url::Url::parse(url).ok();
    let host = host.as_ref().and_then(|url| url.host_str());
    host.is_some_and(|host| {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    })
}

/// Exports spans; logs the first failure, and the recovery after it.
#[derive(Debug)]
struct Exporter {
    otlp: opentelemetry_otlp::SpanExporter,
    collector: String,
    /// Number of spans that were not exported since the last success.
    lost: AtomicU64,
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let collector = &self.collector;
        let result = self.otlp.export(batch).await;
        match &result {
            Ok(()) => {
                let lost = self.lost.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    tracing::info!(collector, lost, "traces: collector available again");
                }
            }
            Err(error) => {
                if self.lost.fetch_add(spans, Ordering::Relaxed) == 0 {
                    tracing::warn!(
                        collector,
                        cause = %error,
                        "traces dropped: collector unavailable"
                    );
                }
            }
        }
        result
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.otlp.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_on_this_machine_needs_no_proxy() {
        for (url, expected) in [
            ("http://127.0.0.1:4318/v1/traces", true),
            ("http://[::1]:4318/v1/traces", true),
            ("http://localhost/v1/traces", true),
            ("https://collector.example/v1/traces", false),
            ("http://10.0.0.1:4318/v1/traces", false),
        ] {
            assert_eq!(is_loopback(url), expected, "{url}");
        }
    }
}
