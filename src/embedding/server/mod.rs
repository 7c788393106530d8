//! A server of embeddings: anything that speaks OpenAI's `POST /v1/embeddings`.
//!
//! Texts in, vectors of length one out: `address` reads where the server is, `call` makes one
//! request, `wire` writes and reads its bodies, `fault` says what may be wrong, `breaker` whether
//! to ask at all, `question` asks under a deadline, `passages` with patience. Invariants: a server
//! that is down, slow or wrong costs a question its deadline at most and is found again without
//! help; no log line at `info` or above holds a member's words, and no error or log line the key.

mod address;
mod block;
mod breaker;
mod call;
mod counts;
mod fault;
mod passages;
mod question;
mod wire;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, dispatcher};

pub use counts::Counts;
pub use fault::{Error, Fault, Unusable};
pub use question::Pending;

use address::Address;
use call::Caller;
use question::Shared;

/// How long a question waits for its vector unless told otherwise.
pub const DEADLINE: Duration = Duration::from_millis(150);

/// What a deployer may set.
#[derive(Clone)]
pub struct Options {
    /// Where the server is: `http://127.0.0.1:11434` stands for
    /// `http://127.0.0.1:11434/v1/embeddings`; to a path that does not end in `/embeddings`,
    /// such as `/v1`, that is added.
    pub url: String,
    /// The model's name, as the server knows it.
    pub model: String,
    /// Sent as `Authorization: Bearer …`.
    pub key: Option<String>,
    /// What the model wants before a question, such as `query: `; often nothing.
    pub query_prefix: String,
    /// What the model wants before a text that is looked for, such as `passage: `.
    pub passage_prefix: String,
    /// How long a question waits for its vector; [`DEADLINE`] as a rule.
    pub deadline: Duration,
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A URL that is refused for the password in it must not be seen either.
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

/// Says why there can be no client; names no value, since each may hold a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// Not an address, or one with a password or a query.
    #[error(
        "the address of the embeddings server cannot be used, expected scheme, host and path alone, for example `http://127.0.0.1:11434/v1`"
    )]
    Url,
    /// No model.
    #[error("the embeddings server needs the name of a model, for example `bge-m3`")]
    Model,
    /// A key that no header can hold.
    #[error("the key of the embeddings server cannot be used, expected visible ASCII characters")]
    Key,
    /// The system has no TLS or no resolver.
    #[error("cannot make connections")]
    Client,
    /// The system gives no thread.
    #[error("cannot start a thread for the embeddings server")]
    Thread,
}

/// The client of a server of embeddings. Dropping it ends its thread and what is under way.
pub struct Server {
    shared: Arc<Shared>,
    passage_prefix: String,
    runtime: Handle,
    // Dropping it ends the thread.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Server").field(&self.id()).finish()
    }
}

impl Server {
    /// Makes a client with a thread of its own; sends nothing yet.
    ///
    /// # Errors
    /// [`InvalidOptions`]; whether the server can be reached shows when it is asked.
    pub fn new(options: Options) -> Result<Self, InvalidOptions> {
        let address = Address::parse(&options.url).ok_or(InvalidOptions::Url)?;
        if options.model.trim().is_empty() {
            return Err(InvalidOptions::Model);
        }
        let authorization = options.key.map(|key| authorization(&key)).transpose()?;
        let caller = Caller::new(address, authorization).ok_or(InvalidOptions::Client)?;
        let (stop, stopped) = oneshot::channel();
        let (runtime, thread) = start(stopped).map_err(|_| InvalidOptions::Thread)?;
        let shared = Shared::new(
            caller,
            options.model,
            options.query_prefix,
            options.deadline,
        );
        Ok(Self {
            shared: Arc::new(shared),
            passage_prefix: options.passage_prefix,
            runtime,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Returns what its vectors depend on, as far as is known here: place, model and prefixes. For
    /// keys of caches; the key of the server is not in it.
    #[must_use]
    pub fn id(&self) -> String {
        let Shared {
            caller,
            model,
            query_prefix,
            ..
        } = &*self.shared;
        let place = caller.address().place();
        let passage_prefix = &self.passage_prefix;
        format!("{place} {model:?} {query_prefix:?} {passage_prefix:?}")
    }

    /// Begins to ask for the vector of a question, of which the first 500 characters count. Never
    /// blocks; the deadline counts from here.
    pub fn begin(&self, question: &str) -> Pending {
        question::begin(&self.shared, &self.runtime, question)
    }

    /// Embeds the texts of the knowledge; tells `progress` how many are done. Blocks until all
    /// are, on a multi-thread runtime without keeping other tasks from going on.
    ///
    /// Batches of 32 are sent one after the other, each up to five times (twice without a
    /// connection) if the server answers 5xx or 429, after the time that it asks for, up to a
    /// minute. A batch that may be too large is divided, a text that may be too long is cut.
    ///
    /// # Errors
    /// [`Error`] once a batch is given up; nothing is kept of the others.
    pub fn encode_passages(
        &self,
        texts: &[String],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Vec<f32>>, Error> {
        let (shared, prefix) = (&self.shared, &self.passage_prefix);
        let encode = || passages::encode(shared, &self.runtime, prefix, texts, progress);
        block::block(encode).map_err(|fault| Error {
            place: shared.caller.address().place(),
            fault,
        })
    }

    /// Returns the dimensions of all vectors; known after the first success.
    #[must_use]
    pub fn dimensions(&self) -> Option<usize> {
        self.shared.dimensions.get().copied()
    }

    /// Says what dimensions the vectors must have, as when those of the knowledge come from a
    /// cache; `false` if they are known to be others.
    #[must_use]
    pub fn expect_dimensions(&self, dimensions: usize) -> bool {
        *self.shared.dimensions.get_or_init(|| dimensions) == dimensions
    }

    /// Returns what became of the questions.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counters.read()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It ends as soon as it has done what it is at; a panic there was logged there.
            let _ = block::block(|| thread.join());
        }
    }
}

/// Writes the header of a key.
fn authorization(key: &str) -> Result<HeaderValue, InvalidOptions> {
    let key = key.trim();
    let is_visible = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    let value = is_visible.then(|| HeaderValue::try_from(format!("Bearer {key}")).ok());
    value.flatten().ok_or(InvalidOptions::Key)
}

/// Starts the thread, which runs until it is stopped. One of its own, so that neither a busy nor a
/// missing runtime of the caller delays an answer.
fn start(stopped: oneshot::Receiver<()>) -> io::Result<(Handle, JoinHandle<()>)> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    // Logs go where the caller's go, which a thread does not inherit.
    let logs = dispatcher::get_default(Dispatch::clone);
    let work = move || {
        let run = || drop(runtime.block_on(stopped));
        if logs.is::<NoSubscriber>() {
            run();
        } else {
            dispatcher::with_default(&logs, run);
        }
        // A name that is being looked up would be waited for otherwise.
        runtime.shutdown_background();
    };
    let thread = thread::Builder::new().name("embeddings".to_owned());
    Ok((handle, thread.spawn(work)?))
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

    #[test]
    fn a_secret_is_never_printed() {
        let all = options("http://user:hidden@h.example/v1", Some("hidden-key"));
        assert!(!format!("{all:?}").contains("hidden"), "{all:?}");
        let server = Server::new(options("http://127.0.0.1:1", Some("hidden-key")));
        let server = server.expect("a client");
        assert!(!format!("{server:?}").contains("hidden"), "{server:?}");
        let id = r#"127.0.0.1:1/v1/embeddings "m" "query: " """#;
        assert_eq!(server.id(), id);
    }

    #[test]
    fn options_that_cannot_work_are_refused() {
        let refused = |options| Server::new(options).err();
        let url = "http://127.0.0.1:1";
        assert_eq!(refused(options("x", None)), Some(InvalidOptions::Url));
        for key in ["", " ", "a b", "a\nb", "鍵"] {
            let key = options(url, Some(key));
            assert_eq!(refused(key), Some(InvalidOptions::Key));
        }
        let mut nameless = options(url, None);
        nameless.model.clear();
        assert_eq!(refused(nameless), Some(InvalidOptions::Model));
    }

    #[test]
    fn the_first_vectors_decide_on_the_dimensions() {
        let server = Server::new(options("http://127.0.0.1:1", None)).expect("a client");
        assert_eq!(server.dimensions(), None);
        assert!(server.expect_dimensions(384));
        assert_eq!(server.dimensions(), Some(384));
        assert!(!server.expect_dimensions(512));
    }
}
