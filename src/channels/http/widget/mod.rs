//! `GET /widget.js`: the custom element, in one file with its style, its sentences and the desks.
//!
//! The modules beside this file are written, and checked as types, as what they are; here they
//! become one, so that the first question of a page costs two requests. The sentences and desks
//! are the knowledge's, so the file is made anew when that changes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use super::AppState;
use super::assets::Asset;
use super::error::Error;
use crate::answer::MAX_QUESTION_CHARS;
use crate::knowledge::{Desk, KnowledgeBase, Language, Localized, Sentence};

/// The modules, each after those it imports.
const MODULES: &[&str] = &[
    include_str!("dom.js"),
    include_str!("client.js"),
    include_str!("contact.js"),
    include_str!("store.js"),
    include_str!("answer_view.js"),
    include_str!("search_box.js"),
    include_str!("conversation.js"),
    include_str!("element.js"),
];

const STYLE: &str = include_str!("widget.css");

/// The sentences that the widget says.
const SENTENCES: &[Sentence] = &[
    Sentence::AskButton,
    Sentence::AskLabel,
    Sentence::AskPlaceholder,
    Sentence::Assistant,
    Sentence::Close,
    Sentence::ClosedNow,
    Sentence::Contact,
    Sentence::ConversationLabel,
    Sentence::Draft,
    Sentence::DraftCopied,
    Sentence::DraftCopy,
    Sentence::DraftMail,
    Sentence::EntryPage,
    Sentence::FailedBusy,
    Sentence::FailedServer,
    Sentence::FailedSlow,
    Sentence::FailedTimeout,
    Sentence::FailedUnreachable,
    Sentence::Featured,
    Sentence::Greeting,
    Sentence::HelpCentre,
    Sentence::HelpfulNo,
    Sentence::HelpfulQuestion,
    Sentence::HelpfulYes,
    Sentence::HitsCount,
    Sentence::HitsLabel,
    Sentence::HitsNone,
    Sentence::OpenNow,
    Sentence::Related,
    Sentence::Retry,
    Sentence::Searching,
    Sentence::Send,
    Sentence::ShowContact,
    Sentence::Source,
    Sentence::StartOver,
    Sentence::TooLong,
    Sentence::You,
];

/// How long a browser need not ask: an edited telephone number is everywhere ten minutes later.
const CACHE_CONTROL: &str = "public, max-age=300, stale-while-revalidate=300";

/// The file as of some knowledge and day.
#[derive(Default)]
pub(super) struct Widget {
    made: Mutex<Option<Made>>,
}

struct Made {
    knowledge: Arc<KnowledgeBase>,
    today: Date,
    asset: Arc<Asset>,
}

impl Widget {
    /// Returns the file, making it first if the knowledge or the day is another.
    async fn get(&self, knowledge: &Arc<KnowledgeBase>, today: Date) -> Option<Arc<Asset>> {
        let mut made = self.made.lock().await;
        if let Some(made) = made.as_ref()
            && Arc::ptr_eq(&made.knowledge, knowledge)
            && made.today == today
        {
            return Some(Arc::clone(&made.asset));
        }
        let source = Arc::clone(knowledge);
        let making = tokio::task::spawn_blocking(move || {
            let script = bundle(&source, today).into_bytes();
            Asset::new("text/javascript; charset=utf-8", script)
        });
        let asset = Arc::new(making.await.ok()?);
        *made = Some(Made {
            knowledge: Arc::clone(knowledge),
            today,
            asset: Arc::clone(&asset),
        });
        Some(asset)
    }
}

/// Serves the widget to pages of any origin; which of them may ask is for the API to decide.
pub(super) async fn script(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    let assistant = state.assistant();
    let today = assistant.today(state.now());
    let Some(asset) = state.widget.get(assistant.knowledge(), today).await else {
        return Error::Status(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    };
    let mut response = asset.respond(&headers, CACHE_CONTROL);
    let headers = response.headers_mut();
    // Scripts that are modules are only taken from other origins that say so.
    let any = HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    let policy = header::HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("cross-origin"));
    response
}

/// Puts the modules into one, after the constants that they take from here.
fn bundle(knowledge: &KnowledgeBase, today: Date) -> String {
    let style = shortened_style(STYLE);
    let mut bundle = format!(
        "const STYLE = {}, CONFIG = {};\n",
        Value::from(style),
        config(knowledge, today)
    );
    for module in MODULES {
        for line in module.lines() {
            let code = line.trim();
            let is_comment = ["//", "/*", "*"]
                .iter()
                .any(|start| code.starts_with(start));
            if code.is_empty() || is_comment || code.starts_with("import ") {
                continue;
            }
            bundle.push_str(line.strip_prefix("export ").unwrap_or(code));
            bundle.push('\n');
        }
    }
    bundle
}

/// Leaves out the comments and the indentation.
fn shortened_style(style: &str) -> String {
    let mut rest = style;
    let mut code = String::new();
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

fn config(knowledge: &KnowledgeBase, today: Date) -> Value {
    let desks = knowledge.desks.iter();
    let desks = desks.map(|desk| desk_config(desk, knowledge, today));
    let sentences = |language: Language| {
        let template = |sentence| knowledge.messages.template(sentence, language);
        let pairs = SENTENCES.iter().map(|sentence| {
            let text = template(*sentence).to_owned();
            (sentence.key().to_owned(), Value::from(text))
        });
        pairs.collect::<Map<String, Value>>()
    };
    json!({
        "longest_question": MAX_QUESTION_CHARS,
        "desks": desks.collect::<Vec<_>>(),
        "sentences": {
            "ja": sentences(Language::Japanese),
            "en": sentences(Language::English),
        },
    })
}

fn desk_config(desk: &Desk, knowledge: &KnowledgeBase, today: Date) -> Value {
    let featured = knowledge.featured(desk, today).into_iter();
    let featured =
        featured.map(|entry| json!({ "id": entry.id.as_str(), "question": entry.question }));
    let points = desk.contact_points.iter().map(|point| {
        let hours = desk.hours_of(point);
        json!({
            "kind": point.kind.name(),
            "label": localized(&point.label),
            "value": localized(&point.value),
            "url": point.url,
            "hours": hours.map(|hours| localized(&hours.text)),
        })
    });
    json!({
        "id": desk.id.as_str(),
        "name": localized(&desk.name),
        "programme": localized(&desk.programme),
        "featured": featured.collect::<Vec<_>>(),
        "contact_points": points.collect::<Vec<_>>(),
    })
}

fn localized(text: &Localized) -> Value {
    json!({ "ja": text.ja, "en": text.en })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_keep_to_the_form_that_makes_them_one_file() {
        for module in MODULES {
            let mut is_head = true;
            for line in module.lines() {
                let is_import = line.starts_with("import ");
                assert!(!is_import || (is_head && line.ends_with(';')), "{line}");
                is_head &= is_import || line.is_empty() || line.starts_with("//");
                let exports = line.strip_prefix("export ").unwrap_or("class");
                let declares = ["class", "function", "async function", "const", "let"];
                let is_declaration = declares.iter().any(|word| exports.starts_with(word));
                assert!(is_declaration, "{line}");
            }
            let ticks = module
                .lines()
                .all(|line| line.matches('`').count() % 2 == 0);
            assert!(
                ticks,
                "a template spans lines and would lose its indentation"
            );
        }
    }

    #[test]
    fn every_sentence_that_a_module_says_is_sent() {
        for module in MODULES {
            for said in module.split("say('").skip(1) {
                let (key, _) = said.split_once('\'').expect("a closing quotation mark");
                let is_sent = SENTENCES.iter().any(|sentence| sentence.key() == key);
                assert!(is_sent, "`{key}` is not in the list");
            }
        }
        // Those that a module puts together, or takes from a variable.
        let composed = [
            "close",
            "closed_now",
            "failed_busy",
            "failed_server",
            "failed_timeout",
            "failed_unreachable",
            "helpful_no",
            "helpful_yes",
            "open_now",
            "start_over",
        ];
        for key in composed {
            assert!(
                SENTENCES.iter().any(|sentence| sentence.key() == key),
                "{key}"
            );
        }
    }

    #[test]
    fn comments_of_the_style_are_left_out() {
        let style = "/* a\n b */\n.c {\n  color: red; /* d */\n}\n";
        assert_eq!(shortened_style(style), ".c {\ncolor: red;\n}");
    }
}
