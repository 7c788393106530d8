//! `GET /staff/entries`: finds entries to edit.

use axum::response::Response;
use maud::html;

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
        let hits = member.assistant.suggest_entries(&text, None, member.now);
        let hits = hits.iter().filter_map(|(index, _)| all.get(*index));
        hits.take(MAX_ENTRIES).collect()
    };
    let main = html! {
        h1 { (title) }
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
