//! The knowledge that is served and follows its folder, with the counters and the records.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::runtime::Runtime;

use super::encoder::Asker;
use super::loading::origin_name;
use super::records;
use super::reload::{self, Live, Wake};
use super::start::{self, Started};
use crate::answer::Assistant;
use crate::channels::http;
use crate::channels::metrics::Metrics;
use crate::embedding::Encoder;
use crate::knowledge::Evidence;
use crate::records::Writer;
use crate::settings::Settings;

/// The parts that every channel shares.
pub(super) struct Shared {
    pub(super) service: http::Service,
    /// The model of embeddings, if there is one.
    pub(super) encoder: Option<Arc<Encoder>>,
    /// Writes the records; `None` if they are off.
    pub(super) writer: Option<Writer>,
    /// Wakes the thread that watches the knowledge folder.
    pub(super) wake: Sender<Wake>,
    /// Where the index comes from, for the log.
    pub(super) index: &'static str,
}

/// Opens the knowledge, and starts the records and the thread that watches the folder.
///
/// # Errors
/// Invalid settings or knowledge.
pub(super) fn start(settings: &Settings, runtime: &Runtime) -> anyhow::Result<Shared> {
    let Started {
        opened,
        encoder,
        is_model_damaged,
        stale,
        seen,
        last_accepted,
    } = start::open(settings, Asker::Member(runtime.handle().clone()))?;
    if !is_model_damaged {
        log_encoder(encoder.as_deref(), &opened.assistant);
    }
    let (recorder, writer) = {
        let _entered = runtime.enter();
        records::start(settings)?
    };
    let metrics = Arc::new(Metrics::new(encoder.clone()).with_records(recorder.counts()));
    let entries = opened.assistant.knowledge().entries.len();
    metrics.set_knowledge(entries, reload::folder_bytes(&settings.index));
    let assistant = Arc::new(ArcSwap::from_pointee(opened.assistant));
    let stale = Arc::new(ArcSwapOption::from_pointee(stale));
    let wake = reload::start(Live {
        settings: settings.clone(),
        encoder: encoder.clone(),
        assistant: Arc::clone(&assistant),
        stale: Arc::clone(&stale),
        metrics: Arc::clone(&metrics),
        seen,
        last_accepted,
    })?;
    let service = http::Service {
        stale,
        metrics,
        records: recorder,
        ..http::Service::new(assistant)
    };
    Ok(Shared {
        service,
        encoder,
        writer,
        wake,
        index: origin_name(opened.origin),
    })
}

/// Logs which encoder is used, or how to get one.
fn log_encoder(encoder: Option<&Encoder>, assistant: &Assistant) {
    match encoder {
        Some(encoder) => {
            let model = encoder.id();
            if assistant.searcher().evidence() == Evidence::Words {
                tracing::info!(model, "keyword search only until the knowledge is embedded");
            } else {
                tracing::info!(model, "keyword and semantic search");
            }
        }
        None => tracing::info!(
            hint = "see `madoguchi model install --help`, or set MADOGUCHI_EMBEDDINGS_URL",
            "keyword search only: no model installed"
        ),
    }
}
