//! Client of an embeddings server: any implementation of OpenAI's `POST /v1/embeddings`.
//!
//! `address` parses the URL, `transport` makes one request, `wire` encodes and decodes bodies,
//! `fault` classifies failures, `breaker` is the circuit breaker, `question` embeds one question
//! under a deadline, `passages` embeds the knowledge with retries. All requests run as tasks of one
//! tokio runtime, whose handle is passed to the client. Invariants: a failing server delays a
//! question by its deadline at most, and the client detects the recovery of the server; log lines
//! at `info` and above contain no question, and no log line or error contains the key.

mod address;
mod breaker;
mod counts;
mod fault;
mod passages;
mod question;
mod transport;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::runtime::Handle;

pub use counts::Counts;
pub use fault::{Error, Fault, Unusable};

use address::Address;
use question::ServerState;
use transport::Transport;

/// Default deadline of a question.
pub const DEADLINE: Duration = Duration::from_millis(150);

/// Settings of the client.
#[derive(Clone)]
pub struct Options {
    /// Address of the server: `http://127.0.0.1:11434` means
    /// `http://127.0.0.1:11434/v1/embeddings`; `/embeddings` is appended to another path, such as
    /// `/v1`, unless it already ends with it.
    pub url: String,
    /// Name of the model on the server.
    pub model: String,
    /// Sent as `Authorization: Bearer …`.
    pub key: Option<String>,
    /// Prefix that the model expects before a question, such as `query: `; often empty.
    pub query_prefix: String,
    /// Prefix that the model expects before a text of the knowledge, such as `passage: `.
    pub passage_prefix: String,
    /// Time limit for the embedding of a question, usually [`DEADLINE`].
    pub deadline: Duration,
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not `url`: one that is rejected may contain a password.
        let place = Address::parse(&self.url).map(|address| address.place());
        formatter
            .debug_struct("Options")
            .field("place", &place)
            .field("model", &self.model)
            .field("key", &self.key.as_ref().map(|_| "***"))
            .field("query_prefix", &self.query_prefix)
            .field("passage_prefix", &self.passage_prefix)
            .field("deadline", &self.deadline)
            .finish()
    }
}

/// The settings are invalid. The texts contain no values, because each may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// Not a URL, or one with a password or a query.
    #[error(
        "the address of the embeddings server cannot be used, expected scheme, host and path alone, for example `http://127.0.0.1:11434/v1`"
    )]
    Url,
    /// The name of the model is empty.
    #[error("the embeddings server needs the name of a model, for example `bge-m3`")]
    Model,
    /// The key is not a valid header value.
    #[error("the key of the embeddings server cannot be used, expected visible ASCII characters")]
    Key,
    /// The HTTP client cannot be created: no TLS or no resolver.
    #[error("cannot create an HTTP client")]
    Client,
}

/// Client of an embeddings server.
pub struct Server {
    state: Arc<ServerState>,
    runtime: Handle,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Server").field(&self.id()).finish()
    }
}

impl Server {
    /// Creates a client whose requests run on `runtime`; sends nothing yet.
    ///
    /// # Errors
    /// [`InvalidOptions`]. An unreachable server is not an error here, as nothing is sent.
    pub fn new(options: Options, runtime: Handle) -> Result<Self, InvalidOptions> {
        let address = Address::parse(&options.url).ok_or(InvalidOptions::Url)?;
        if options.model.trim().is_empty() {
            return Err(InvalidOptions::Model);
        }
        let authorization = options.key.as_deref().map(authorization).transpose()?;
        let transport = Transport::new(address, authorization).ok_or(InvalidOptions::Client)?;
        Ok(Self {
            state: Arc::new(ServerState::new(transport, options)),
            runtime,
        })
    }

    /// Returns a key for caches: address, model and prefixes, but not the key of the server.
    #[must_use]
    pub fn id(&self) -> String {
        let state = &*self.state;
        let (query, passage) = (&state.query_prefix, &state.passage_prefix);
        format!("{} {:?} {query:?} {passage:?}", state.place(), state.model)
    }

    /// Embeds a question, truncated to 500 characters. Dropping the future cancels the request.
    ///
    /// `None` at the deadline, or as soon as the server fails. `None` without a request if the
    /// question is empty, the circuit breaker is open, or 64 questions are in flight.
    pub async fn embed_question(&self, question: &str) -> Option<Vec<f32>> {
        self.state.embed_question(question, &self.runtime).await
    }

    /// Embeds texts of the knowledge. Blocks the calling thread until all are done; it must not be
    /// a worker of a runtime.
    ///
    /// Sends batches of 32, one after the other. A batch is sent up to five times if the server
    /// answers 5xx or 429, and up to twice if there is no connection. The client respects
    /// `Retry-After` up to a minute; a longer one is a failure. If the server rejects a batch for
    /// its size, the batch is halved; a text that it rejects alone is truncated.
    ///
    /// # Errors
    /// [`Error`] if a batch fails after all retries; the results of the other batches are discarded.
    pub fn embed_passages(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        let state = Arc::clone(&self.state);
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let task = async move { passages::embed(&state, &texts).await };
        // A task, because timers and sockets must not be polled on this thread once the runtime shuts
        // down.
        let done = self.runtime.block_on(self.runtime.spawn(task));
        let shut_down = |_| Fault::Unreachable("the service is shutting down".to_owned());
        done.map_err(shut_down).flatten().map_err(|fault| Error {
            place: self.state.place(),
            fault,
        })
    }

    /// Returns the dimensions of all embeddings, known after the first success.
    #[must_use]
    pub fn dimensions(&self) -> Option<usize> {
        self.state.dimensions.get().copied()
    }

    /// Sets the expected dimensions, such as those of cached embeddings; `false` if other
    /// dimensions are already set.
    #[must_use]
    pub fn expect_dimensions(&self, dimensions: usize) -> bool {
        *self.state.dimensions.get_or_init(|| dimensions) == dimensions
    }

    /// Returns the number of questions by result.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.state.counters.read()
    }
}

/// Returns the value of the `Authorization` header.
fn authorization(key: &str) -> Result<HeaderValue, InvalidOptions> {
    let key = key.trim();
    let is_visible = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    let value = is_visible.then(|| HeaderValue::try_from(format!("Bearer {key}")).ok());
    value.flatten().ok_or(InvalidOptions::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(url: &str, key: Option<&str>) -> Options {
        Options {
            url: url.to_owned(),
            model: "m".to_owned(),
            key: key.map(str::to_owned),
            query_prefix: "query: ".to_owned(),
            passage_prefix: String::new(),
            deadline: DEADLINE,
        }
    }

    fn create(options: Options) -> Result<Server, InvalidOptions> {
        // Nothing is sent, so the runtime may be dropped.
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        Server::new(options, runtime.expect("a runtime").handle().clone())
    }

    #[test]
    fn a_secret_is_never_printed() {
        let all = options("http://user:hidden@h.example/v1", Some("hidden-key"));
        assert!(!format!("{all:?}").contains("hidden"), "{all:?}");
        let server = create(options("http://127.0.0.1:1", Some("hidden-key"))).expect("a client");
        assert!(!format!("{server:?}").contains("hidden"), "{server:?}");
        let id = r#"127.0.0.1:1/v1/embeddings "m" "query: " """#;
        assert_eq!(server.id(), id);
    }

    #[test]
    fn invalid_options_are_rejected() {
        let rejected = |options| create(options).err();
        let url = "http://127.0.0.1:1";
        assert_eq!(rejected(options("x", None)), Some(InvalidOptions::Url));
        for key in ["", " ", "a b", "a\nb", "鍵"] {
            let key = options(url, Some(key));
            assert_eq!(rejected(key), Some(InvalidOptions::Key));
        }
        let mut nameless = options(url, None);
        nameless.model.clear();
        assert_eq!(rejected(nameless), Some(InvalidOptions::Model));
    }

    #[test]
    fn the_first_dimensions_are_kept() {
        let server = create(options("http://127.0.0.1:1", None)).expect("a client");
        assert_eq!(server.dimensions(), None);
        assert!(server.expect_dimensions(384));
        assert_eq!(server.dimensions(), Some(384));
        assert!(!server.expect_dimensions(512));
    }
}
