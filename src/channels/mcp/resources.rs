//! The entries as resources: `madoguchi://entries/{id}` -> the entry as Markdown.

use rmcp::ErrorData;
use rmcp::model::{
    ListResourcesResult, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
};

use super::{Desk, markdown};
use crate::knowledge::Language;

/// The beginning of the address of an entry.
const PREFIX: &str = "madoguchi://entries/";

const MARKDOWN: &str = "text/markdown";

/// Number of entries on a page of the list.
const ENTRIES_PER_PAGE: usize = 500;

/// Lists one page of the entries that are valid today; `cursor` is that of the page before.
pub(super) fn list(desk: &Desk, cursor: Option<&str>) -> Result<ListResourcesResult, ErrorData> {
    let from = match cursor {
        None => 0,
        Some(cursor) => cursor.parse::<usize>().map_err(|_| {
            ErrorData::invalid_params("unknown cursor, expected `nextCursor` of a page", None)
        })?,
    };
    let assistant = desk.assistant.load();
    let today = assistant.today((desk.clock)());
    let knowledge = assistant.knowledge();
    let valid = knowledge.entries.iter();
    let mut valid = valid.filter(|entry| entry.is_valid_on(today)).skip(from);
    let page = valid.by_ref().take(ENTRIES_PER_PAGE).map(|entry| {
        let programme = knowledge.desk(entry.desk.as_str());
        let programme = programme.map_or("", |desk| desk.programme.get(Language::Japanese));
        Resource::new(format!("{PREFIX}{}", entry.id), entry.id.to_string())
            .with_title(&entry.question)
            .with_description(format!("{programme} / {}", entry.category))
            .with_mime_type(MARKDOWN)
    });
    let mut result = ListResourcesResult::with_all_items(page.collect());
    result.next_cursor = valid
        .next()
        .map(|_| (from.saturating_add(ENTRIES_PER_PAGE)).to_string());
    Ok(result)
}

/// Describes the addresses.
pub(super) fn template() -> ResourceTemplate {
    ResourceTemplate::new(format!("{PREFIX}{{id}}"), "entry")
        .with_title("An entry of the FAQ by its id")
        .with_mime_type(MARKDOWN)
}

/// Reads an entry.
pub(super) async fn read(desk: &Desk, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let unknown = || {
        let message = format!("there is no entry `{uri}`, `resources/list` lists them");
        ErrorData::resource_not_found(message, None)
    };
    let id = uri.strip_prefix(PREFIX).filter(|id| !id.is_empty());
    let id = id.ok_or_else(unknown)?;
    let entry = desk.entry(id).await.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "mcp: the API did not answer");
        ErrorData::internal_error("the FAQ desk could not answer, try again", None)
    })?;
    if !entry.is_success {
        return Err(unknown());
    }
    let text = markdown::document(desk, &entry.json);
    let contents = ResourceContents::text(text, uri).with_mime_type(MARKDOWN);
    Ok(ReadResourceResult::new(vec![contents]))
}
