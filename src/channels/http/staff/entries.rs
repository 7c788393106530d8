//! `GET /staff/entries`: finds entries to edit.

use axum::response::Response;
use maud::html;

use super::editing::drafted;
use super::failure::Failure;
use super::layout::page;
use super::member::Member;
use crate::answer::MAX_QUESTION_CHARS;
use crate::knowledge::Entry;

/// Number of entries of a page.
const MAX_ENTRIES: usize = 200;

/// Shows the entries that a search finds, or all.
pub(super) async fn entries(member: Member) -> Result<Response, Failure> {
    let title = member.say("項目", "Entries");
    let text = member.parameter("q").unwrap_or_default().trim();
    let text: String = text.chars().take(MAX_QUESTION_CHARS).collect();
    let all = &member.knowledge().entries;
    let found: Vec<&Entry> = if text.is_empty() {
        all.iter().take(MAX_ENTRIES).collect()
    } else {
        let near = member.near(&text).await.into_iter();
        near.filter_map(|index| all.get(index))
            .take(MAX_ENTRIES)
            .collect()
    };
    let new = new_in_draft(&member).await?;
    let main = html! {
        h1 { (title) }
        @if !new.is_empty() {
            h2 { (member.say("下書きの新しい項目", "New entries of your draft")) }
            ul.entries {
                @for (id, question) in &new {
                    li { a href=(member.link("/staff/entry", &[("id", id)])) lang="ja" { (question) } }
                }
            }
        }
        form.search method="get" action=(member.path("/staff/entries")) role="search" {
            label.hidden for="q" { (member.say("項目をさがす", "Find an entry")) }
            input #q type="search" name="q" value=(text) maxlength=(MAX_QUESTION_CHARS) autocomplete="off";
            button type="submit" { (member.say("さがす", "Find")) }
        }
        p { a href=(member.path("/staff/new")) { (member.say("新しい項目を書く", "Write a new entry")) } }
        @if found.is_empty() { p { (member.say("見つかりません。", "None found.")) } }
        ul.entries {
            @for entry in &found {
                li { a href=(member.link("/staff/entry", &[("id", entry.id.as_str())])) lang="ja" { (entry.question) } }
            }
        }
    };
    Ok(page(&member, title, main))
}

/// Lists the entries of the member's draft that are not served yet: ids and questions.
async fn new_in_draft(member: &Member) -> Result<Vec<(String, String)>, Failure> {
    let draft = member.staff.desk.draft(&member.name).await;
    let draft = draft.map_err(|error| member.database_failed(&error))?;
    // Loading the knowledge takes long in a large folder.
    if draft.is_empty() {
        return Ok(Vec::new());
    }
    let served = member.knowledge();
    let drafted = drafted(member).await?;
    let entries = drafted.entries.iter();
    let new = entries.filter(|entry| served.entry(entry.id.as_str()).is_none());
    let new = new.map(|entry| (entry.id.to_string(), entry.question.clone()));
    Ok(new.collect())
}
