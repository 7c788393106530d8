//! `GET /api/v1/search`, `GET /api/v1/suggest`: entries that match words, with what matched marked.

use std::ops::Range;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Shared;
use super::error::{Error, Problem};
use super::extract::{Parameters, checked_text, known_desk};
use crate::answer::Hits;
use crate::knowledge::KnowledgeBase;
use crate::search::Marked;

/// Longest text to search for, in characters.
const MAX_QUERY_CHARS: usize = crate::answer::MAX_QUESTION_CHARS;

/// Most hits on a page.
const MAX_HITS: usize = 50;

/// Hits on a page of search, if nothing else is said.
const SEARCH_HITS: usize = 10;

/// Hits while typing, if nothing else is said: what fits under an input on a telephone.
const SUGGEST_HITS: usize = 5;

/// Parameters of `GET /api/v1/search` and `GET /api/v1/suggest`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParameters {
    /// The text to search for.
    #[param(min_length = 1, max_length = 500, example = "会費")]
    q: String,
    /// The desk whose entries alone are searched.
    #[param(example = "selas")]
    desk: Option<String>,
    /// Hits on a page: 1 to 50, by default 10 for search and 5 for suggest.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<usize>,
    /// How many hits to pass over.
    #[param(minimum = 0)]
    offset: Option<usize>,
}

/// A page of hits.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchResponse<'a> {
    /// The text that was searched for.
    query: &'a str,
    /// How many entries matched at all.
    total: usize,
    /// The page, best first.
    hits: Vec<SearchHit<'a>>,
}

/// An entry that matched.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchHit<'a> {
    /// The entry's id.
    id: &'a str,
    /// Its desk.
    desk: &'a str,
    /// The heading under which the document has it.
    category: &'a str,
    /// Its question.
    question: &'a str,
    /// Its question as HTML, what matched in `<mark>`.
    question_html: String,
    /// An extract of its answer as HTML, what matched in `<mark>`.
    snippet_html: String,
    /// How likely it is what was meant, 0 to 1.
    score: f32,
}

/// Finds entries by words.
#[utoipa::path(
    get, path = "/search", tag = "questions", operation_id = "search",
    params(SearchParameters),
    responses(
        (status = 200, description = "A page of hits", body = SearchResponse),
        (status = "4XX", description = "What was sent cannot be taken", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn search(
    State(shared): State<Arc<Shared>>,
    Parameters(parameters): Parameters<SearchParameters>,
) -> Result<Response, Error> {
    let query = checked_text("q", &parameters.q, MAX_QUERY_CHARS)?;
    let page = page(&parameters, SEARCH_HITS)?;
    let assistant = shared.assistant();
    let desk = known_desk(parameters.desk.as_deref(), assistant.knowledge())?;
    let hits = assistant.search(query, desk, page, shared.now()).await;
    Ok(respond(query, &hits, assistant.knowledge()))
}

/// Finds entries while somebody types.
#[utoipa::path(
    get, path = "/suggest", tag = "questions", operation_id = "suggest",
    params(SearchParameters),
    responses(
        (status = 200, description = "A page of hits", body = SearchResponse),
        (status = "4XX", description = "What was sent cannot be taken", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn suggest(
    State(shared): State<Arc<Shared>>,
    Parameters(parameters): Parameters<SearchParameters>,
) -> Result<Response, Error> {
    let query = checked_text("q", &parameters.q, MAX_QUERY_CHARS)?;
    let page = page(&parameters, SUGGEST_HITS)?;
    let assistant = shared.assistant();
    let desk = known_desk(parameters.desk.as_deref(), assistant.knowledge())?;
    let hits = assistant.suggest(query, desk, page, shared.now());
    Ok(respond(query, &hits, assistant.knowledge()))
}

/// Returns the range of hits that is asked for.
fn page(parameters: &SearchParameters, default_limit: usize) -> Result<Range<usize>, Error> {
    let limit = parameters.limit.unwrap_or(default_limit);
    if !(1..=MAX_HITS).contains(&limit) {
        return Err(Error::OutOfRange {
            name: "limit",
            value: limit,
            least: 1,
            most: MAX_HITS,
        });
    }
    let offset = parameters.offset.unwrap_or(0);
    Ok(offset..offset.saturating_add(limit))
}

fn respond(query: &str, found: &Hits, knowledge: &KnowledgeBase) -> Response {
    let page = found.hits.iter().filter_map(|hit| {
        let entry = knowledge.entries.get(hit.entry)?;
        Some(SearchHit {
            id: entry.id.as_str(),
            desk: entry.desk.as_str(),
            category: &entry.category,
            question: &entry.question,
            question_html: marked(&hit.question).into_string(),
            snippet_html: marked(&hit.snippet).into_string(),
            score: hit.score,
        })
    });
    let response = SearchResponse {
        query,
        total: found.total,
        hits: page.collect(),
    };
    ([(header::CACHE_CONTROL, "no-cache")], Json(response)).into_response()
}

/// Writes pieces as HTML, matches in `<mark>`; everything else is escaped.
pub(super) fn marked(pieces: &Marked) -> Markup {
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
    fn marks_are_the_only_html() {
        let pieces = vec![
            ("<b>\"会'&".to_owned(), false),
            ("費<".to_owned(), true),
            ("は".to_owned(), false),
        ];
        assert_eq!(
            marked(&pieces).into_string(),
            "&lt;b&gt;&quot;会'&amp;<mark>費&lt;</mark>は"
        );
    }
}
