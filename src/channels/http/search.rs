//! `GET /api/v1/search`, `GET /api/v1/suggest`: entries that match words, with what matched marked.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Shared;
use super::error::{Error, Problem};
use super::extract::{Parameters, checked_text, known_desk};
use crate::search::Marked;

/// Longest text to search for, in characters.
const LONGEST_QUERY: usize = crate::answer::LONGEST_QUESTION;

/// Most hits on a page.
const MOST_HITS: usize = 50;

/// Hits on a page of search, if nothing else is said.
const SEARCH_HITS: usize = 10;

/// Hits while typing, if nothing else is said: what fits under an input on a telephone.
const SUGGEST_HITS: usize = 5;

/// Least share of the best hit's chance for a hit while typing: what merely shares a syllable with
/// the text is noise beside a hit that is clearly meant, and all there is where none is.
const WORTH_SUGGESTING: f32 = 1e-4;

/// Parameters of `GET /api/v1/search` and `GET /api/v1/suggest`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParameters {
    /// The text to search for.
    #[param(min_length = 1, max_length = 200, example = "会費")]
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
    find(&shared, &parameters, SEARCH_HITS, 0.0)
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
    find(&shared, &parameters, SUGGEST_HITS, WORTH_SUGGESTING)
}

fn find(
    shared: &Shared,
    parameters: &SearchParameters,
    default_limit: usize,
    least_share: f32,
) -> Result<Response, Error> {
    let query = checked_text("q", &parameters.q, LONGEST_QUERY)?;
    let limit = parameters.limit.unwrap_or(default_limit);
    if !(1..=MOST_HITS).contains(&limit) {
        return Err(Error::OutOfRange {
            name: "limit",
            value: limit,
            least: 1,
            most: MOST_HITS,
        });
    }
    let assistant = shared.assistant();
    let knowledge = assistant.knowledge();
    let desk = known_desk(parameters.desk.as_deref(), knowledge)?;
    let offset = parameters.offset.unwrap_or(0);
    let page = offset..offset.saturating_add(limit);
    let (mut hits, mut total) = assistant.search(query, desk, page, shared.now());
    let least = hits.first().map_or(0.0, |best| best.score * least_share);
    if let Some(end) = hits.iter().position(|hit| hit.score < least) {
        hits.truncate(end);
        total = offset + end;
    }
    let page = hits.iter().filter_map(|hit| {
        let entry = knowledge.entries.get(hit.entry)?;
        Some(SearchHit {
            id: entry.id.as_str(),
            desk: entry.desk.as_str(),
            category: &entry.category,
            question: &entry.question,
            question_html: to_html(&hit.question),
            snippet_html: to_html(&hit.snippet),
            score: hit.score,
        })
    });
    let response = SearchResponse {
        query,
        total,
        hits: page.collect(),
    };
    Ok(([(header::CACHE_CONTROL, "no-cache")], Json(response)).into_response())
}

/// Writes pieces as HTML, matches in `<mark>`; everything else is escaped.
fn to_html(pieces: &Marked) -> String {
    let mut html = String::new();
    for (text, is_match) in pieces {
        if *is_match {
            html.push_str("<mark>");
        }
        for character in text.chars() {
            match character {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                _ => html.push(character),
            }
        }
        if *is_match {
            html.push_str("</mark>");
        }
    }
    html
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
            to_html(&pieces),
            "&lt;b&gt;&quot;会&#39;&amp;<mark>費&lt;</mark>は"
        );
    }
}
