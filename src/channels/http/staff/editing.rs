//! Edits of a draft by a form, and what is said when one is refused.

use axum::response::Response;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::failure::{Failure, Kind};
use super::form::Mistakes;
use super::labels;
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
    match try_edit(member, detail, edit).await? {
        Ok(()) => Ok(go_to(&member.path("/staff/draft"))),
        // Such an edit is not checked here, but on the page of the draft.
        Err(_) => Err(member.fail(Kind::FileForm)),
    }
}

/// Edits the draft of a member and logs it; what a form has to show is in the inner error.
pub(super) async fn try_edit<T: Send + 'static>(
    member: &Member,
    detail: &str,
    edit: impl FnOnce(&mut Draft, &Snapshot, Date) -> Result<T, EditRefusal> + Send + 'static,
) -> Result<Result<T, EditRefusal>, Failure> {
    let today = member.assistant.today(member.now);
    let desk = &member.staff.desk;
    let edited = desk.edit(&member.name, member.now, move |draft, folder| {
        edit(draft, folder, today)
    });
    match edited.await.map_err(|refusal| refused(member, &refusal))? {
        Ok(done) => {
            member.log("edit", detail).await?;
            Ok(Ok(done))
        }
        Err(EditRefusal::Missing(_)) => Err(member.fail(Kind::NotFound)),
        Err(EditRefusal::ShippedSubjects) => Err(member.fail(Kind::NoOwnSubjects)),
        Err(EditRefusal::File(error)) => {
            tracing::warn!(%error, "staff: a file cannot be edited in place");
            Err(member.fail(Kind::FileForm))
        }
        Err(refusal @ (EditRefusal::Unfit(_) | EditRefusal::Day(_))) => Ok(Err(refusal)),
    }
}

/// Puts a form into the draft, and leads there; returns the mistakes in it.
pub(super) async fn save(
    member: &Member,
    detail: &str,
    edit: impl FnOnce(&mut Draft, &Snapshot, Date) -> Result<(), EditRefusal> + Send + 'static,
) -> Result<Result<Response, Mistakes>, Failure> {
    let mut mistakes = Mistakes::default();
    match try_edit(member, detail, edit).await? {
        Ok(()) => return Ok(Ok(go_to(&member.path("/staff/draft")))),
        Err(EditRefusal::Unfit(problems)) => {
            for problem in &problems {
                let text = labels::mistake(problem, member.language);
                let hint = labels::hint(problem, member.language);
                mistakes.add_general(&format!("{text} — {hint} ({})", problem.location));
            }
        }
        Err(other) => mistakes.add_general(&other.to_string()),
    }
    Ok(Err(mistakes))
}

/// A file as a form was opened with it: its name and its digest.
pub(super) fn state_of(files: &Snapshot, path: &str) -> String {
    hex::encode(Sha256::digest(files.text(path).unwrap_or_default()))
}

/// Returns the message for a form whose file has changed since it was opened: saving the form would undo that.
pub(super) fn outdated(member: &Member) -> Mistakes {
    let mut mistakes = Mistakes::default();
    mistakes.add_general(member.say(
        "開いたあとに、この内容がほかで変わりました。別のタブで開き直し、書いたところを写してください。",
        "It has changed since you opened the form. Open it again in another tab, and copy what you wrote.",
    ));
    mistakes
}

/// Returns the page of a refusal that only a fault causes.
pub(super) fn refused(member: &Member, refusal: &Refusal) -> Failure {
    match refusal {
        Refusal::Database(error) => member.database_failed(error),
        Refusal::Damaged => member.fail(Kind::DamagedChange),
        other => {
            tracing::error!(error = %other, "staff: refused");
            member.fail(Kind::Files)
        }
    }
}

/// Loads the knowledge with the draft of the member.
pub(super) async fn drafted(member: &Member) -> Result<KnowledgeBase, Failure> {
    Ok(opened(member).await?.0)
}

/// Loads the knowledge with the draft of the member; returns it with the files.
pub(super) async fn opened(member: &Member) -> Result<(KnowledgeBase, Snapshot), Failure> {
    let desk = &member.staff.desk;
    let draft = desk.draft(&member.name).await;
    let draft = draft.map_err(|error| member.database_failed(&error))?;
    let today = member.assistant.today(member.now);
    let read = desk.reader();
    let loaded = tokio::task::spawn_blocking(move || {
        let files = draft.over(&read());
        (files.load(today).knowledge, files)
    });
    loaded.await.map_err(|_| member.fail(Kind::Files))
}
