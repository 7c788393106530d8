//! `GET /staff`: what needs attention today.

use axum::response::{Html, IntoResponse, Response};
use jiff::Span;
use maud::{Markup, html};

use super::failure::Failure;
use super::labels;
use super::layout::page;
use super::member::Member;
use super::overview::{DAYS, Overview};
use super::unanswered::{drafted, not_counted, unanswered_section};
use crate::insights::{Use, columns, name, number};
use crate::knowledge::{Entry, Problem, Severity};
use crate::staff::Draft;

/// Number of rows of each list.
const MAX_ROWS: usize = 12;

/// Days before the end of a review date from which on an entry is listed.
const REVIEW_DAYS: i64 = 14;

/// Shows the page.
pub(super) async fn today(member: Member) -> Result<Response, Failure> {
    let failed = |error| member.database_failed(&error);
    let staff = &member.staff;
    let overview = member.overview().await?;
    let drafts = staff.desk.drafts().await.map_err(failed)?;
    let drafted = drafted(drafts.clone()).await;
    let title = member.say("きょう", "Today");
    let live = html! {
        (state(&member, overview.as_deref()))
        (not_counted(&member, overview.as_deref()))
        (open_drafts(&member, &drafts))
        @if let Some(overview) = &overview {
            (unanswered_section(&member, overview, &drafted))
            (low_rated(&member, &overview.report.least_helpful))
        }
        (overdue(&member))
        @if let Some(overview) = &overview {
            (problems(&member, &overview.problems))
            (volume(&member, overview))
        }
    };
    if member.is_live() {
        return Ok(Html(live.into_string()).into_response());
    }
    let main = html! {
        h1 { (title) }
        div data-live=(member.link("/staff", &[("live", "1")])) { (live) }
    };
    Ok(page(&member, title, main))
}

/// Says whether members see what is in the folder.
fn state(member: &Member, overview: Option<&Overview>) -> Markup {
    let version = &member.knowledge().version;
    let is_loading = overview.is_some_and(|overview| overview.folder != *version);
    let is_stale = member.staff.app.service.stale.load().is_some();
    html! {
        @if is_stale {
            p.error role="status" { (member.say(
                "フォルダーの内容に問題があるため、会員には前の内容でお答えしています。下の「内容の注意」をご覧ください。",
                "The folder has problems, so members still get the previous answers. See “Notes on the content” below.",
            )) }
        } @else if is_loading {
            p.advice role="status" { (member.say(
                "公開した内容を反映しています（数秒かかります）。",
                "The published changes are being loaded; this takes a few seconds.",
            )) }
        }
    }
}

fn open_drafts(member: &Member, drafts: &[Draft]) -> Markup {
    html! {
        @if !drafts.is_empty() {
            section {
                h2 { (member.say("公開していない下書き", "Drafts that are not published")) }
                ul {
                    @for draft in drafts {
                        li {
                            a href=(member.link("/staff/draft", &[("of", &draft.member)])) {
                                (draft.member) (member.say("さんの下書き", "’s draft"))
                            }
                            " " (member.time(draft.changed))
                            @if draft.approved_by.is_some() { " " (member.say("（承認済み）", "(approved)")) }
                        }
                    }
                }
            }
        }
    }
}

fn low_rated(member: &Member, entries: &[Use]) -> Markup {
    html! {
        section {
            h2 { (member.say("役に立たなかった答え", "Answers that did not help")) }
            @if entries.is_empty() {
                p { (member.say("ありません。", "None.")) }
            } @else {
                ul {
                    @for entry in entries.iter().take(MAX_ROWS) {
                        li {
                            a href=(member.link("/staff/entry", &[("id", &entry.id)])) lang="ja" {
                                @if entry.question.is_empty() { (entry.id) } @else { (entry.question) }
                            }
                            " " (ratings(member, entry))
                            @if !entry.examples.is_empty() {
                                ul { @for example in &entry.examples { li.note lang="ja" { (example) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn ratings(member: &Member, entry: &Use) -> String {
    let text = member.say(
        "役に立たなかった {no} 件、役に立った {yes} 件",
        "did not help {no}, helped {yes}",
    );
    text.replace("{no}", &number(entry.not_helpful))
        .replace("{yes}", &number(entry.helpful))
}

/// Lists the entries whose review date is over or near.
fn overdue(member: &Member) -> Markup {
    let today = member.assistant.today(member.now);
    let soon = today.saturating_add(Span::new().days(REVIEW_DAYS));
    let entries = member.knowledge().entries.iter();
    let dated = entries.filter_map(|entry| Some((entry.review_by?, entry)));
    let mut due: Vec<(jiff::civil::Date, &Entry)> = dated.filter(|(day, _)| *day <= soon).collect();
    due.sort_by_key(|(day, _)| *day);
    html! {
        section {
            h2 { (member.say("確認の期限が来た項目", "Entries to review")) }
            @if due.is_empty() {
                p { (member.say("ありません。", "None.")) }
            } @else {
                ul {
                    @for (day, entry) in due.iter().take(MAX_ROWS) {
                        li {
                            a href=(member.link("/staff/entry", &[("id", entry.id.as_str())])) lang="ja" { (entry.question) }
                            " " (day)
                            @if *day < today { " " (member.say("（過ぎています）", "(overdue)")) }
                        }
                    }
                }
            }
        }
    }
}

fn problems(member: &Member, problems: &[Problem]) -> Markup {
    html! {
        section {
            h2 { (member.say("内容の注意", "Notes on the content")) }
            @if problems.is_empty() {
                p { (member.say("ありません。", "None.")) }
            } @else {
                (problem_list(member, problems))
            }
        }
    }
}

/// Renders problems as staff read them; errors first.
pub(super) fn problem_list(member: &Member, problems: &[Problem]) -> Markup {
    /// Number of problems that are shown.
    const MAX_PROBLEMS: usize = 30;
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| problem.severity);
    let language = member.language;
    html! {
        ul.problems {
            @for problem in sorted.iter().take(MAX_PROBLEMS) {
                li {
                    @if problem.severity == Severity::Error {
                        strong { (member.say("直すところ: ", "To correct: ")) }
                    }
                    (labels::mistake(problem, language))
                    br;
                    span.note { (labels::hint(problem, language)) " (" (problem.location) ")" }
                }
            }
            @if sorted.len() > MAX_PROBLEMS { li { "… " (sorted.len()) } }
        }
    }
}

fn volume(member: &Member, overview: &Overview) -> Markup {
    let report = &overview.report;
    let language = member.language;
    let title = member.say("質問の数", "Volume");
    html! {
        section {
            h2 { (title) " (" (DAYS) (member.say("日間", " days")) ")" }
            @if report.turns == 0 {
                p { (member.say("まだ記録がありません。", "Nothing is recorded yet.")) }
            } @else {
                div.chart { (columns(&report.days, &report.channels, language)) }
                table {
                    thead { tr {
                        th scope="col" { (member.say("結果", "Outcome")) }
                        th.number scope="col" { (member.say("回数", "Times")) }
                    } }
                    tbody {
                        @for (outcome, count) in &report.outcomes {
                            tr { td { (name(outcome, language)) } td.number { (number(count)) } }
                        }
                    }
                }
            }
        }
    }
}
