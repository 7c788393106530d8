//! Edits of a draft by a form, and the messages for a refused edit.

use axum::response::Response;
use sha2::{Digest, Sha256};

use super::failure::{Failure, Kind};
use super::form::Mistakes;
use super::labels;
use super::layout::go_to;
use super::member::Member;
use crate::exchange::WrittenEntry;
use crate::knowledge::{KnowledgeBase, Problem, Snapshot};
use crate::staff::{EditRefusal, Refusal, Workbench};

/// The file or entry that a form edits, with its digest when the form was opened. A form has all its fields as
/// they were then: saving it later would undo other edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opened {
    subject: Subject,
    state: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    /// Nothing that other edits change.
    Nothing,
    /// A file.
    File(String),
    /// The entry with an id.
    Entry(String),
}

impl Opened {
    /// For a new item, or for an edit that keeps the edits of others.
    pub(super) fn nothing() -> Self {
        Self {
            subject: Subject::Nothing,
            state: String::new(),
        }
    }

    /// For a file.
    pub(super) fn file(files: &Snapshot, path: &str) -> Self {
        Self {
            state: digest(files.text(path).unwrap_or_default()),
            subject: Subject::File(path.to_owned()),
        }
    }

    /// For an entry.
    pub(super) fn entry(entry: &WrittenEntry) -> Self {
        Self {
            state: digest(&format!("{entry:?}")),
            subject: Subject::Entry(entry.id.clone()),
        }
    }

    /// Returns the digest, for the hidden field of the form; empty for a new item.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    fn is_current(&self, bench: &Workbench<'_>) -> bool {
        match &self.subject {
            Subject::Nothing => true,
            Subject::File(path) => digest(bench.text(path)) == self.state,
            Subject::Entry(id) => bench
                .entry(id)
                .is_some_and(|entry| Self::entry(&entry) == *self),
        }
    }
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// Edits the draft of a member, logs a change, and leads to the draft.
pub(super) async fn edit(
    member: &Member,
    detail: &str,
    edit: impl FnOnce(Workbench<'_>) -> Result<(), EditRefusal> + Send + 'static,
) -> Result<Response, Failure> {
    match try_edit(member, detail, Opened::nothing(), edit).await? {
        Ok(()) => Ok(go_to(&member.path("/staff/draft"))),
        // Such an edit is not checked here, but on the page of the draft.
        Err(_) => Err(member.fail(Kind::FileForm)),
    }
}

/// Edits the draft of a member and logs a change; what a form has to show is in the inner error.
pub(super) async fn try_edit<T: Send + 'static>(
    member: &Member,
    detail: &str,
    opened: Opened,
    edit: impl FnOnce(Workbench<'_>) -> Result<T, EditRefusal> + Send + 'static,
) -> Result<Result<T, EditRefusal>, Failure> {
    match attempt(member, detail, opened, edit).await? {
        Err(EditRefusal::File(error)) => {
            tracing::warn!(%error, "staff: a file cannot be edited in place");
            Err(member.fail(Kind::FileForm))
        }
        done => Ok(done),
    }
}

async fn attempt<T: Send + 'static>(
    member: &Member,
    detail: &str,
    opened: Opened,
    edit: impl FnOnce(Workbench<'_>) -> Result<T, EditRefusal> + Send + 'static,
) -> Result<Result<T, EditRefusal>, Failure> {
    let today = member.assistant.today(member.now);
    let desk = &member.staff.desk;
    let edited = desk.edit(&member.name, member.now, move |draft, folder| {
        let before = draft.clone();
        let bench = Workbench::open(draft, folder, today);
        // Compared under the lock of the draft, so no other edit comes between.
        if !opened.is_current(&bench) {
            return Err(EditRefusal::Outdated);
        }
        let done = edit(bench)?;
        Ok((done, *draft != before))
    });
    match edited.await.map_err(|refusal| refused(member, &refusal))? {
        Ok((done, is_changed)) => {
            if is_changed {
                member.log("edit", detail).await?;
            }
            Ok(Ok(done))
        }
        Err(EditRefusal::Missing(_)) => Err(member.fail(Kind::NotFound)),
        Err(EditRefusal::ShippedSubjects) => Err(member.fail(Kind::NoOwnSubjects)),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Puts a form into the draft, and leads there; returns the mistakes in it.
pub(super) async fn save(
    member: &Member,
    detail: &str,
    opened: Opened,
    edit: impl FnOnce(Workbench<'_>) -> Result<(), EditRefusal> + Send + 'static,
) -> Result<Result<Response, Mistakes>, Failure> {
    let mut mistakes = Mistakes::default();
    match try_edit(member, detail, opened, edit).await? {
        Ok(()) => return Ok(Ok(go_to(&member.path("/staff/draft")))),
        Err(EditRefusal::Outdated) => return Ok(Err(outdated(member))),
        Err(EditRefusal::Unfit(problems)) => {
            for problem in &problems {
                mistakes.add_general(&said(member, problem));
            }
        }
        Err(other) => mistakes.add_general(&other.to_string()),
    }
    Ok(Err(mistakes))
}

/// Puts a removal into the draft, and leads there.
pub(super) async fn remove(
    member: &Member,
    detail: &str,
    opened: Opened,
    edit: impl FnOnce(Workbench<'_>) -> Result<(), EditRefusal> + Send + 'static,
) -> Result<Response, Failure> {
    let kind = match attempt(member, detail, opened, edit).await? {
        Ok(()) => return Ok(go_to(&member.path("/staff/draft"))),
        Err(EditRefusal::Outdated) => Kind::Outdated,
        Err(EditRefusal::Unfit(problems)) => {
            let problems = problems.iter().map(|problem| said(member, problem));
            Kind::NotRemoved(problems.collect())
        }
        Err(error) => {
            tracing::warn!(%error, "staff: removal refused: file cannot be edited in place");
            Kind::NotRemoved(Vec::new())
        }
    };
    Err(member.fail(kind))
}

/// Writes a problem with the labels of the form.
fn said(member: &Member, problem: &Problem) -> String {
    let text = labels::mistake(problem, member.language);
    let hint = labels::hint(problem, member.language);
    format!("{text} — {hint} ({})", problem.location)
}

/// Returns the message for a form whose file has changed since it was opened: saving the form would undo that.
pub(super) fn outdated(member: &Member) -> Mistakes {
    let mut mistakes = Mistakes::default();
    mistakes.add_general(member.say(
        "開いたあとに、この内容がほかで変わりました。別のタブで開き直し、書いたところを写してください。",
        "This content has changed since you opened the form. Open it again in another tab, and copy what you wrote.",
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
