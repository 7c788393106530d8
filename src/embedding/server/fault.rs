//! Faults of the server: kind, cause and hint of a failed request.
//!
//! Invariant: a [`Fault`] contains no text, no key, and nothing from the body of an answer, because
//! servers quote both in their errors.

use std::error::Error as _;
use std::time::Duration;

/// A failure of the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// No connection, or it broke.
    #[error("no connection ({0})")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer in time")]
    Slow,
    /// The key is missing, wrong or insufficient: status 401 or 403.
    #[error("status {0}")]
    Refused(u16),
    /// Too many requests: status 429.
    #[error("status 429, too many requests")]
    Limited {
        /// The delay in `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// Any other status that is not success, redirects among them.
    #[error("status {status}")]
    Failed {
        /// The status.
        status: u16,
        /// The delay in `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// An answer that does not match the request.
    #[error("unusable, {0}")]
    Unusable(Unusable),
}

/// The reason why an answer cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// Exceeds the size limit.
    #[error("the answer is over 8 MB")]
    TooLong,
    /// Not the JSON of embeddings.
    #[error("the answer is not the JSON of embeddings")]
    Garbage,
    /// The number of vectors differs from the number of texts.
    #[error("{got} vectors for {expected} texts")]
    Count {
        /// Number of vectors.
        got: usize,
        /// Number of texts.
        expected: usize,
    },
    /// A duplicate or invalid index.
    #[error("the indices of the vectors are not those of the texts")]
    Index,
    /// The dimensions differ from those of the other vectors.
    #[error("a vector of {got} dimensions, expected {expected}")]
    Dimensions {
        /// Dimensions of the vector.
        got: usize,
        /// Dimensions of all other vectors.
        expected: usize,
    },
    /// Zero, infinite or not a number.
    #[error("a vector is zero or not finite")]
    ZeroOrNotFinite,
}

impl Fault {
    /// Returns the name of the kind, the same as in [`Counts::by_result`](super::Counts::by_result).
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

    /// Returns a hint for the operator.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "check that the server is running at MADOGUCHI_EMBEDDINGS_URL",
            Self::Slow => {
                "the model may still be loading; if it stays slow, use a smaller model or a nearer server"
            }
            Self::Refused(_) => "check MADOGUCHI_EMBEDDINGS_KEY",
            Self::Limited { .. } => "raise the server's limit",
            Self::Failed {
                status: 400 | 413 | 422,
                ..
            } => {
                "check MADOGUCHI_EMBEDDINGS_MODEL; if a text exceeds the context of the model, let the server truncate it"
            }
            Self::Failed {
                status: 300..=404, ..
            } => {
                "check MADOGUCHI_EMBEDDINGS_URL and MADOGUCHI_EMBEDDINGS_MODEL, and that the server has the model"
            }
            Self::Failed { .. } => "see the log of the server",
            Self::Unusable(Unusable::Dimensions { .. }) => {
                "the model on the server has changed; delete the index folder and restart the service to use it"
            }
            Self::Unusable(_) => {
                "check that MADOGUCHI_EMBEDDINGS_URL is the address of an OpenAI-compatible server"
            }
        }
    }

    /// Returns the delay in `Retry-After`.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limited { retry_after } | Self::Failed { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Returns whether the cause may be a single text or a short delay rather than the server.
    pub(super) fn may_be_incidental(&self) -> bool {
        matches!(
            self,
            Self::Slow
                | Self::Failed {
                    status: 400 | 413 | 422,
                    ..
                }
        )
    }

    /// Returns whether the request may be too large. llama.cpp reports that with status 500.
    pub(super) fn may_be_size(&self) -> bool {
        matches!(
            self,
            Self::Failed {
                status: 400 | 413 | 422 | 500,
                ..
            }
        )
    }

    /// Returns whether the same request may succeed later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Limited { .. } => true,
            Self::Failed { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Classifies the error of a request.
    pub(super) fn of_error(error: reqwest::Error) -> Self {
        // The URL is logged separately.
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

    /// Classifies a status that is not success.
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

/// Texts could not be embedded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("embeddings server `{place}` failed: {fault}; hint: {}", .fault.hint())]
pub struct Error {
    /// Host, port and path of the server.
    pub place: String,
    /// The failure.
    pub fault: Fault,
}
