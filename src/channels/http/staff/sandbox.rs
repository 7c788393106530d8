//! Asking a draft, as a part of its page: the answer as members would see it, and why.

use std::sync::Arc;

use maud::{Markup, PreEscaped, html};

use super::day::Day;
use super::member::Member;
use super::trials::Finished;
use super::why::{ask, why};
use crate::answer::MAX_QUESTION_CHARS;

/// Renders the form to ask the draft of a member as of a day, and the answer.
pub(super) async fn sandbox(
    member: &Member,
    author: &str,
    finished: &Finished,
    days: i64,
    day: &Day,
) -> Markup {
    let Some(assistant) = &finished.trial.assistant else {
        return html! {};
    };
    let asked = member.parameter("ask").unwrap_or_default().trim();
    let asked: String = asked.chars().take(MAX_QUESTION_CHARS).collect();
    let shown = match asked.is_empty() {
        true => None,
        false => {
            let answer = ask(assistant, &asked, day.at).await;
            let message = answer.message.clone();
            let entry = answer.entry.and_then(|index| {
                let knowledge = Arc::clone(assistant.knowledge());
                let entry = knowledge.entries.get(index)?;
                Some((entry.question.clone(), entry.answer.html.clone()))
            });
            Some((message, entry, why(member, assistant, answer)))
        }
    };
    html! {
        section {
            h2 #ask-title { (member.say("下書きに聞いてみる", "Ask the draft")) }
            form.search method="get" action=(member.path("/staff/draft#ask-title")) {
                input type="hidden" name="of" value=(author);
                input type="hidden" name="days" value=(days);
                @if let Some(chosen) = day.chosen { input type="hidden" name="day" value=(chosen); }
                label.hidden for="ask" { (member.say("質問", "Question")) }
                input #ask type="search" name="ask" value=(asked) maxlength=(MAX_QUESTION_CHARS) autocomplete="off";
                button.second type="submit" { (member.say("聞く", "Ask")) }
            }
            @if let Some((message, entry, reasons)) = shown {
                div.card {
                    h3 { (member.say("会員に見えるお答え", "What members see")) }
                    p lang="ja" { (message) }
                    @if let Some((question, html)) = entry {
                        div.asked lang="ja" {
                            p { strong { (question) } }
                            div.answer { (PreEscaped(html)) }
                        }
                    }
                    h3 { (member.say("その理由", "Why")) }
                    (reasons)
                }
            }
        }
    }
}
