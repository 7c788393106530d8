//! Edits of a draft by a form, and what is said when one is refused.

use axum::response::Response;
use jiff::civil::Date;

use super::failure::{Failure, Kind};
use super::layout::go_to;
use super::member::Member;
use crate::knowledge::{KnowledgeBase, Snapshot};
use crate::staff::{Draft, EditRefusal, Refusal};

/// Edits the draft of a member, logs it, and leads to the draft.
pub(super) async fn edit(
    member: &Member,
    detail: &str,
    edit: impl FnOnce(&mut Draft, &Snapshot, Date) -> Result<(), EditRefusal> + Send + 'static,
) -> Result<Response, Failure> {
    let today = member.assistant.today(member.now);
    let desk = &member.staff.desk;
    let edited = desk.edit(&member.name, member.now, move |draft, folder| {
        edit(draft, folder, today)
    });
    match edited.await.map_err(|refusal| refused(member, &refusal))? {
        Ok(()) => {
            member.log("edit", detail).await?;
            Ok(go_to(&member.path("/staff/draft")))
        }
        Err(EditRefusal::Missing(_)) => Err(member.fail(Kind::NotFound)),
        Err(EditRefusal::ShippedSubjects) => Err(member.fail(Kind::NoOwnSubjects)),
        Err(EditRefusal::File(error)) => {
            tracing::warn!(%error, "staff: a file cannot be edited in place");
            Err(member.fail(Kind::FileForm))
        }
    }
}

/// Returns the page of a refusal that only a fault causes.
pub(super) fn refused(member: &Member, refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::Database(error) => member.database_failed(error),
        other => {
            tracing::error!(error = %other, "staff: refused");
            member.fail(Kind::Files)
        }
    }
}

/// Loads the knowledge with the draft of the member.
pub(super) async fn drafted(member: &Member) -> Result<KnowledgeBase, Failure> {
    let desk = &member.staff.desk;
    let draft = desk.draft(&member.name).await;
    let draft = draft.map_err(|error| member.database_failed(&error))?;
    let today = member.assistant.today(member.now);
    let read = desk.reader();
    let loaded = tokio::task::spawn_blocking(move || draft.over(&read()).load(today).knowledge);
    loaded.await.map_err(|_| member.fail(Kind::Files))
}
