//! API errors, rendered as `application/problem+json` (RFC 9457).
//!
//! A 4xx describes the expected input and how to fix the request; a 5xx reveals nothing internal.

use std::any::Any;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of every error.
const PROBLEM: &str = "application/problem+json";

/// Longest `detail`, in characters: a parser's message may quote the input.
const MAX_DETAIL_CHARS: usize = 300;

/// Longest quote of an invalid value, in characters.
const MAX_QUOTE_CHARS: usize = 64;

/// Shortens a value of a request to quote it in an error.
pub(super) fn quote(value: &str) -> String {
    value.chars().take(MAX_QUOTE_CHARS).collect()
}

/// The reason why a request fails.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The body is not JSON.
    #[error("the body is not JSON: {0}")]
    InvalidJson(String),
    /// The body is JSON of another shape.
    #[error("the body has an unexpected shape: {0}")]
    InvalidBody(String),
    /// The query string has unknown, missing or malformed parameters.
    #[error("the query string is invalid: {0}")]
    InvalidParameters(String),
    /// A text is blank or too long.
    #[error("`{name}` has {length} characters, expected 1 to {max}")]
    TextLength {
        /// The parameter.
        name: &'static str,
        /// Its length; 0 if it is all whitespace.
        length: usize,
        /// The longest accepted length.
        max: usize,
    },
    /// A number is out of its range.
    #[error("`{name}` is {value}, expected {min} to {max}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: usize,
        /// The smallest accepted value.
        min: usize,
        /// The greatest accepted value.
        max: usize,
    },
    /// No desk has this id.
    #[error("there is no desk `{id}`, expected one of {known}")]
    UnknownDesk {
        /// The requested id.
        id: String,
        /// The existing ids, as a list.
        known: String,
    },
    /// The pages of a list come from two versions of the knowledge.
    #[error("the knowledge has changed since version `{0}`")]
    KnowledgeChanged(String),
    /// No entry has this id.
    #[error("there is no entry `{0}`")]
    UnknownEntry(String),
    /// `at` is not a time, or out of range.
    #[error("`at` is `{0}`, expected a time such as 2026-11-24T09:00:00+09:00 in 1970 to 2199")]
    InvalidTime(String),
    /// `answer_id` is malformed.
    #[error("`answer_id` is not the id of an answer")]
    InvalidAnswerId,
    /// The content type is missing or not JSON.
    #[error("the content type is {0}, expected `application/json`")]
    UnsupportedMediaType(String),
    /// The content coding is not supported.
    #[error("the content encoding is `{0}`, expected `gzip`, `deflate`, `br` or none")]
    UnsupportedEncoding(String),
    /// The body is too long.
    #[error("the body is longer than {max} bytes")]
    BodyTooLarge {
        /// The longest accepted body, in bytes.
        max: usize,
    },
    /// The address exceeded its rate limit.
    #[error("too many requests from this address")]
    TooManyRequests {
        /// Seconds until the next request is accepted.
        retry_after: u64,
    },
    /// The request has a key that is not configured.
    #[error("the API key is unknown")]
    UnknownApiKey,
    /// A failure that the HTTP status describes completely.
    #[error("{}", status_detail(*.0))]
    Status(StatusCode),
}

impl Error {
    /// Returns the status: 400 for input that cannot be parsed, 422 for input that is invalid.
    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidJson(_) | Self::InvalidParameters(_) => StatusCode::BAD_REQUEST,
            Self::InvalidBody(_)
            | Self::TextLength { .. }
            | Self::OutOfRange { .. }
            | Self::UnknownDesk { .. }
            | Self::KnowledgeChanged(_)
            | Self::InvalidTime(_)
            | Self::InvalidAnswerId => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UnknownEntry(_) => StatusCode::NOT_FOUND,
            Self::UnsupportedMediaType(_) | Self::UnsupportedEncoding(_) => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownApiKey => StatusCode::UNAUTHORIZED,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Status(status) => *status,
        }
    }

    /// Returns the stable `type` that clients match on.
    fn kind(&self) -> &'static str {
        match self {
            Self::InvalidJson(_) => "/problems/invalid-json",
            Self::InvalidBody(_) => "/problems/invalid-body",
            Self::InvalidParameters(_) => "/problems/invalid-parameters",
            Self::TextLength { .. } => "/problems/text-length",
            Self::OutOfRange { .. } => "/problems/out-of-range",
            Self::UnknownDesk { .. } => "/problems/unknown-desk",
            Self::KnowledgeChanged(_) => "/problems/knowledge-changed",
            Self::UnknownEntry(_) => "/problems/unknown-entry",
            Self::InvalidTime(_) => "/problems/invalid-time",
            Self::InvalidAnswerId => "/problems/invalid-answer-id",
            Self::UnsupportedMediaType(_) => "/problems/unsupported-media-type",
            Self::UnsupportedEncoding(_) => "/problems/unsupported-encoding",
            Self::BodyTooLarge { .. } => "/problems/body-too-large",
            Self::TooManyRequests { .. } => "/problems/too-many-requests",
            Self::UnknownApiKey => "/problems/unknown-api-key",
            Self::Status(_) => "about:blank",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::InvalidJson(_) => {
                r#"send JSON in UTF-8 such as {"question":"会費はいくらですか"}; /docs has an example for each path"#
            }
            Self::InvalidBody(_) => "send an object with the keys that /docs lists for this path",
            Self::InvalidParameters(_) => "see /docs for the parameters, and percent-encode values",
            Self::TextLength { .. } => "send one or two sentences; whitespace alone is not a text",
            Self::OutOfRange { .. } => "omit the parameter to use the default",
            Self::UnknownDesk { .. } => {
                "omit `desk` to ask all desks, GET /api/v1/desks lists them"
            }
            Self::KnowledgeChanged(_) => "start again with `offset` 0 and without `version`",
            Self::UnknownEntry(_) => "GET /api/v1/entries lists all entries",
            Self::InvalidTime(_) => "use RFC 3339 and encode the plus sign as %2B",
            Self::InvalidAnswerId => "send the `answer_id` of the answer",
            Self::UnsupportedMediaType(_) => "send the header `content-type: application/json`",
            Self::UnsupportedEncoding(_) => "send the body as it is",
            Self::BodyTooLarge { .. } => "send only the question, in one or two sentences",
            Self::TooManyRequests { .. } => "wait for the seconds in the header `retry-after`",
            Self::UnknownApiKey => {
                "send `authorization: Bearer KEY` with a key from the operator, or no such header"
            }
            Self::Status(status) => status_hint(*status),
        }
    }
}

fn status_detail(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "there is nothing at this path",
        StatusCode::METHOD_NOT_ALLOWED => "this path does not support this method",
        StatusCode::REQUEST_TIMEOUT => "the request took too long",
        _ if status.is_server_error() => "the server failed to process the request",
        _ => "the request is malformed",
    }
}

fn status_hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "see /docs for all paths",
        StatusCode::METHOD_NOT_ALLOWED => "the header `allow` lists the supported methods",
        StatusCode::REQUEST_TIMEOUT => "send the request again",
        _ if status.is_server_error() => {
            "try again; the operator can find the cause in the log by the header `x-request-id`"
        }
        _ => "see /docs for the expected request",
    }
}

/// An error in the form of RFC 9457.
#[derive(Serialize, ToSchema)]
pub(super) struct Problem<'a> {
    /// The stable kind of problem; `about:blank` if the status describes it completely.
    #[schema(example = "/problems/unknown-desk")]
    r#type: &'a str,
    /// The reason phrase of the status.
    #[schema(example = "Unprocessable Entity")]
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// The error and the expected input.
    #[schema(example = "there is no desk `sales`, expected one of `alibaba`, `jetro`, `selas`")]
    detail: &'a str,
    /// How to fix the request.
    #[schema(example = "omit `desk` to ask all desks, GET /api/v1/desks lists them")]
    hint: &'a str,
}

/// The kind of a problem, for the metrics; an extension of its response.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProblemKind(pub(super) &'static str);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let detail: String = self.to_string().chars().take(MAX_DETAIL_CHARS).collect();
        let problem = Problem {
            r#type: self.kind(),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &detail,
            hint: self.hint(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, Body::from(body)).into_response();
        let kind = self.kind().trim_start_matches("/problems/");
        let kind = match kind {
            "about:blank" if status.is_server_error() => "internal",
            "about:blank" => "status",
            kind => kind,
        };
        response.extensions_mut().insert(ProblemKind(kind));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::TooManyRequests { retry_after } => {
                headers.insert(header::RETRY_AFTER, retry_after.into());
            }
            Self::UnknownApiKey => {
                let challenge = HeaderValue::from_static("Bearer");
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            _ => {}
        }
        response
    }
}

/// Marks a response with the status of an error as complete: it has a body of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intended;

/// Converts error responses of axum and of layers to problems. Keeps their other headers, such as
/// `allow`.
pub(super) fn as_problem(response: impl IntoResponse) -> Response {
    let response = response.into_response();
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_final = |value: &HeaderValue| {
        let value = value.as_bytes();
        value == PROBLEM.as_bytes() || value.starts_with(b"text/html")
    };
    let is_intended = response.extensions().get::<Intended>().is_some();
    if !is_error || is_intended || content_type.is_some_and(is_final) {
        return response;
    }
    let mut problem = Error::Status(status).into_response();
    for (name, value) in response.headers() {
        if !matches!(
            *name,
            header::CONTENT_TYPE | header::CONTENT_LENGTH | header::CONTENT_ENCODING
        ) {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

/// Responds for a handler that panicked.
///
/// The panic message may quote a member, so it appears neither in the log nor in the response.
pub(super) fn panic_response(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("http: handler panicked, responding with 500");
    Error::Status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}
