//! [`Error`] -> `application/problem+json` (RFC 9457).
//!
//! A 4xx says what was expected and how to mend it; a 5xx says nothing internal.

use std::any::Any;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of every error.
const PROBLEM: &str = "application/problem+json";

/// Longest detail, in characters: a parser's message may repeat what it was given.
const LONGEST_DETAIL: usize = 300;

/// What was wrong with a request.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The body is not JSON.
    #[error("the body is not JSON: {0}")]
    InvalidJson(String),
    /// The body is JSON of another shape.
    #[error("the body is not what is expected: {0}")]
    InvalidBody(String),
    /// The query string has another shape.
    #[error("the query string is not what is expected: {0}")]
    InvalidParameters(String),
    /// A text is empty or too long.
    #[error("`{name}` has {length} characters that count, expected 1 to {longest}")]
    TextLength {
        /// The parameter.
        name: &'static str,
        /// What it has.
        length: usize,
        /// What it may have.
        longest: usize,
    },
    /// A number is out of its range.
    #[error("`{name}` is {value}, expected {least} to {most}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// What it is.
        value: usize,
        /// The least it may be.
        least: usize,
        /// The most it may be.
        most: usize,
    },
    /// There is no such desk.
    #[error("there is no desk `{id}`, expected one of {known}")]
    UnknownDesk {
        /// What was asked for.
        id: String,
        /// The ids there are, as a list.
        known: String,
    },
    /// There is no such entry.
    #[error("there is no entry `{0}`")]
    UnknownEntry(String),
    /// Not a time.
    #[error("`at` is `{0}`, expected a time such as 2026-11-24T09:00:00+09:00 in 1970 to 2199")]
    InvalidTime(String),
    /// Not the name of an answer.
    #[error("`answer_id` is no name of an answer")]
    InvalidAnswerId,
    /// The body is said to be something else than JSON.
    #[error("the content type is {0}, expected `application/json`")]
    UnsupportedMediaType(String),
    /// The body is too long.
    #[error("the body is longer than {} bytes", super::LONGEST_BODY)]
    BodyTooLarge,
    /// The address asks too often.
    #[error("too many requests from this address")]
    TooManyRequests {
        /// After how many seconds the next may come.
        retry_after: u64,
    },
    /// Anything that HTTP itself has a word for.
    #[error("{}", status_detail(*.0))]
    Status(StatusCode),
}

impl Error {
    /// 400 is what cannot be read, 422 what was read and cannot be taken.
    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidJson(_) | Self::InvalidParameters(_) => StatusCode::BAD_REQUEST,
            Self::InvalidBody(_)
            | Self::TextLength { .. }
            | Self::OutOfRange { .. }
            | Self::UnknownDesk { .. }
            | Self::InvalidTime(_)
            | Self::InvalidAnswerId => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UnknownEntry(_) => StatusCode::NOT_FOUND,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Status(status) => *status,
        }
    }

    /// A stable name for programs to tell problems apart.
    fn kind(&self) -> &'static str {
        match self {
            Self::InvalidJson(_) => "/problems/invalid-json",
            Self::InvalidBody(_) => "/problems/invalid-body",
            Self::InvalidParameters(_) => "/problems/invalid-parameters",
            Self::TextLength { .. } => "/problems/text-length",
            Self::OutOfRange { .. } => "/problems/out-of-range",
            Self::UnknownDesk { .. } => "/problems/unknown-desk",
            Self::UnknownEntry(_) => "/problems/unknown-entry",
            Self::InvalidTime(_) => "/problems/invalid-time",
            Self::InvalidAnswerId => "/problems/invalid-answer-id",
            Self::UnsupportedMediaType(_) => "/problems/unsupported-media-type",
            Self::BodyTooLarge => "/problems/body-too-large",
            Self::TooManyRequests { .. } => "/problems/too-many-requests",
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
            Self::TextLength { .. } => "say it in a sentence or two; spaces alone do not count",
            Self::OutOfRange { .. } => "leave it out to get the default",
            Self::UnknownDesk { .. } => "leave `desk` out to ask all, GET /api/v1/desks lists them",
            Self::UnknownEntry(_) => "GET /api/v1/entries lists all entries",
            Self::InvalidTime(_) => "write it as RFC 3339 and the plus sign as %2B",
            Self::InvalidAnswerId => "send the `answer_id` that came with the answer",
            Self::UnsupportedMediaType(_) => "send the header `content-type: application/json`",
            Self::BodyTooLarge => "a sentence or two are enough, send only that",
            Self::TooManyRequests { .. } => "wait as long as the header `retry-after` says",
            Self::Status(status) => status_hint(*status),
        }
    }
}

fn status_detail(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "there is nothing at this path",
        StatusCode::METHOD_NOT_ALLOWED => "this path does not take this method",
        StatusCode::REQUEST_TIMEOUT => "the request took too long",
        _ if status.is_server_error() => "something went wrong here",
        _ => "the request could not be read",
    }
}

fn status_hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "see /docs for the paths there are",
        StatusCode::METHOD_NOT_ALLOWED => "the header `allow` lists the methods it takes",
        StatusCode::REQUEST_TIMEOUT => "send it again",
        _ if status.is_server_error() => {
            "try again; the operator finds the cause in the log by the header `x-request-id`"
        }
        _ => "see /docs for what is expected",
    }
}

/// An error as RFC 9457 describes it.
#[derive(Serialize, ToSchema)]
pub(super) struct Problem<'a> {
    /// A stable name of the kind of problem; `about:blank` if the status says it all.
    #[schema(example = "/problems/unknown-desk")]
    r#type: &'a str,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What is wrong and what was expected.
    #[schema(example = "there is no desk `sales`, expected one of `alibaba`, `jetro`, `selas`")]
    detail: &'a str,
    /// How to mend it.
    #[schema(example = "leave `desk` out to ask all, GET /api/v1/desks lists them")]
    hint: &'a str,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        let detail: String = self.to_string().chars().take(LONGEST_DETAIL).collect();
        let problem = Problem {
            r#type: self.kind(),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &detail,
            hint: self.hint(),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Self::TooManyRequests { retry_after } = self {
            headers.insert(header::RETRY_AFTER, retry_after.into());
        }
        response
    }
}

/// Gives errors that axum or a layer answered with the form of all others; their other headers,
/// such as `allow`, stay.
pub(super) async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_done = |value: &HeaderValue| {
        let value = value.as_bytes();
        value == PROBLEM.as_bytes() || value.starts_with(b"text/html")
    };
    if !is_error || content_type.is_some_and(is_done) {
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

/// Answers for a handler that panicked. What it panicked with may quote a member, and stays out
/// of the log and of the response.
pub(super) fn caught(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Error::Status(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}
