//! `GET /staff/draft`: the difference, the check, the effect on recorded questions, and publishing.

use axum::response::Response;
use maud::{Markup, html};

use super::blocking::blocking;
use super::conflict::conflict;
use super::day::Day;
use super::draft_days::DAYS;
use super::failure::{Failure, Kind};
use super::layout::{csrf_field, page};
use super::lines::{Compared, compare, difference_of};
use super::member::Member;
use super::refusal::refusal;
use super::replay::replay_section;
use super::sandbox::sandbox;
use super::today::problem_list;
use super::trials::{Finished, Progress, Questions};
use crate::knowledge::{Severity, Snapshot};
use crate::records::Error;
use crate::staff::{Draft, FileChange};

/// Shows the draft of the member, or that of another one (`of`).
pub(super) async fn draft(member: Member) -> Result<Response, Failure> {
    let author = member.parameter("of").unwrap_or(&member.name).to_owned();
    let desk = &member.staff.desk;
    let draft = desk.draft(&author).await;
    let draft = draft.map_err(|error| match error {
        // Only one's own draft can be discarded.
        Error::Damaged(_) if author != member.name => member.fail(Kind::DamagedChange),
        error => member.database_failed(&error),
    })?;
    let title = match author == member.name {
        true => member.say("下書き", "Draft").to_owned(),
        false => format!("{author}{}", member.say("さんの下書き", "’s draft")),
    };
    if draft.is_empty() {
        let main = html! {
            h1 { (title) }
            (refusal(&member))
            (empty(&member))
        };
        return Ok(page(&member, &title, main));
    }
    let folder = blocking(desk.reader()).await;
    let outdated: Vec<&FileChange> = draft.outdated(&folder).collect();
    let main = if outdated.is_empty() {
        current(&member, &title, &draft, &folder).await
    } else {
        html! {
            h1 { (title) }
            (refusal(&member))
            (conflict(&member, &draft, &outdated, &folder).await)
            (discard(&member, &draft))
        }
    };
    Ok(page(&member, &title, main))
}

fn empty(member: &Member) -> Markup {
    html! {
        p { (member.say(
            "直したものはありません。「きょう」の質問や「項目」から直すと、ここに集まります。",
            "There are no changes. What you edit under “Today” or “Entries” is collected here.",
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
    let day = Day::read(member);
    let staff = &member.staff;
    let settings = staff.trial_settings();
    let questions = Questions {
        days,
        day: day.chosen,
    };
    let trial = staff
        .trials
        .progress(&staff.desk, settings, draft, folder, questions, day.at);
    let trial = trial.await;
    let compared = compare(draft.files().cloned().collect()).await;
    html! {
        h1 { (title) }
        (refusal(member))
        (differences(member, &compared))
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
                    (replay_section(member, &draft.member, replay, days, &day))
                }
                (sandbox(member, &draft.member, finished, days, &day).await)
                (finish(member, draft, finished))
            }
        }
        (discard(member, draft))
    }
}

fn differences(member: &Member, files: &[Compared]) -> Markup {
    html! {
        section {
            h2 { (member.say("変わるところ", "What changes")) }
            @for file in files { (difference_of(member, file)) }
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
                        input #reason type="text" name="reason" required maxlength="200" autocomplete="off" lang="ja"
                            value=[member.parameter("reason")];
                        button type="submit" { (member.say("公開する", "Publish")) }
                    }
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
