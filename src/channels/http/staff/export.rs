//! `/staff/export`: the entries as files for other programs.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use maud::html;

use super::blocking::blocking;
use super::download::download;
use super::failure::{Failure, Kind};
use super::layout::{go_to, page};
use super::member::Member;
use crate::exchange::{ExportError, Format, export};

/// Shows the formats.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let title = member.say("書き出す", "Export");
    let is_too_long = member.parameter("refused").is_some();
    let main = html! {
        h1 { (title) }
        p { (member.say(
            "公開した項目をすべて、一つのファイルに書き出します。期限の切れた項目や、まだ始まっていない項目も入ります。下書きは入りません。",
            "Writes all published entries into one file, also those that have expired or are not valid yet. Drafts are not part of it.",
        )) }
        @if is_too_long {
            p.error role="alert" { (member.say(
                "Excel の一つのセルに入りきらない長さの答えがあります。CSV か JSON を使ってください。",
                "An answer is longer than a cell of Excel can hold. Use CSV or JSON.",
            )) }
        }
        ul.formats {
            @for (format, name, _) in Format::ALL {
                @let (label, note) = texts(&member, format);
                li {
                    a href=(member.path(&format!("/staff/export/{name}"))) download { (label) }
                    br;
                    span.note { (note) }
                }
            }
        }
        p { a href=(member.path("/staff/import")) { (member.say("ファイルを取り込む", "Import a file")) } }
    };
    Ok(page(&member, title, main))
}

/// Returns the entries in a format.
pub(super) async fn save(member: Member, Path(name): Path<String>) -> Result<Response, Failure> {
    let format = Format::named(&name).ok_or_else(|| member.fail(Kind::NotFound))?;
    let (assistant, language) = (Arc::clone(&member.assistant), member.language);
    let today = assistant.today(member.now);
    let work = move || export(assistant.knowledge(), format, language, today);
    match blocking(work).await {
        Ok(bytes) => {
            let (ending, content_type) = kind(format);
            let name = format!("faq-{today}.{ending}");
            Ok(download(&name, content_type, bytes))
        }
        Err(ExportError::TooLong(_)) => Ok(go_to(
            &member.link("/staff/export", &[("refused", "too-long")]),
        )),
        Err(error) => {
            tracing::error!(%error, "staff: the entries cannot be exported");
            Err(member.fail(Kind::Fault))
        }
    }
}

/// Returns the ending and the content type of a format.
fn kind(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::Xlsx => (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        Format::Json => ("json", "application/json"),
        Format::JsonLd => ("jsonld", "application/ld+json"),
        Format::Markdown => ("md", "text/markdown; charset=utf-8"),
    }
}

/// Returns the name of a format and its use.
fn texts(member: &Member, format: Format) -> (&'static str, &'static str) {
    let texts = match format {
        Format::Xlsx => [
            "Excel（.xlsx）",
            "Excel で直して、また取り込めます。",
            "Excel (.xlsx)",
            "Can be edited in Excel and imported again.",
        ],
        Format::Csv => [
            "CSV",
            "Excel やほかの表計算ソフトで開けます。また取り込めます。",
            "CSV",
            "For Excel and other spreadsheets. Can be imported again.",
        ],
        Format::Json => [
            "JSON",
            "プログラムで使うときの形です。また取り込めます。",
            "JSON",
            "For programs. Can be imported again.",
        ],
        Format::JsonLd => [
            "FAQPage（JSON-LD）",
            "検索エンジンに伝える形です。今日会員に見える質問と答えだけが入ります。",
            "FAQPage (JSON-LD)",
            "For search engines: the questions and answers that members see today.",
        ],
        Format::Markdown => [
            "Markdown",
            "文書として読む形です。今日会員に見える質問と答えだけが入ります。",
            "Markdown",
            "A document to read: the questions and answers that members see today.",
        ],
    };
    (
        member.say(texts[0], texts[2]),
        member.say(texts[1], texts[3]),
    )
}
