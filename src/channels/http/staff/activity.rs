//! `GET /staff/activity`: the last actions at the staff desk.

use axum::response::Response;
use maud::{Markup, html};

use super::failure::Failure;
use super::layout::page;
use super::member::Member;
use crate::records::StaffAction;

/// Number of actions that are shown.
const MAX_ACTIONS: u32 = 200;

/// The names of actions: in the database, in Japanese and in English.
const NAMES: [(&str, &str, &str); 10] = [
    ("sign-in", "ログイン", "signed in"),
    ("sign-in-failed", "ログインの失敗", "failed to sign in"),
    ("sign-out", "ログアウト", "signed out"),
    ("edit", "下書きを直した", "edited the draft"),
    ("import", "ファイルを取り込んだ", "imported a file"),
    ("merge", "新しい内容に変更を重ねた", "merged the draft"),
    ("discard", "下書きを捨てた", "discarded the draft"),
    ("approve", "下書きを承認した", "approved a draft"),
    ("publish", "公開した", "published"),
    ("undo", "取り消した", "undid a change"),
];

/// Shows the log of actions.
pub(super) async fn activity(member: Member) -> Result<Response, Failure> {
    let failed = |error| member.database_failed(&error);
    let database = member.staff.desk.database().await.map_err(failed)?;
    let actions = database.staff_actions(MAX_ACTIONS).await.map_err(failed)?;
    let title = member.say("操作の記録", "Activity");
    Ok(page(&member, title, main(&member, title, &actions)))
}

fn main(member: &Member, title: &str, actions: &[StaffAction]) -> Markup {
    html! {
        h1 { (title) }
        p { (member.say(
            "だれが、いつ、何をしたかの記録です。新しい順に並んでいます。",
            "Who did what and when, the newest first.",
        )) }
        div.wide role="region" tabindex="0" aria-label=(title) {
            table {
                thead { tr {
                    th scope="col" { (member.say("日時", "Time")) }
                    th scope="col" { (member.say("人", "Who")) }
                    th scope="col" { (member.say("操作", "Action")) }
                    th scope="col" { (member.say("内容", "Detail")) }
                } }
                tbody {
                    @for action in actions {
                        tr {
                            td { (member.time(action.at)) }
                            td { @if action.member.is_empty() { "–" } @else { (action.member) } }
                            td { (name(member, &action.action)) }
                            td { (action.detail) }
                        }
                    }
                }
            }
        }
    }
}

fn name<'a>(member: &Member, action: &'a str) -> &'a str {
    let known = NAMES.iter().find(|(name, ..)| *name == action);
    known.map_or(action, |(_, ja, en)| member.say(ja, en))
}
