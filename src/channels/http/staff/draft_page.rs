//! `GET /staff/draft`: the difference, the check, the effect on recorded questions, and publishing.

use axum::response::Response;
use maud::{Markup, html};

use super::draft_days::DAYS;
use super::failure::{Failure, Kind};
use super::layout::{csrf_field, page};
use super::member::Member;
use super::replay::replay_section;
use super::today::problem_list;
use super::trials::{Finished, Progress};
use super::why::{ask, why};
use crate::answer::MAX_QUESTION_CHARS;
use crate::knowledge::{Severity, Snapshot};
use crate::staff::{Draft, FileChange, LineKind, difference};

/// Shows the draft of the member, or that of another one (`of`).
pub(super) async fn draft(member: Member) -> Result<Response, Failure> {
    let author = member.parameter("of").unwrap_or(&member.name).to_owned();
    let desk = &member.staff.desk;
    let draft = desk.draft(&author).await;
    let draft = draft.map_err(|error| member.database_failed(&error))?;
    let title = match author == member.name {
        true => member.say("下書き", "Draft").to_owned(),
        false => format!("{author}{}", member.say("さんの下書き", "’s draft")),
    };
    if draft.is_empty() {
        return Ok(page(&member, &title, empty(&member, &title)));
    }
    let read = desk.reader();
    let folder = tokio::task::spawn_blocking(read).await;
    let folder = folder.map_err(|_| member.fail(Kind::Files))?;
    let outdated: Vec<&FileChange> = draft.outdated(&folder).collect();
    let main = if outdated.is_empty() {
        current(&member, &title, &draft, &folder).await
    } else {
        html! {
            h1 { (title) }
            (conflict(&member, &draft, &outdated))
            (differences(&member, &draft))
            (discard(&member, &draft))
        }
    };
    Ok(page(&member, &title, main))
}

fn empty(member: &Member, title: &str) -> Markup {
    html! {
        h1 { (title) }
        p { (member.say(
            "直したものはありません。「きょう」の質問や「項目」から直すと、ここに集まります。",
            "Nothing is changed. What you edit under “Today” or “Entries” is collected here.",
        )) }
        ul {
            li { a href=(member.path("/staff")) { (member.say("きょう", "Today")) } }
            li { a href=(member.path("/staff/entries")) { (member.say("項目", "Entries")) } }
        }
    }
}

/// Renders a draft that the folder still allows.
async fn current(member: &Member, title: &str, draft: &Draft, folder: &Snapshot) -> Markup {
    let days = member.parameter("days").and_then(|days| days.parse().ok());
    let days = days.filter(|days| DAYS.contains(days)).unwrap_or(DAYS[0]);
    let staff = &member.staff;
    let settings = staff.trial_settings();
    let trial = staff
        .trials
        .progress(&staff.desk, settings, draft, folder, days);
    let trial = trial.await;
    html! {
        h1 { (title) }
        (differences(member, draft))
        @match &trial {
            Progress::Running => {
                // The script loads the page again.
                p.advice role="status" data-reload="2" { (member.say(
                    "確認しています。項目が多いと一分ほどかかります。少したってから、このページを開き直してください。",
                    "The draft is being checked; in a large folder this takes about a minute. Open the page again then.",
                )) }
            }
            Progress::Failed => {
                p.error role="alert" { (member.say(
                    "確認できませんでした。開き直しても同じなら、担当の技術者に知らせてください。",
                    "The check failed. If it fails again, tell the operator.",
                )) }
            }
            Progress::Done(finished) => {
                (check(member, finished))
                @if let Some(replay) = &finished.replay {
                    (replay_section(member, &draft.member, replay, days))
                }
                (sandbox(member, draft, finished, days).await)
                (finish(member, draft, finished))
            }
        }
        (discard(member, draft))
    }
}

fn differences(member: &Member, draft: &Draft) -> Markup {
    html! {
        section {
            h2 { (member.say("変わるところ", "What changes")) }
            @for file in draft.files() { (difference_of(member, file)) }
        }
    }
}

/// Renders the difference of a file.
pub(super) fn difference_of(member: &Member, file: &FileChange) -> Markup {
    let (before, after) = (file.before.as_deref(), file.after.as_deref());
    let lines = difference(before.unwrap_or_default(), after.unwrap_or_default());
    html! {
        h3 { (file.path)
            @if before.is_none() { " " (member.say("（新しいファイル）", "(new file)")) }
            @if after.is_none() { " " (member.say("（なくなります）", "(removed)")) }
        }
        div.difference lang="ja" role="region" tabindex="0" aria-label=(file.path) {
            @for line in &lines {
                @match line.kind {
                    LineKind::Added => ins { "+ " (line.text) }
                    LineKind::Removed => del { "− " (line.text) }
                    LineKind::Same => span { "  " (line.text) }
                    LineKind::Gap => span.gap { "⋯" }
                }
            }
        }
    }
}

fn check(member: &Member, finished: &Finished) -> Markup {
    let trial = &finished.trial;
    let is_error = |it: &&crate::knowledge::Problem| it.severity == Severity::Error;
    let errors = trial.problems.iter().filter(is_error).count();
    html! {
        section {
            h2 { (member.say("確認の結果", "Check")) }
            @if errors > 0 {
                p.error role="alert" { (member.say(
                    "このままでは公開できません。次のところを直してください。",
                    "This cannot be published. Correct the following.",
                )) }
            } @else if trial.problems.is_empty() {
                p.done { (member.say("問題はありません。", "No problems.")) }
            } @else {
                p.done { (member.say("公開できます。注意だけがあります。", "It can be published; there are only notes.")) }
            }
            @if !trial.problems.is_empty() { (problem_list(member, &trial.problems)) }
        }
    }
}

/// Renders the form to ask the draft, and the answer.
async fn sandbox(member: &Member, draft: &Draft, finished: &Finished, days: i64) -> Markup {
    let Some(assistant) = &finished.trial.assistant else {
        return html! {};
    };
    let asked = member.parameter("ask").unwrap_or_default().trim();
    let asked: String = asked.chars().take(MAX_QUESTION_CHARS).collect();
    let reasons = match asked.is_empty() {
        true => None,
        false => {
            let answer = ask(assistant, &asked, member).await;
            Some((answer.message.clone(), why(member, assistant, answer)))
        }
    };
    html! {
        section {
            h2 #ask-title { (member.say("下書きに聞いてみる", "Ask the draft")) }
            form.search method="get" action=(member.path("/staff/draft#ask-title")) {
                input type="hidden" name="of" value=(draft.member);
                input type="hidden" name="days" value=(days);
                label.hidden for="ask" { (member.say("質問", "Question")) }
                input #ask type="search" name="ask" value=(asked) maxlength=(MAX_QUESTION_CHARS) autocomplete="off";
                button.second type="submit" { (member.say("聞く", "Ask")) }
            }
            @if let Some((message, reasons)) = reasons {
                div.card {
                    p lang="ja" { (message) }
                    (reasons)
                }
            }
        }
    }
}

/// Renders the forms to approve and to publish.
fn finish(member: &Member, draft: &Draft, finished: &Finished) -> Markup {
    let trial = &finished.trial;
    let is_own = draft.member == member.name;
    let needs_review = member.staff.desk.is_reviewed();
    html! {
        @if trial.is_fit() {
            section {
                h2 { (member.say("公開", "Publish")) }
                @match &draft.approved_by {
                    Some(by) => p.done { (by) (member.say("さんが承認しました。", " approved it.")) },
                    None if needs_review && is_own => p.advice { (member.say(
                        "公開の前に、ほかの人の承認が必要です。「きょう」のページから、この下書きを見てもらってください。",
                        "Someone else must approve it first: ask a colleague to open this draft under “Today”.",
                    )) },
                    None => {}
                }
                @if !is_own && draft.approved_by.is_none() {
                    form method="post" action=(member.path("/staff/approve")) {
                        (csrf_field(member))
                        input type="hidden" name="of" value=(draft.member);
                        input type="hidden" name="version" value=(trial.version);
                        button type="submit" { (member.say("承認する", "Approve")) }
                    }
                }
                @if is_own && (!needs_review || draft.approved_by.is_some()) {
                    form.fields method="post" action=(member.path("/staff/publish")) {
                        (csrf_field(member))
                        input type="hidden" name="version" value=(trial.version);
                        label for="reason" { (member.say("理由（あとから見てわかるように）", "Reason, for those who read the history")) }
                        input #reason type="text" name="reason" required maxlength="200" autocomplete="off" lang="ja";
                        button type="submit" { (member.say("公開する", "Publish")) }
                    }
                }
            }
        }
    }
}

/// Renders the choice after someone else changed the same file.
fn conflict(member: &Member, draft: &Draft, outdated: &[&FileChange]) -> Markup {
    let is_own = draft.member == member.name;
    html! {
        section {
            p.error role="alert" { (member.say(
                "下書きを始めたあとに、同じファイルがほかで変わりました。そのままでは公開できません。",
                "The same file has changed since the draft was begun. It cannot be published as it is.",
            )) }
            ul { @for file in outdated { li { (file.path) } } }
            @if is_own {
                form method="post" action=(member.path("/staff/merge")) {
                    (csrf_field(member))
                    button type="submit" { (member.say("新しい内容に、自分の変更を重ねる", "Put my changes on top of the new content")) }
                }
                p.note { (member.say(
                    "別の行なら両方が残ります。同じ行を変えていたときは、何も変えずにお知らせします。",
                    "Changes of other lines are all kept. If both changed the same line, nothing is done and you are told.",
                )) }
                @if member.parameter("conflict").is_some() {
                    p.error role="alert" { (member.say(
                        "同じ行が変わっているため、重ねられませんでした。下の違いを控えてから下書きを捨て、新しい内容で書き直してください。",
                        "The same lines were changed, so the changes cannot be combined. Note the difference below, discard the draft and make the edit again.",
                    )) }
                }
            }
        }
    }
}

fn discard(member: &Member, draft: &Draft) -> Markup {
    html! {
        @if draft.member == member.name {
            details {
                summary { (member.say("下書きを捨てる", "Discard the draft")) }
                form method="post" action=(member.path("/staff/discard")) {
                    (csrf_field(member))
                    p { (member.say("元に戻せません。", "This cannot be undone.")) }
                    button.second type="submit" { (member.say("捨てる", "Discard")) }
                }
            }
        }
    }
}
