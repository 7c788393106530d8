//! The history of published changes, and undo.

use std::sync::Arc;

use axum::response::Response;
use maud::{Markup, html};

use super::editing::refused;
use super::failure::{Failure, Kind};
use super::layout::{csrf_field, go_to, page};
use super::member::{Member, Posted};
use super::publish::{done, to_its_end};
use crate::knowledge::Snapshot;
use crate::staff::{Draft, Published, Refusal, TrialSettings, WriteError, run_trial};

/// Number of changes that are shown.
const MAX_CHANGES: u32 = 100;

/// Shows the changes, the newest first.
pub(super) async fn history(member: Member) -> Result<Response, Failure> {
    let changes = member.staff.desk.changes(MAX_CHANGES).await;
    let changes = changes.map_err(|error| member.database_failed(&error))?;
    let title = member.say("履歴", "History");
    let main = html! {
        h1 { (title) }
        (notice(&member, &changes))
        @if changes.is_empty() {
            p { (member.say("まだ何も公開していません。", "Nothing has been published yet.")) }
        }
        @for change in &changes { (change_of(&member, change, &changes)) }
    };
    Ok(page(&member, title, main))
}

/// Says what was done, or why not.
fn notice(member: &Member, changes: &[Published]) -> Markup {
    let done = member.parameter("done").map(|id| {
        let change = changes.iter().find(|change| change.id.to_string() == *id);
        change.is_some_and(|change| change.undoes.is_some())
    });
    let refused = member.parameter("refused").map(|reason| match reason {
        "outdated" => member.say(
            "取り消していません。そのあとに同じファイルが変わっています。先に、あとの変更を取り消してください。",
            "Not undone: the file has changed since. Undo the later change first.",
        ),
        "unfit" => member.say(
            "取り消していません。取り消すと、ほかの項目と合わなくなります（参照や、同じ言い換えなど）。",
            "Not undone: the other entries would no longer fit, such as references or the same wordings.",
        ),
        "changed" => member.say(
            "取り消していません。確かめている間に、ほかの人が内容を変えました。もう一度押してください。",
            "Not undone: someone changed the content during the check. Try again.",
        ),
        "own" => member.say(
            "取り消していません。承認が必要な設定なので、公開した人とは別の人が取り消してください。",
            "Not undone: changes need an approval here, so another member than the one who published it must undo it.",
        ),
        _ => member.say("取り消していません。理由を書いてください。", "Not undone: a reason is missing."),
    });
    html! {
        @if let Some(refused) = refused { p.error role="alert" { (refused) } }
        @if member.parameter("git").is_some() {
            p.advice { (member.say(
                "git には記録できませんでした。内容は反映され、この履歴にも残っています。担当の技術者に知らせてください。",
                "It could not be committed in git. It is published, and in this history. Tell the operator.",
            )) }
        }
        @if let Some(is_undone) = done {
            p.done role="status" { (match is_undone {
                true => member.say(
                    "取り消しました。数秒で、前の内容に戻ります。",
                    "Undone. The previous content will be served in a few seconds.",
                ),
                false => member.say(
                    "公開しました。数秒で、会員へのお答えに反映されます。",
                    "Published. Members will see it in a few seconds.",
                ),
            }) }
        }
    }
}

fn change_of(member: &Member, change: &Published, all: &[Published]) -> Markup {
    let undone = all.iter().find(|other| other.undoes == Some(change.id));
    let reason_id = format!("reason-{}", change.id);
    html! {
        section.card id={ "change-" (change.id) } {
            h2 { "#" (change.id) " " span lang="ja" { (change.reason) } }
            p.note {
                (member.time(change.at)) " " (change.member)
                @if let Some(by) = &change.approved_by { " " (member.say("承認: ", "approved by ")) (by) }
                @if let Some(other) = change.undoes { " " (member.say("取り消した変更: ", "undoes ")) "#" (other) }
                @if let Some(other) = undone { " " (member.say("取り消し済み: ", "undone by ")) "#" (other.id) }
            }
            p { a href=(member.link("/staff/change", &[("id", &change.id.to_string())])) {
                (member.say("変わったところを見る", "See what changed"))
                span.hidden { " #" (change.id) }
            } }
            @if undone.is_none() {
                details {
                    summary { (member.say("取り消す", "Undo")) }
                    form.fields method="post" action=(member.path("/staff/undo")) {
                        (csrf_field(member))
                        input type="hidden" name="id" value=(change.id);
                        label for=(reason_id) { (member.say("取り消す理由", "Reason")) }
                        input id=(reason_id) type="text" name="reason" required maxlength="200" autocomplete="off" lang="ja";
                        button.second type="submit" { (member.say("前の内容に戻す", "Restore the previous content")) }
                    }
                }
            }
        }
    }
}

/// Undoes a change.
pub(super) async fn undo(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let id = fields.text("id").parse();
    let id: i64 = id.map_err(|_| member.fail(Kind::NotFound))?;
    let reason = fields.text("reason");
    let settings = member.staff.trial_settings();
    let work = {
        let (staff, now) = (Arc::clone(&member.staff), member.now);
        let (name, reason) = (member.name.clone(), reason.to_owned());
        async move {
            let check = move |over: &Snapshot| is_fit(over, &settings);
            let turn = staff.desk.turn().await;
            let new = staff.desk.undo(id, &name, &reason, now, check).await?;
            let detail = format!("#{id} → #{new} {}", reason.trim());
            staff.log_published(&name, "undo", &detail, now).await;
            Ok((new, staff.commit_in_git(new, &turn).await))
        }
    };
    let undone = to_its_end(work).await;
    let refused_for = |reason| {
        Ok(go_to(
            &member.link("/staff/history", &[("refused", reason)]),
        ))
    };
    match undone {
        Ok((new, is_committed)) => Ok(go_to(&done(&member, new, is_committed))),
        Err(Refusal::Write(WriteError::Outdated(_))) => refused_for("outdated"),
        Err(Refusal::Unfit) => refused_for("unfit"),
        Err(Refusal::Unchecked) => refused_for("changed"),
        Err(Refusal::WithoutReason) => refused_for("reason"),
        Err(Refusal::OwnDraft) => refused_for("own"),
        Err(Refusal::Nothing) => Err(member.fail(Kind::NotFound)),
        Err(other) => Err(refused(&member, &other)),
    }
}

/// Returns whether a folder may be served.
fn is_fit(folder: &Snapshot, settings: &TrialSettings) -> bool {
    let trial = run_trial(&Draft::default(), folder, settings);
    trial.is_ok_and(|trial| trial.is_fit())
}
