//! `GET /api/v1/desks`: the desks with their contact points and business hours.

use std::ops::Range;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::{Error, Problem, quote};
use super::extract::{AcceptedLanguage, LanguageTag, Parameters};
use super::state::AppState;
use crate::answer::{ContactStatus, HoursStatus};

/// Accepted range of `at`, 1970 to 2199: the calendars of later years are unknown.
const SUPPORTED_TIMES: Range<Timestamp> =
    Timestamp::UNIX_EPOCH..Timestamp::constant(7_258_118_400, 0);

/// Parameters of `GET /api/v1/desks`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DesksParameters {
    /// The time for which hours are reported, RFC 3339, in 1970 to 2199; by default now. The pattern
    /// has each day of the years 1971 to 2198, which are within that range at every offset.
    #[param(
        pattern = r"^((197[1-9]|19[89][0-9]|20[0-9]{2}|21[0-8][0-9]|219[0-8])-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)|(19(7[26]|8[048]|9[26])|20([02468][048]|[13579][26])|21(0[48]|[2468][048]|[13579][26]))-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$",
        example = "2026-11-24T09:00:00+09:00"
    )]
    at: Option<String>,
    /// The language of names and hours; by default from `accept-language`.
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
    /// The stable id.
    #[schema(example = "jetro")]
    id: &'a str,
    /// The name of the desk.
    name: &'a str,
    /// The programme that the desk is responsible for.
    programme: &'a str,
    /// The contact points, best first.
    contact_points: Vec<ContactPoint>,
}

/// One way to reach a desk.
#[derive(Serialize, ToSchema)]
pub(super) struct ContactPoint {
    /// The stable id.
    #[schema(example = "jetro-consortium-telephone")]
    id: String,
    /// The id of its desk.
    #[schema(example = "jetro")]
    desk: String,
    /// `form`, `email`, `telephone` or `address`.
    #[schema(example = "telephone")]
    kind: &'static str,
    /// The display name.
    label: String,
    /// The address, or a description of where to find it.
    #[schema(example = "03-3582-8333")]
    value: String,
    /// The address as a link, if it is known.
    #[schema(required, example = "tel:+81335828333")]
    url: Option<String>,
    /// The business hours of a telephone, if known.
    #[schema(required)]
    hours: Option<Hours>,
}

/// Business hours, and whether the desk is open at the requested time.
#[derive(Serialize, ToSchema)]
pub(super) struct Hours {
    /// The hours in the words of the source document.
    text: String,
    /// Whether the desk is open.
    open: bool,
    /// The next opening time, RFC 3339, if closed.
    #[schema(required, format = DateTime, example = "2026-11-24T09:00:00+09:00")]
    opens_at: Option<String>,
    /// The next closing time, RFC 3339, if open.
    #[schema(required, format = DateTime, example = "2026-11-24T12:00:00+09:00")]
    closes_at: Option<String>,
    /// The status as a sentence.
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

/// Formats a time with its offset and without the zone's name, as RFC 3339 requires.
fn rfc3339(time: &Zoned) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Parses `at`. Accepts a space in place of the plus sign: an unencoded `+` decodes to a space.
fn parse_time(text: &str) -> Result<Timestamp, Error> {
    let parsed = text.parse::<Timestamp>().or_else(|error| {
        let (time, offset) = text.rsplit_once(' ').ok_or(error)?;
        format!("{time}+{offset}").parse()
    });
    let parsed = parsed.ok().filter(|time| SUPPORTED_TIMES.contains(time));
    parsed.ok_or_else(|| Error::InvalidTime(quote(text)))
}

/// Lists the desks with their contact points and whether they are open at a time.
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
    accepted: AcceptedLanguage,
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
    fn a_space_in_place_of_the_plus_sign_is_accepted() {
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
            assert!(parse_time(text).is_err(), "`{text}` was accepted");
        }
    }
}
