//! JSON-LD: a schema.org `FAQPage`, for the head of a web page.

use serde::Serialize;

use super::ExportError;
use crate::knowledge::{Desk, Entry, Language};

#[derive(Serialize)]
struct FaqPage<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    name: String,
    #[serde(rename = "inLanguage")]
    language: &'static str,
    #[serde(rename = "mainEntity")]
    questions: Vec<Question<'a>>,
}

#[derive(Serialize)]
struct Question<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    identifier: &'a str,
    about: &'a str,
    name: &'a str,
    #[serde(rename = "acceptedAnswer")]
    answer: Answer<'a>,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    text: &'a str,
}

/// Writes the entries as a `FAQPage`.
pub(super) fn write(
    desks: &[Desk],
    entries: &[&Entry],
    language: Language,
) -> Result<Vec<u8>, ExportError> {
    let names = desks.iter().map(|desk| desk.name.get(language));
    let questions = entries.iter().map(|entry| Question {
        kind: "Question",
        identifier: entry.id.as_str(),
        about: &entry.category,
        name: &entry.question,
        answer: Answer {
            kind: "Answer",
            text: &entry.answer.html,
        },
    });
    let page = FaqPage {
        context: "https://schema.org",
        kind: "FAQPage",
        name: names.collect::<Vec<_>>().join(", "),
        // Answers are in the language of the documents.
        language: "ja",
        questions: questions.collect(),
    };
    let mut json = serde_json::to_vec_pretty(&page)?;
    json.push(b'\n');
    Ok(json)
}
