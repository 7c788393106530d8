//! Questions without an answer: the first of them under "Today", and all of them on a page (`/staff/unanswered`).

use std::collections::HashSet;

use axum::response::Response;
use maud::{Markup, html};

use super::blocking::blocking;
use super::failure::Failure;
use super::layout::page;
use super::member::Member;
use super::overview::{MAX_GROUPS, Overview};
use crate::insights::{Group, number};
use crate::staff::{Draft, is_added};

/// Number of groups under "Today".
const MAX_FIRST: usize = 12;

/// Shows all groups.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let failed = |error| member.database_failed(&error);
    let staff = &member.staff;
    let overview = member.overview().await?;
    let drafts = staff.desk.drafts().await.map_err(failed)?;
    let drafted = drafted(drafts).await;
    let title = title(&member);
    let main = html! {
        h1 { (title) }
        (note(&member))
        (not_counted(&member, overview.as_deref()))
        @if let Some(overview) = &overview {
            (table(&member, title, &overview.unanswered, &drafted))
            @if overview.has_more {
                p.note { (member.say(
                    "多い順に {} 件までを出しています。答えられるようにすると、続きが出ます。",
                    "These are the {} most frequent ones. The next follow as soon as some of them are answered.",
                ).replace("{}", &number(MAX_GROUPS))) }
            }
        }
    };
    Ok(page(&member, title, main))
}

/// Renders the first groups, and the way to all of them.
pub(super) fn unanswered_section(
    member: &Member,
    overview: &Overview,
    drafted: &HashSet<String>,
) -> Markup {
    let (title, groups) = (title(member), &overview.unanswered);
    let first = &groups[..groups.len().min(MAX_FIRST)];
    html! {
        section {
            h2 #unanswered { (title) }
            (note(member))
            (table(member, title, first, drafted))
            @if groups.len() > first.len() {
                p { a href=(member.path("/staff/unanswered")) {
                    (member.say("すべて見る：", "See all: ")) (number(groups.len()))
                    @if overview.has_more { (member.say("以上", " or more")) }
                } }
            }
        }
    }
}

/// Returns the texts that drafts add.
pub(super) async fn drafted(drafts: Vec<Draft>) -> HashSet<String> {
    blocking(move || drafts.iter().flat_map(Draft::added_texts).collect()).await
}

/// Says that the questions are not counted yet, or not since what was published; the script loads the page again.
pub(super) fn not_counted(member: &Member, overview: Option<&Overview>) -> Markup {
    let is_current = overview.is_some_and(|overview| overview.is_of(member.knowledge()));
    html! {
        @if !is_current {
            p.advice role="status" data-reload="5" { (member.say(
                "質問を数えています。記録が多いと時間がかかります。少したってから、このページを開き直してください。",
                "The questions are being counted, which takes a while if there are many. Open the page again then.",
            )) }
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
            "Similar questions are grouped, the most frequent first (last 30 days). Open one to link it to an entry. Questions that have an answer by now are not shown.",
        )) }
    }
}

fn table(member: &Member, title: &str, groups: &[Group], drafted: &HashSet<String>) -> Markup {
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
                    tbody { @for group in groups { (row(member, group, drafted)) } }
                }
            }
        }
    }
}

fn row(member: &Member, group: &Group, drafted: &HashSet<String>) -> Markup {
    let text = group.examples.first().map_or("", |example| &example.text);
    let mut examples = group.examples.iter();
    let is_drafted = examples.any(|example| is_added(drafted, &example.text));
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
