//! What is done with a draft: approved, published, merged, discarded.

use std::sync::Arc;

use axum::response::Response;

use super::editing::refused;
use super::failure::Failure;
use super::layout::go_to;
use super::member::Posted;
use crate::staff::{Refusal, WriteError};

/// Approves the draft of another member.
pub(super) async fn approve(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (author, version) = (fields.text("of"), fields.text("version"));
    let here = member.link("/staff/draft", &[("of", author)]);
    if !is_fit(&member.staff.trials, version) {
        return Ok(go_to(&here));
    }
    match member
        .staff
        .desk
        .approve(author, &member.name, version)
        .await
    {
        Ok(()) => member.log("approve", author).await?,
        // The page shows the state.
        Err(Refusal::Unchecked | Refusal::Nothing | Refusal::OwnDraft) => {}
        Err(Refusal::Write(WriteError::Outdated(_))) => {}
        Err(other) => return Err(refused(&member, &other)),
    }
    Ok(go_to(&here))
}

/// Publishes the draft of the member.
pub(super) async fn publish(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (reason, version) = (fields.text("reason"), fields.text("version"));
    let here = member.path("/staff/draft");
    if !is_fit(&member.staff.trials, version) {
        return Ok(go_to(&here));
    }
    let work = {
        let (staff, now) = (Arc::clone(&member.staff), member.now);
        let (name, reason, version) = (member.name.clone(), reason.to_owned(), version.to_owned());
        async move {
            let id = staff.desk.publish(&name, &reason, &version, now).await?;
            let detail = format!("#{id} {}", reason.trim());
            staff.log(&name, "publish", &detail, now).await?;
            Ok(id)
        }
    };
    match to_its_end(work).await {
        Ok(id) => Ok(go_to(
            &member.link("/staff/history", &[("done", &id.to_string())]),
        )),
        // The page shows what has changed, and the choice.
        Err(
            Refusal::Unchecked | Refusal::Nothing | Refusal::Unapproved | Refusal::WithoutReason,
        )
        | Err(Refusal::Write(WriteError::Outdated(_))) => Ok(go_to(&here)),
        Err(other) => Err(refused(&member, &other)),
    }
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
pub(super) async fn to_its_end(
    work: impl Future<Output = Result<i64, Refusal>> + Send + 'static,
) -> Result<i64, Refusal> {
    tokio::spawn(work).await.unwrap_or(Err(Refusal::Nothing))
}

/// Returns whether the folder with the draft was checked and has no errors.
fn is_fit(trials: &super::trials::Trials, version: &str) -> bool {
    let finished = trials.finished(version);
    finished.is_some_and(|finished| finished.trial.is_fit())
}
