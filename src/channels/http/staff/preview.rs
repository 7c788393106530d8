//! What members see of an answer in each channel, and what variants stand for; a script renews both while
//! staff write.

use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, PreEscaped, html};

use super::failure::Failure;
use super::form::Mistakes;
use super::member::{Member, Posted};
use crate::channels::{discord, telegram};
use crate::knowledge::{MAX_EXPANSIONS, Markdown, VariantError, expand};

/// Renders the preview with the answer at the beginning.
pub(super) fn preview(member: &Member, answer: &str) -> Markup {
    html! {
        section.preview data-url=(member.path("/staff/preview")) aria-labelledby="preview-title" {
            h2 #preview-title { (member.say("会員にはこう見えます", "What members see")) }
            div.preview-answer aria-live="polite" { (answer_of(member, answer)) }
        }
    }
}

/// Renders the buttons that write Markdown into the answer; a script shows them and moves them above it.
pub(super) fn toolbar(member: &Member) -> Markup {
    let text = member.say("文字", "text");
    let table = member.say(
        "| 種類 | 料金 |\n|---|---|\n| 小 | 100円 |",
        "| Kind | Fee |\n|---|---|\n| small | 100 yen |",
    );
    html! {
        div.toolbar role="toolbar" hidden aria-label=(member.say("答えの書式", "Format of the answer")) aria-controls="answer" {
            button.second type="button" data-before="**" data-after="**" data-text=(text) { (member.say("太字", "Bold")) }
            button.second type="button" data-line="- " data-text=(text) { (member.say("箇条書き", "List")) }
            button.second type="button" data-before="[" data-after="](https://)" data-text=(text) { (member.say("リンク", "Link")) }
            button.second type="button" data-block=(table) { (member.say("表", "Table")) }
        }
    }
}

/// Returns the preview of an answer and the expansion of variants as parts of a page.
pub(super) async fn show(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let answer = fields.text("answer").replace("\r\n", "\n");
    let variants = fields.text("variants").lines().map(str::trim);
    let variants = variants.filter(|line| !line.is_empty());
    let variants: Vec<String> = variants.map(str::to_owned).collect();
    let parts = html! {
        div data-part="answer" { (answer_of(&member, &answer)) }
        div data-part="variants" { (expansions(&member, &variants)) }
    };
    Ok(Html(parts.into_string()).into_response())
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
        h3 { (member.say("ウェブ", "Web")) }
        div.answer lang="ja" { (PreEscaped(&markdown.html)) }
        details {
            summary { "Telegram" }
            @for message in telegram::preview(&markdown) {
                // Escaped by the formatter of the bot, which knows a few tags only.
                div.message lang="ja" { (PreEscaped(message)) }
            }
        }
        details {
            summary { "Discord" }
            @for message in discord::preview(&markdown) {
                div.answer.message lang="ja" { (PreEscaped(Markdown::parse(&message).0.html)) }
            }
        }
    }
}

/// Renders the texts that variants in the notation of groups stand for.
pub(super) fn expansions(member: &Member, variants: &[String]) -> Markup {
    let groups = variants.iter().filter(|it| it.contains(['(', ')']));
    html! {
        @for pattern in groups {
            @match expand(pattern) {
                Ok(texts) => details {
                    summary lang="ja" {
                        (pattern) " → " (texts.len()) (member.say("通り", " texts"))
                    }
                    ul lang="ja" { @for text in &texts { li { (text) } } }
                },
                Err(error) => p.error { span lang="ja" { (pattern) } ": " (mistake(member, error)) },
            }
        }
    }
}

/// Notes variants that cannot be expanded at their field.
pub(super) fn check_variants(
    member: &Member,
    variants: &[String],
    label: &str,
    mistakes: &mut Mistakes,
) {
    for pattern in variants {
        if let Err(error) = expand(pattern) {
            let text = format!("{pattern} — {}", mistake(member, error));
            mistakes.add("variants", label, &text);
        }
    }
}

fn mistake(member: &Member, error: VariantError) -> String {
    let text = match error {
        VariantError::Empty => member.say("何もない文になります。", "It would be an empty text."),
        VariantError::Unbalanced => member.say(
            "かっこが閉じていないか、開いていません。",
            "A parenthesis is not closed, or not opened.",
        ),
        VariantError::Nested => member.say(
            "かっこの中に、かっこは書けません。",
            "A group cannot be within a group.",
        ),
        VariantError::TooMany(_) => member.say(
            "{most}通りを超えます。二行に分けてください。",
            "It stands for more than {most} texts. Write two lines instead.",
        ),
    };
    text.replace("{most}", &MAX_EXPANSIONS.to_string())
}
