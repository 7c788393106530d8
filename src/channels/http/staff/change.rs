//! `GET /staff/change`: what a published change changed.

use axum::response::Response;
use maud::html;

use super::failure::{Failure, Kind};
use super::layout::page;
use super::lines::{compare, difference_of};
use super::member::Member;

/// Shows the differences of the change that `id` names.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let id = member.parameter("id").and_then(|id| id.parse().ok());
    let id: i64 = id.ok_or_else(|| member.fail(Kind::NotFound))?;
    let change = member.staff.desk.change(id).await;
    let change = change.map_err(|error| member.database_failed(&error))?;
    let change = change.ok_or_else(|| member.fail(Kind::NotFound))?;
    let compared = compare(change.files).await;
    let title = format!("{} #{id}", member.say("変わったところ", "What changed in"));
    let main = html! {
        h1 { (title) }
        p lang="ja" { (change.reason) }
        p.note { (member.time(change.at)) " " (change.member) }
        @if change.is_damaged {
            p.error role="alert" { (member.say(
                "この変更の記録が壊れているため、出せません。担当の技術者に知らせてください。",
                "The record of this change is damaged and cannot be shown. Tell the operator.",
            )) }
        }
        h2 { (member.say("変わったところ", "What changed")) }
        @for file in &compared { (difference_of(&member, file)) }
        p { a href=(member.path(&format!("/staff/history#change-{id}"))) {
            (member.say("履歴に戻る", "Back to the history"))
        } }
    };
    Ok(page(&member, &title, main))
}
