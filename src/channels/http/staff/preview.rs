//! The answer of a form as members see it; a script replaces it while staff write.

use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, PreEscaped, html};

use super::failure::Failure;
use super::member::{Member, Posted};
use crate::knowledge::Markdown;

/// Renders the preview with the answer at the beginning.
pub(super) fn preview(member: &Member, answer: &str) -> Markup {
    html! {
        section.preview data-url=(member.path("/staff/preview")) aria-labelledby="preview-title" {
            h2 #preview-title { (member.say("会員にはこう見えます", "What members see")) }
            div.preview-answer aria-live="polite" { (answer_of(member, answer)) }
        }
    }
}

/// Returns the preview of an answer as a part of a page.
pub(super) async fn show(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let answer = fields.text("answer").replace("\r\n", "\n");
    Ok(Html(answer_of(&member, &answer).into_string()).into_response())
}

fn answer_of(member: &Member, answer: &str) -> Markup {
    let (markdown, flaws) = Markdown::parse(answer.trim());
    html! {
        @if !flaws.is_empty() {
            p.error { (member.say(
                "使えない書き方があり、会員には見えません（HTML、画像、行き先の使えないリンク）。",
                "Some parts cannot be shown to members: HTML, images, or links that lead nowhere.",
            )) }
        }
        div.answer lang="ja" { (PreEscaped(&markdown.html)) }
    }
}
