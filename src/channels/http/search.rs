//! `GET /api/v1/search`, `GET` and `POST /api/v1/suggest`: matching entries with highlighted matches.

use std::ops::Range;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::entries::Titles;
use super::error::{Error, Problem, quote};
use super::extract::{JsonOrForm, Parameters, checked_text, known_desk};
use crate::answer::{Hits, MAX_QUESTION_CHARS};
use crate::knowledge::KnowledgeBase;
use crate::search::Marked;

/// Upper limit of `limit`.
const MAX_HITS: usize = 50;

/// Upper limit of `offset`.
const MAX_OFFSET: usize = 1_000_000;

/// Default of `limit` for search.
const SEARCH_HITS: usize = 10;

/// Default of `limit` for suggest: the list fits under an input on a phone.
const SUGGEST_HITS: usize = 5;

/// Parameters of `GET /api/v1/search` and `GET /api/v1/suggest`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParameters {
    /// The text to search for.
    #[param(
        min_length = 1,
        max_length = 500,
        pattern = r"[^\s\u0085]",
        example = "会費"
    )]
    q: String,
    /// Restricts the search to the entries of this desk.
    #[param(format = "desk", example = "selas")]
    desk: Option<String>,
    /// Hits per page: 1 to 50, by default 10 for search and 5 for suggest.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<usize>,
    /// Number of hits to skip, up to 1,000,000.
    #[param(minimum = 0, maximum = 1_000_000)]
    offset: Option<usize>,
    /// The `version` of the first page, so that all pages come from the same knowledge; if the
    /// knowledge has changed, the request is refused.
    #[param(format = "knowledge-version")]
    version: Option<String>,
}

/// A text that is still being typed. In a body it appears in no log of a proxy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SuggestRequest {
    /// The text to search for.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"[^\s\u0085]",
        example = "会費"
    )]
    q: String,
    /// Restricts the search to the entries of this desk.
    #[schema(format = "desk", example = "selas")]
    desk: Option<String>,
    /// Hits per page: 1 to 50, by default 5.
    // In JSON, 1.0 is an integer too.
    #[schema(value_type = Option<usize>, minimum = 1, maximum = 50)]
    limit: Option<f64>,
}

/// A page of hits.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchResponse<'a> {
    /// The text that was searched for.
    query: &'a str,
    /// Names the version of the knowledge that the hits come from.
    version: &'a str,
    /// Number of matching entries on all pages.
    total: usize,
    /// Hits of this page, best first.
    hits: Vec<SearchHit<'a>>,
    /// The desk that answers the text while it is typed, if no entry does; at most one.
    desks: Vec<SuggestedDesk<'a>>,
}

/// A desk that answers what the FAQ does not.
#[derive(Serialize, ToSchema)]
pub(super) struct SuggestedDesk<'a> {
    /// `desk`.
    #[schema(example = "desk")]
    kind: &'static str,
    /// The desk's id.
    #[schema(example = "selas")]
    desk: &'a str,
    /// The topic that it answers.
    #[schema(example = "領収書の発行")]
    topic: &'a str,
}

/// An entry that matched.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchHit<'a> {
    /// `entry`.
    #[schema(example = "entry")]
    kind: &'static str,
    /// The entry's id.
    id: &'a str,
    /// Its desk.
    desk: &'a str,
    /// Its heading in the source document.
    category: &'a str,
    /// Its heading in other languages.
    category_titles: Titles<'a>,
    /// Its question.
    question: &'a str,
    /// Its question in other languages.
    titles: Titles<'a>,
    /// Its question as HTML, with matches in `<mark>`.
    question_html: String,
    /// An extract of its answer as HTML, with matches in `<mark>`.
    snippet_html: String,
    /// Its probability, 0 to 1.
    score: f32,
}

/// Finds entries that match a text.
#[utoipa::path(
    get, path = "/search", tag = "questions", operation_id = "search",
    params(SearchParameters),
    responses(
        (status = 200, description = "A page of hits", body = SearchResponse),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn search(
    State(state): State<Arc<AppState>>,
    Parameters(parameters): Parameters<SearchParameters>,
) -> Result<Response, Error> {
    let query = checked_text("q", &parameters.q, MAX_QUESTION_CHARS)?;
    let page = page(&parameters, SEARCH_HITS)?;
    let assistant = state.assistant();
    check_version(&parameters, assistant.knowledge())?;
    let desk = known_desk(parameters.desk.as_deref(), assistant.knowledge())?;
    let hits = assistant.search(query, desk, page, state.now()).await;
    Ok(respond(query, &hits, assistant.knowledge()))
}

/// Finds entries for a text that is still being typed.
#[utoipa::path(
    get, path = "/suggest", tag = "questions", operation_id = "suggest",
    params(SearchParameters),
    responses(
        (status = 200, description = "A page of hits", body = SearchResponse),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn suggest(
    State(state): State<Arc<AppState>>,
    Parameters(parameters): Parameters<SearchParameters>,
) -> Result<Response, Error> {
    suggestions(&state, &parameters)
}

/// Finds entries for a text that is still being typed; the text is in the body and so in no log. The body
/// may be a form as well.
// The description names JSON alone: a form cannot hold the null that the keys may have.
#[utoipa::path(
    post, path = "/suggest", tag = "questions", operation_id = "suggest_posted",
    request_body = SuggestRequest,
    responses(
        (status = 200, description = "A page of hits", body = SearchResponse),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn suggest_posted(
    State(state): State<Arc<AppState>>,
    JsonOrForm(request): JsonOrForm<SuggestRequest>,
) -> Result<Response, Error> {
    // What is no number of hits becomes 0, which is refused.
    let whole = |limit: f64| match limit.fract() == 0.0 {
        true => limit as usize,
        false => 0,
    };
    let parameters = SearchParameters {
        q: request.q,
        desk: request.desk,
        limit: request.limit.map(whole),
        offset: None,
        version: None,
    };
    suggestions(&state, &parameters)
}

fn suggestions(state: &AppState, parameters: &SearchParameters) -> Result<Response, Error> {
    let query = checked_text("q", &parameters.q, MAX_QUESTION_CHARS)?;
    let page = page(parameters, SUGGEST_HITS)?;
    let assistant = state.assistant();
    check_version(parameters, assistant.knowledge())?;
    let desk = known_desk(parameters.desk.as_deref(), assistant.knowledge())?;
    let hits = assistant.suggest(query, desk, page, state.now());
    Ok(respond(query, &hits, assistant.knowledge()))
}

/// Refuses a page of a list that began with another version of the knowledge.
fn check_version(parameters: &SearchParameters, served: &KnowledgeBase) -> Result<(), Error> {
    match &parameters.version {
        Some(version) if *version != served.version => Err(Error::KnowledgeChanged(quote(version))),
        _ => Ok(()),
    }
}

/// Returns the requested range of hits.
fn page(parameters: &SearchParameters, default_limit: usize) -> Result<Range<usize>, Error> {
    let limit = parameters.limit.unwrap_or(default_limit);
    if !(1..=MAX_HITS).contains(&limit) {
        return Err(Error::OutOfRange {
            name: "limit",
            value: limit,
            min: 1,
            max: MAX_HITS,
        });
    }
    let offset = parameters.offset.unwrap_or(0);
    if offset > MAX_OFFSET {
        return Err(Error::OutOfRange {
            name: "offset",
            value: offset,
            min: 0,
            max: MAX_OFFSET,
        });
    }
    Ok(offset..offset.saturating_add(limit))
}

fn respond(query: &str, found: &Hits<'_>, knowledge: &KnowledgeBase) -> Response {
    let page = found.hits.iter().filter_map(|hit| {
        let entry = knowledge.entries.get(hit.entry)?;
        Some(SearchHit {
            kind: "entry",
            id: entry.id.as_str(),
            desk: entry.desk.as_str(),
            category: &entry.category,
            category_titles: Titles::of_category(entry, knowledge),
            question: &entry.question,
            titles: Titles::of(entry),
            question_html: marked(&hit.question).into_string(),
            snippet_html: marked(&hit.snippet).into_string(),
            score: hit.score,
        })
    });
    let desks = found.desk.iter().map(|hit| SuggestedDesk {
        kind: "desk",
        desk: hit.desk.id.as_str(),
        topic: hit.topic,
    });
    let response = SearchResponse {
        query,
        version: &knowledge.version,
        total: found.total,
        hits: page.collect(),
        desks: desks.collect(),
    };
    ([(header::CACHE_CONTROL, "no-cache")], Json(response)).into_response()
}

/// Renders pieces as escaped HTML, with matches in `<mark>`.
pub(super) fn marked(pieces: &Marked<'_>) -> Markup {
    html! {
        @for (text, is_match) in pieces {
            @if *is_match { mark { (text) } } @else { (text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_the_only_html_and_the_text_is_escaped() {
        let pieces = vec![("<b>\"会'&", false), ("費<", true), ("は", false)];
        assert_eq!(
            marked(&pieces).into_string(),
            "&lt;b&gt;&quot;会'&amp;<mark>費&lt;</mark>は"
        );
    }
}
