//! Questions without an answer: the first of them under "Today", and all of them on a page (`/staff/unanswered`).

use axum::response::Response;
use maud::{Markup, html};

use super::failure::Failure;
use super::layout::page;
use super::member::Member;
use crate::insights::{Group, number};
use crate::staff::Draft;

/// Number of groups under "Today".
const MAX_FIRST: usize = 12;

/// Shows all groups.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let failed = |error| member.database_failed(&error);
    let staff = &member.staff;
    let facts = staff.facts.get(&staff.desk, &member.assistant, member.now);
    let fact = facts.await.map_err(failed)?;
    let drafts = staff.desk.drafts().await.map_err(failed)?;
    let title = title(&member);
    let main = html! {
        h1 { (title) }
        (note(&member))
        (table(&member, title, &fact.unanswered, &drafts))
    };
    Ok(page(&member, title, main))
}

/// Renders the first groups, and the way to all of them.
pub(super) fn unanswered_section(member: &Member, groups: &[Group], drafts: &[Draft]) -> Markup {
    let title = title(member);
    let first = &groups[..groups.len().min(MAX_FIRST)];
    html! {
        section {
            h2 #unanswered { (title) }
            (note(member))
            (table(member, title, first, drafts))
            @if groups.len() > first.len() {
                p { a href=(member.path("/staff/unanswered")) {
                    (member.say("すべて見る：", "See all: ")) (number(groups.len()))
                } }
            }
        }
    }
}

fn title(member: &Member) -> &'static str {
    member.say("答えのなかった質問", "Questions without an answer")
}

fn note(member: &Member) -> Markup {
    html! {
        p.note { (member.say(
            "似た質問を一つにまとめ、多い順に並べています（この30日）。開くと、項目に結びつけられます。答えられるようになったものは消えます。",
            "Alike questions are grouped, the most frequent first (last 30 days). Open one to tie it to an entry. Those that are answered since are gone.",
        )) }
    }
}

fn table(member: &Member, title: &str, groups: &[Group], drafts: &[Draft]) -> Markup {
    html! {
        @if groups.is_empty() {
            p { (member.say("ありません。", "None.")) }
        } @else {
            div.wide role="region" tabindex="0" aria-label=(title) {
                table {
                    thead { tr {
                        th scope="col" { (member.say("質問", "Question")) }
                        th.number scope="col" { (member.say("回数", "Times")) }
                    } }
                    tbody { @for group in groups { (row(member, group, drafts)) } }
                }
            }
        }
    }
}

fn row(member: &Member, group: &Group, drafts: &[Draft]) -> Markup {
    let text = group.examples.first().map_or("", |example| &example.text);
    let is_drafted = group.examples.iter().any(|example| {
        let mut drafts = drafts.iter();
        drafts.any(|draft| draft.adds_question(&example.text))
    });
    html! {
        tr {
            td {
                a href=(member.link("/staff/questions", &[("q", text)])) lang="ja" { (text) }
                @if group.texts > 1 {
                    " " span.note { (others(member, group.texts - 1)) }
                }
                @if is_drafted { " " span.badge { (member.say("下書きにあります", "in a draft")) } }
            }
            td.number { (number(group.count)) }
        }
    }
}

fn others(member: &Member, count: usize) -> String {
    member
        .say("ほかの書き方 {} 通り", "and {} other wordings")
        .replace("{}", &number(count))
}
