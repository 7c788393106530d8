//! `/staff/import`: reads a file of another program into the draft, after a look at what would change.
//!
//! The server keeps no file between the look and the draft: the script of the page sends it again.

use std::sync::Arc;

use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};

use super::blocking::blocking;
use super::editing::refused;
use super::failure::{Failure, Kind};
use super::import_page::{form, preview};
use super::layout::{go_to, page};
use super::member::Member;
use super::upload::Uploaded;
use crate::exchange::ColumnMap;
use crate::staff::{ImportFile, ImportRefusal, Imported, import};

/// Shows the form.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let title = member.say("ファイルを取り込む", "Import a file");
    Ok(page(&member, title, form(&member, title)))
}

/// Shows what a file would change, or takes it into the draft (`then=take`).
pub(super) async fn receive(Uploaded { member, bytes }: Uploaded) -> Result<Response, Failure> {
    let Some(file) = file_of(&member, &bytes) else {
        return Ok(part(&html! {
            p.error role="alert" { (member.say(
                "列の書き方を読み取れません。A のような文字か、見出しを書いてください。",
                "The columns cannot be read. Write a letter such as A, or the heading.",
            )) }
        }));
    };
    match member.parameter("then") {
        Some("take") => take(&member, file).await,
        _ => look(&member, file).await,
    }
}

/// Reads the parameters of the address; `None` if a column is neither a letter nor a heading.
fn file_of(member: &Member, bytes: &[u8]) -> Option<ImportFile> {
    let text = |name: &str| {
        let text = member.parameter(name).map_or("", str::trim);
        (!text.is_empty()).then(|| text.to_owned())
    };
    let mut map = ColumnMap::default();
    for (field, parameter) in [("question", "question"), ("answer", "answer")] {
        if let Some(column) = text(parameter) {
            map.extend(ColumnMap::parse(&format!("{field}={column}")).ok()?);
        }
    }
    let name = text("name").unwrap_or_default();
    // Browsers send the name only; other programs could send a path.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let desk = text("desk").filter(|desk| member.knowledge().desk(desk).is_some());
    Some(ImportFile {
        name: name.into(),
        bytes: bytes.to_vec(),
        map,
        desk,
        category: text("category"),
        document: text("document"),
        prune: text("prune").is_some(),
    })
}

async fn look(member: &Member, file: ImportFile) -> Result<Response, Failure> {
    let desk = &member.staff.desk;
    let draft = desk.draft(&member.name).await;
    let draft = draft.map_err(|error| member.database_failed(&error))?;
    let today = member.assistant.today(member.now);
    let (read, prune) = (desk.reader(), file.prune);
    let alone = Arc::clone(&member.staff.importing).lock_owned().await;
    let work = move || {
        // Also if nobody waits for the request any more.
        let _alone = alone;
        import(&draft, &read(), today, file)
    };
    let imported = blocking(work).await;
    shown(member, imported, prune)
}

async fn take(member: &Member, file: ImportFile) -> Result<Response, Failure> {
    let today = member.assistant.today(member.now);
    let (name, prune) = (file.name.display().to_string(), file.prune);
    let desk = &member.staff.desk;
    let alone = Arc::clone(&member.staff.importing).lock_owned().await;
    let edited = desk.edit(&member.name, member.now, move |draft, folder| {
        let _alone = alone;
        let imported = import(draft, folder, today, file);
        match imported {
            Ok(imported) if imported.is_fit() => {
                draft.clone_from(&imported.draft);
                let (added, changed, gone) = imported.plan.counts();
                let removed = if prune && imported.plan.may_delete() {
                    gone
                } else {
                    0
                };
                Ok((added, changed, removed))
            }
            // Boxed: what was read is large.
            other => Err(Box::new(other)),
        }
    });
    let edited = edited.await;
    match edited.map_err(|refusal| refused(member, &refusal))? {
        Ok((added, changed, removed)) => {
            let detail = format!("{name} +{added} *{changed} -{removed}");
            member.log("import", &detail).await?;
            Ok(go_to(&member.path("/staff/draft")))
        }
        // What has changed since the look is shown.
        Err(imported) => shown(member, *imported, prune),
    }
}

fn shown(
    member: &Member,
    imported: Result<Imported, ImportRefusal>,
    prune: bool,
) -> Result<Response, Failure> {
    match imported {
        Ok(imported) => Ok(part(&preview(member, &imported, prune))),
        Err(ImportRefusal::DraftWithErrors) => Ok(part(&html! {
            p.error role="alert" { (member.say(
                "今の内容か下書きに直すところがあるため、比べられません。先に下書きのページで直してください。",
                "The content or your draft has errors, so nothing can be compared. Correct them on the page of the draft first.",
            )) }
        })),
        Err(ImportRefusal::File(error)) => {
            tracing::warn!(%error, "staff: a file cannot be edited in place");
            Err(member.fail(Kind::FileForm))
        }
    }
}

/// Responds with a part of the page, which the script inserts.
fn part(markup: &Markup) -> Response {
    Html(html! { main { (markup) } }.into_string()).into_response()
}
