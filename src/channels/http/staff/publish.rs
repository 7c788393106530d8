//! What is done with a draft: approved, published, merged, discarded.

use std::sync::Arc;

use axum::response::Response;

use super::editing::refused;
use super::failure::Failure;
use super::layout::go_to;
use super::member::{Member, Posted};
use super::refusal;
use crate::staff::Refusal;

/// Longest reason that is kept in an address, in characters.
const MAX_REASON_CHARS: usize = 200;

/// Approves the draft of another member.
pub(super) async fn approve(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (author, version) = (fields.text("of"), fields.text("version"));
    let desk = &member.staff.desk;
    let approved = match is_fit(&member.staff.trials, version) {
        true => desk.approve(author, &member.name, version).await,
        false => Err(Refusal::Unchecked),
    };
    if let Err(refusal) = approved {
        let name = refusal::name(&refusal).ok_or_else(|| refused(&member, &refusal))?;
        let parameters = [("of", author), ("refused", name)];
        return Ok(go_to(&member.link("/staff/draft", &parameters)));
    }
    member.log("approve", author).await?;
    Ok(go_to(&member.link("/staff/draft", &[("of", author)])))
}

/// Publishes the draft of the member.
pub(super) async fn publish(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (reason, version) = (fields.text("reason"), fields.text("version"));
    let published = if is_fit(&member.staff.trials, version) {
        let (staff, now) = (Arc::clone(&member.staff), member.now);
        let (name, reason, version) = (member.name.clone(), reason.to_owned(), version.to_owned());
        to_its_end(async move {
            let turn = staff.desk.turn().await;
            let id = staff.desk.publish(&name, &reason, &version, now).await?;
            let detail = format!("#{id} {}", reason.trim());
            staff.log_published(&name, "publish", &detail, now).await;
            Ok((id, staff.commit_in_git(id, &turn).await))
        })
        .await
    } else {
        Err(Refusal::Unchecked)
    };
    match published {
        Ok((id, is_committed)) => Ok(go_to(&done(&member, id, is_committed))),
        Err(refusal) => {
            let name = refusal::name(&refusal).ok_or_else(|| refused(&member, &refusal))?;
            // The page puts the reason into its form again.
            let reason: String = reason.chars().take(MAX_REASON_CHARS).collect();
            let parameters = [("refused", name), ("reason", reason.as_str())];
            Ok(go_to(&member.link("/staff/draft", &parameters)))
        }
    }
}

/// Returns the address of the history after a change.
pub(super) fn done(member: &Member, id: i64, is_committed: bool) -> String {
    let id = id.to_string();
    let mut parameters = vec![("done", id.as_str())];
    if !is_committed {
        parameters.push(("git", "failed"));
    }
    member.link("/staff/history", &parameters)
}

/// Brings what has changed in the folder into the draft.
pub(super) async fn merge(Posted { member, .. }: Posted) -> Result<Response, Failure> {
    let desk = &member.staff.desk;
    let merged = desk.edit(&member.name, member.now, |draft, folder| {
        Ok::<_, std::convert::Infallible>(draft.merge(folder))
    });
    let Ok(conflicts) = merged.await.map_err(|refusal| refused(&member, &refusal))?;
    if conflicts.is_empty() {
        member.log("merge", "").await?;
        return Ok(go_to(&member.path("/staff/draft")));
    }
    Ok(go_to(&member.link("/staff/draft", &[("conflict", "1")])))
}

/// Deletes the draft of the member.
pub(super) async fn discard(Posted { member, .. }: Posted) -> Result<Response, Failure> {
    let dropped = member.staff.desk.drop_draft(&member.name).await;
    dropped.map_err(|error| member.database_failed(&error))?;
    member.log("discard", "").await?;
    Ok(go_to(&member.path("/staff/draft")))
}

/// Runs work to its end, also if the browser closes the connection or the request takes too long: files would
/// be written and the history not, or the other way round.
pub(super) async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::spawn(work).await.unwrap_or(Err(Refusal::Nothing))
}

/// Returns whether the folder with the draft was checked and has no errors.
fn is_fit(trials: &super::trials::Trials, version: &str) -> bool {
    let finished = trials.finished(version);
    finished.is_some_and(|finished| finished.trial.is_fit())
}
