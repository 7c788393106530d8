//! `GET /api/v1/desks`: the desks, how to reach them, and whether they are open.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::error::{Error, Problem};
use super::extract::{Accepted, LanguageTag, Parameters};
use crate::answer::{ContactStatus, HoursStatus};

/// Parameters of `GET /api/v1/desks`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DesksParameters {
    /// The time to look at, RFC 3339; now by default.
    #[param(example = "2026-11-24T09:00:00+09:00")]
    at: Option<String>,
    /// The language of names and hours; by `accept-language` otherwise.
    #[param(inline)]
    language: Option<LanguageTag>,
}

/// All desks.
#[derive(Serialize, ToSchema)]
pub(super) struct DesksResponse<'a> {
    desks: Vec<Desk<'a>>,
}

/// A desk (窓口).
#[derive(Serialize, ToSchema)]
pub(super) struct Desk<'a> {
    /// Public, stable name.
    #[schema(example = "jetro")]
    id: &'a str,
    /// The desk's own name.
    name: &'a str,
    /// What the desk looks after.
    programme: &'a str,
    /// How to reach it, the best first.
    contact_points: Vec<ContactPoint>,
}

/// One way to reach a desk.
#[derive(Serialize, ToSchema)]
pub(super) struct ContactPoint {
    /// Public, stable name.
    #[schema(example = "jetro-consortium-telephone")]
    id: String,
    /// The desk it belongs to.
    #[schema(example = "jetro")]
    desk: String,
    /// `form`, `email`, `telephone` or `address`.
    #[schema(example = "telephone")]
    kind: &'static str,
    /// What it is called.
    label: String,
    /// The address, or where to find it.
    #[schema(example = "03-3582-8333")]
    value: String,
    /// Where a click leads, if the address is known.
    #[schema(required, example = "tel:+81335828333")]
    url: Option<String>,
    /// For a telephone with hours: whether somebody answers.
    #[schema(required)]
    hours: Option<Hours>,
}

/// Business hours at the time asked about.
#[derive(Serialize, ToSchema)]
pub(super) struct Hours {
    /// The hours as the document words them.
    text: String,
    /// Whether somebody answers.
    open: bool,
    /// When that begins again, RFC 3339, if closed.
    #[schema(required, format = DateTime, example = "2026-11-24T09:00:00+09:00")]
    opens_at: Option<String>,
    /// When that ends, RFC 3339, if open.
    #[schema(required, format = DateTime, example = "2026-11-24T12:00:00+09:00")]
    closes_at: Option<String>,
    /// The same as a sentence.
    status: String,
}

impl From<ContactStatus> for ContactPoint {
    fn from(point: ContactStatus) -> Self {
        Self {
            id: point.id.to_string(),
            desk: point.desk.to_string(),
            kind: point.kind.name(),
            label: point.label,
            value: point.value,
            url: point.url,
            hours: point.hours.map(Hours::from),
        }
    }
}

impl From<HoursStatus> for Hours {
    fn from(hours: HoursStatus) -> Self {
        Self {
            text: hours.text,
            open: hours.is_open,
            opens_at: hours.opens_at.as_ref().map(rfc3339),
            closes_at: hours.closes_at.as_ref().map(rfc3339),
            status: hours.status,
        }
    }
}

/// Writes a time with its offset and without the zone's name, which RFC 3339 does not know.
fn rfc3339(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Reads a time. A plus sign that nobody encoded arrives as a space.
fn parse_time(text: &str) -> Result<Timestamp, Error> {
    let parsed = text.parse::<Timestamp>().or_else(|error| {
        let (time, offset) = text.rsplit_once(' ').ok_or(error)?;
        format!("{time}+{offset}").parse()
    });
    // Beyond, calendars are guesses.
    let earliest = Timestamp::UNIX_EPOCH;
    let latest = Timestamp::from_second(7_258_118_400).unwrap_or(Timestamp::MAX);
    let parsed = parsed.ok().filter(|time| (earliest..latest).contains(time));
    parsed.ok_or_else(|| Error::InvalidTime(text.chars().take(64).collect()))
}

/// Lists the desks with their contact points, open or closed at a time.
#[utoipa::path(
    get, path = "/desks", tag = "knowledge", operation_id = "listDesks",
    params(DesksParameters),
    responses(
        (status = 200, description = "All desks", body = DesksResponse),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    accepted: Accepted,
    Parameters(parameters): Parameters<DesksParameters>,
) -> Result<Response, Error> {
    let at = parameters.at.as_deref().map(parse_time).transpose()?;
    let at = at.unwrap_or_else(|| state.now());
    let language = accepted.or(parameters.language);
    let assistant = state.assistant();
    let desks = assistant.knowledge().desks.iter().map(|desk| {
        let points = assistant.contact_points(desk, language, at);
        Desk {
            id: desk.id.as_str(),
            name: desk.name.get(language),
            programme: desk.programme.get(language),
            contact_points: points.into_iter().map(ContactPoint::from).collect(),
        }
    });
    let response = DesksResponse {
        desks: desks.collect(),
    };
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-language"),
    ];
    Ok((headers, Json(response)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_sign_that_became_a_space_is_understood() {
        let expected = parse_time("2026-11-24T09:00:00+09:00").expect("RFC 3339");
        for text in ["2026-11-24T09:00:00 09:00", "2026-11-24T00:00:00Z"] {
            assert_eq!(parse_time(text).expect(text), expected);
        }
        for text in [
            "",
            "now",
            "2026-11-24",
            "2026-11-24T09:00:00",
            "9999-12-31T23:59:59Z",
        ] {
            assert!(parse_time(text).is_err(), "`{text}` was taken");
        }
    }
}
