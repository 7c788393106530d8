//! settings -> the encoder: an embeddings server if one is named, else the model that is
//! installed, else none.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::embedding::Encoder;
use crate::embedding::builtin::BuiltIn;
use crate::embedding::server::{self, Server};
use crate::settings::{Embeddings, Settings};

/// How long a command waits for a server.
const PATIENT: Duration = Duration::from_secs(20);

/// For whom questions are embedded, which decides how long a server is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// A member, who waits for an answer: up to the deadline that is set.
    Member,
    /// A command; what it tells must not depend on how busy the machine is.
    Command,
}

/// What [`encoder`] returns.
pub(crate) type FoundEncoder = anyhow::Result<Option<Arc<Encoder>>>;

/// Opens the encoder; `None` if there is none, which is no fault.
///
/// # Errors
/// Settings that cannot be used, or a model that is damaged.
pub fn encoder(settings: &Settings, asker: Asker) -> FoundEncoder {
    if let Some(embeddings) = Embeddings::from_environment()? {
        let deadline = match asker {
            Asker::Member => embeddings.deadline.unwrap_or(server::DEADLINE),
            Asker::Command => PATIENT,
        };
        let options = server::Options {
            url: embeddings.url,
            model: embeddings.model,
            key: embeddings.key.map(|key| key.expose().to_owned()),
            query_prefix: embeddings.query_prefix,
            passage_prefix: embeddings.passage_prefix,
            deadline,
        };
        let server = Server::new(options).context("cannot use the embeddings server")?;
        return Ok(Some(Arc::new(Encoder::Server(server))));
    }
    let model = BuiltIn::open(&settings.models)?;
    Ok(model.map(|model| Arc::new(Encoder::BuiltIn(Box::new(model)))))
}
