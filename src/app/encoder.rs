//! Settings -> the encoder: an embeddings server if one is set, else the installed model, else none.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use madoguchi_encoder::Model;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::embedding::Encoder;
use crate::embedding::server::{self, Server};
use crate::settings::{Embeddings, Settings};

/// Deadline of a question from a CLI command.
const COMMAND_DEADLINE: Duration = Duration::from_secs(20);

/// The caller of the encoder; determines the deadline and the runtime of an embeddings server.
#[derive(Debug, Clone)]
pub enum Asker {
    /// A member, whose question has the configured deadline; requests run on the service's runtime.
    Member(Handle),
    /// A CLI command, whose result must not depend on load; requests run on `command_runtime`.
    Command,
}

/// Result of [`encoder`].
pub(crate) type FoundEncoder = anyhow::Result<Option<Arc<Encoder>>>;

/// Opens the encoder; `None` if none is configured or installed.
///
/// # Errors
/// Invalid settings, or a damaged model.
pub fn encoder(settings: &Settings, asker: Asker) -> FoundEncoder {
    if let Some(embeddings) = Embeddings::from_sources(&settings.sources)? {
        let (deadline, runtime) = match asker {
            Asker::Member(runtime) => (embeddings.deadline.unwrap_or(server::DEADLINE), runtime),
            Asker::Command => (COMMAND_DEADLINE, command_runtime()?.clone()),
        };
        let options = server::Options {
            url: embeddings.url,
            model: embeddings.model,
            key: embeddings.key.map(|key| key.expose().to_owned()),
            query_prefix: embeddings.query_prefix,
            passage_prefix: embeddings.passage_prefix,
            deadline,
        };
        let server = Server::new(options, runtime).context("cannot use the embeddings server")?;
        return Ok(Some(Arc::new(Encoder::Server(server))));
    }
    let model = Model::open(&settings.models)?;
    Ok(model.map(|model| Arc::new(Encoder::BuiltIn(Box::new(model)))))
}

/// Returns the runtime of commands: one worker thread, started at the first call and running until
/// the process ends. Only the main thread may block on it.
///
/// # Errors
/// The error of the operating system if it refuses a thread.
pub(crate) fn command_runtime() -> anyhow::Result<&'static Handle> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if RUNTIME.get().is_none() {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("cannot start the runtime")?;
        // Another thread may have set one first; then this one is dropped.
        let _ = RUNTIME.set(runtime);
    }
    RUNTIME
        .get()
        .map(Runtime::handle)
        .context("cannot start the runtime")
}
