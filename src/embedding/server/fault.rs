//! What may be wrong with the server: how it fails -> a kind, a cause, and what may help.
//!
//! Invariant: nothing of a text, of the key, or of what the server sent stands in a [`Fault`];
//! servers quote both in their errors.

use std::error::Error as _;
use std::time::Duration;

/// What is wrong with the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// No connection, or one that broke.
    #[error("no connection ({0})")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer in time")]
    Slow,
    /// The key is missing, wrong, or not good for this: 401 or 403.
    #[error("status {0}")]
    Refused(u16),
    /// Too many requests: 429.
    #[error("status 429, too many requests")]
    Limited {
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// Any other status that is not success, redirects among them.
    #[error("status {status}")]
    Failed {
        /// The status.
        status: u16,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// An answer that is not what was asked for.
    #[error("unusable, {0}")]
    Unusable(Unusable),
}

/// Why an answer cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// Longer than any answer can be.
    #[error("the answer is over 8 MB")]
    TooLong,
    /// Not the JSON of embeddings.
    #[error("the answer is not the JSON of embeddings")]
    Garbage,
    /// More or fewer vectors than texts.
    #[error("{got} vectors for {expected} texts")]
    Count {
        /// Vectors that came.
        got: usize,
        /// Texts that were sent.
        expected: usize,
    },
    /// An index twice, or one that no text has.
    #[error("the indices of the vectors are not those of the texts")]
    Index,
    /// Not the length that all other vectors have.
    #[error("a vector of {got} dimensions, expected {expected}")]
    Dimensions {
        /// Dimensions that came.
        got: usize,
        /// Dimensions of all other vectors.
        expected: usize,
    },
    /// Zero, infinite or not a number.
    #[error("a vector is zero or not finite")]
    NoDirection,
}

impl Fault {
    /// Returns the name of the kind, as the counters have it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Slow => "slow",
            Self::Refused(_) => "refused",
            Self::Limited { .. } => "limited",
            Self::Failed { .. } => "failed",
            Self::Unusable(_) => "unusable",
        }
    }

    /// Says what may help.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => {
                "check that the server runs where MADOGUCHI_EMBEDDINGS_URL says"
            }
            Self::Slow => {
                "the model may still be loading; if it stays slow, use a smaller model or a nearer server"
            }
            Self::Refused(_) => "check MADOGUCHI_EMBEDDINGS_KEY",
            Self::Limited { .. } => "raise the server's limit",
            Self::Failed {
                status: 400 | 413 | 422,
                ..
            } => {
                "check MADOGUCHI_EMBEDDINGS_MODEL; a text may be longer than the model takes, let the server cut it"
            }
            Self::Failed {
                status: 300..=404, ..
            } => {
                "check MADOGUCHI_EMBEDDINGS_URL and MADOGUCHI_EMBEDDINGS_MODEL, and that the server has the model"
            }
            Self::Failed { .. } => "see the server's own log",
            Self::Unusable(Unusable::Dimensions { .. }) => {
                "the server has another model than before; delete the index folder and restart the service to use it"
            }
            Self::Unusable(_) => {
                "check that MADOGUCHI_EMBEDDINGS_URL leads to an OpenAI-compatible server"
            }
        }
    }

    /// Returns how long the server asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited { retry_after } | Self::Failed { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Tells whether the fault may lie in one text or one moment, so that it alone proves nothing.
    pub(super) fn may_be_chance(&self) -> bool {
        matches!(
            self,
            Self::Slow
                | Self::Failed {
                    status: 400 | 413 | 422,
                    ..
                }
        )
    }

    /// Tells whether the server may want a shorter text, or fewer in one request. llama.cpp says
    /// so by 500.
    pub(super) fn may_be_size(&self) -> bool {
        matches!(
            self,
            Self::Failed {
                status: 400 | 413 | 422 | 500,
                ..
            }
        )
    }

    /// Tells whether the same request may succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Limited { .. } => true,
            Self::Failed { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Reads why a request failed.
    pub(super) fn of_error(error: reqwest::Error) -> Self {
        // The address is the operator's to tell.
        let error = error.without_url();
        if error.is_timeout() && !error.is_connect() {
            return Self::Slow;
        }
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::Unreachable(text)
    }

    /// Reads a status that is not success.
    pub(super) fn of_status(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            401 | 403 => Self::Refused(status),
            429 => Self::Limited { retry_after },
            _ => Self::Failed {
                status,
                retry_after,
            },
        }
    }
}

impl From<Unusable> for Fault {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(unusable)
    }
}

/// Says why texts could not be embedded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the embeddings server at `{place}` does not serve: {fault}; hint: {}", .fault.hint())]
pub struct Error {
    /// Host, port and path of the server.
    pub place: String,
    /// What is wrong with it.
    pub fault: Fault,
}
