//! `GET /api/v1/entries`, `GET /api/v1/entries/{id}`: the entries of the knowledge.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{Error, Problem, quote};
use super::etag::{self, JSON};
use super::state::AppState;
use crate::knowledge::{self, KnowledgeBase, Language};

/// All entries that are valid today.
#[derive(Serialize, ToSchema)]
pub(super) struct EntriesResponse<'a> {
    /// Names the version of the knowledge that the entries come from.
    version: &'a str,
    entries: Vec<Entry<'a>>,
}

/// An entry: a question with its official answer.
#[derive(Serialize, ToSchema)]
pub(super) struct Entry<'a> {
    /// The stable id.
    #[schema(example = "selas-cancel-paid-membership")]
    id: &'a str,
    /// The desk that is responsible for the entry.
    #[schema(example = "selas")]
    desk: &'a str,
    /// The heading in the source document.
    category: &'a str,
    /// The heading in other languages.
    category_titles: Titles<'a>,
    /// The question in the words of the source document.
    question: &'a str,
    /// The question in other languages.
    titles: Titles<'a>,
    /// The answer in the words of the source document.
    answer: AnswerText<'a>,
    /// All links of the answer.
    links: Vec<Link<'a>>,
    /// The position in the source document.
    source: Source<'a>,
    /// Related entries.
    related: Vec<Related<'a>>,
}

/// An answer in three forms.
#[derive(Serialize, ToSchema)]
pub(super) struct AnswerText<'a> {
    /// `CommonMark`.
    markdown: &'a str,
    /// Sanitized HTML.
    html: &'a str,
    /// Plain text.
    text: &'a str,
}

/// A link in an answer.
#[derive(Serialize, ToSchema)]
pub(super) struct Link<'a> {
    /// The link text.
    label: &'a str,
    /// The target.
    url: &'a str,
}

/// The origin of an answer.
#[derive(Serialize, ToSchema)]
pub(super) struct Source<'a> {
    /// The document's title.
    document: &'a str,
    /// The heading or number within it.
    section: &'a str,
}

/// A related entry.
#[derive(Serialize, ToSchema)]
pub(super) struct Related<'a> {
    /// Its id.
    id: &'a str,
    /// Its question.
    question: &'a str,
    /// Its question in other languages.
    titles: Titles<'a>,
}

/// The question or the category of an entry in other languages than the document's, for lists. The
/// answer is in the document's language only.
#[derive(Serialize, ToSchema)]
pub(super) struct Titles<'a> {
    /// In English; null if the knowledge has none.
    #[schema(required, example = "How are membership and matching fees paid?")]
    en: Option<&'a str>,
}

impl<'a> Titles<'a> {
    pub(super) fn of(entry: &'a knowledge::Entry) -> Self {
        Self {
            en: entry.english_title.as_deref(),
        }
    }

    /// Returns those of an entry's category.
    pub(super) fn of_category(entry: &'a knowledge::Entry, knowledge: &'a KnowledgeBase) -> Self {
        let (title, language) = knowledge.category_title(entry, Language::English);
        Self {
            en: (language == Language::English).then_some(title),
        }
    }
}

impl<'a> Entry<'a> {
    pub(super) fn new(
        entry: &'a knowledge::Entry,
        knowledge: &'a KnowledgeBase,
        today: Date,
    ) -> Self {
        let links = entry.answer.links.iter().map(|link| Link {
            label: &link.label,
            url: &link.url,
        });
        let related = knowledge.related(entry, today).into_iter();
        let related = related.map(|entry| Related {
            id: entry.id.as_str(),
            question: &entry.question,
            titles: Titles::of(entry),
        });
        Self {
            id: entry.id.as_str(),
            desk: entry.desk.as_str(),
            category: &entry.category,
            category_titles: Titles::of_category(entry, knowledge),
            question: &entry.question,
            titles: Titles::of(entry),
            answer: AnswerText {
                markdown: &entry.answer.source,
                html: &entry.answer.html,
                text: &entry.answer.text,
            },
            links: links.collect(),
            source: Source {
                document: &entry.source.document,
                section: &entry.source.section,
            },
            related: related.collect(),
        }
    }
}

/// Lists all entries that are valid today.
#[utoipa::path(
    get, path = "/entries", tag = "knowledge", operation_id = "listEntries",
    responses(
        (status = 200, description = "All entries", body = EntriesResponse, headers(("etag" = String, description = "For `if-none-match`"))),
        (status = 304, description = "Unchanged"),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let assistant = state.assistant();
    let knowledge = assistant.knowledge();
    let today = assistant.today(state.now());
    let entries = knowledge.shown_on(today);
    let response = EntriesResponse {
        version: &knowledge.version,
        entries: entries
            .map(|entry| Entry::new(entry, knowledge, today))
            .collect(),
    };
    Ok(etag::respond(&headers, JSON, to_json(&response)?))
}

/// Returns one entry.
#[utoipa::path(
    get, path = "/entries/{id}", tag = "knowledge", operation_id = "getEntry",
    params(("id" = String, Path, description = "The entry's id", example = "selas-sample-delivery")),
    responses(
        (status = 200, description = "The entry", body = Entry, headers(("etag" = String, description = "For `if-none-match`"))),
        (status = 304, description = "Unchanged"),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(state): State<Arc<AppState>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let Path(id) = id.map_err(|rejection| Error::Status(rejection.status()))?;
    let assistant = state.assistant();
    let knowledge = assistant.knowledge();
    let today = assistant.today(state.now());
    let entry = knowledge
        .entry(&id)
        .filter(|entry| entry.is_valid_on(today));
    let entry = entry.ok_or_else(|| Error::UnknownEntry(quote(&id)))?;
    Ok(etag::respond(
        &headers,
        JSON,
        to_json(&Entry::new(entry, knowledge, today))?,
    ))
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| {
        tracing::error!(%error, "http: serialization failed, responding with 500");
        Error::Status(StatusCode::INTERNAL_SERVER_ERROR)
    })
}
