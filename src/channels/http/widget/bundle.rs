//! The bundle of the widget: the modules in this folder with style, sentences and desks.
//!
//! The JavaScript modules are type-checked separately. Bundling them saves requests.
//! Sentences and desks come from the knowledge, so the bundle is rebuilt after a reload.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use super::compact;
use crate::answer::MAX_QUESTION_CHARS;
use crate::channels::http::assets::Asset;
use crate::knowledge::brand::Brand;
use crate::knowledge::{Desk, KnowledgeBase, Language, Localized, Sentence};

/// The modules in dependency order.
const MODULES: &[&str] = &[
    include_str!("dom.js"),
    include_str!("colors.js"),
    include_str!("sheet.js"),
    include_str!("client.js"),
    include_str!("contact.js"),
    include_str!("store.js"),
    include_str!("answer_view.js"),
    include_str!("search_box.js"),
    include_str!("conversation.js"),
    include_str!("element.js"),
];

const STYLE: &str = include_str!("widget.css");

/// The sentences that the widget uses.
const SENTENCES: &[Sentence] = &[
    Sentence::AskButton,
    Sentence::AskLabel,
    Sentence::AskPlaceholder,
    Sentence::Asked,
    Sentence::Assistant,
    Sentence::Close,
    Sentence::ClosedNow,
    Sentence::Contact,
    Sentence::ConversationLabel,
    Sentence::Draft,
    Sentence::DraftBlank,
    Sentence::DraftBody,
    Sentence::DraftCopied,
    Sentence::DraftCopy,
    Sentence::DraftMail,
    Sentence::DraftSubject,
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
    Sentence::HoursLabel,
    Sentence::NewTab,
    Sentence::NoneOfThese,
    Sentence::OpenNow,
    Sentence::Privacy,
    Sentence::Related,
    Sentence::Retry,
    Sentence::Search,
    Sentence::Searching,
    Sentence::Send,
    Sentence::ShowContact,
    Sentence::Source,
    Sentence::StartOver,
    Sentence::SuggestedDesk,
    Sentence::TooLong,
    Sentence::You,
];

/// The bundle of the current knowledge and day.
#[derive(Default)]
pub(in crate::channels::http) struct Widget {
    cached: Mutex<Option<CachedBundle>>,
}

struct CachedBundle {
    knowledge: Arc<KnowledgeBase>,
    today: Date,
    asset: Arc<Asset>,
}

impl Widget {
    /// Returns the bundle; rebuilds it if the knowledge or the day has changed.
    pub(super) async fn get(
        &self,
        knowledge: &Arc<KnowledgeBase>,
        today: Date,
    ) -> Option<Arc<Asset>> {
        let mut cached = self.cached.lock().await;
        if let Some(cached) = cached.as_ref()
            && Arc::ptr_eq(&cached.knowledge, knowledge)
            && cached.today == today
        {
            return Some(Arc::clone(&cached.asset));
        }
        let source = Arc::clone(knowledge);
        let built = tokio::task::spawn_blocking(move || {
            let script = bundle(&source, today).into_bytes();
            Asset::new("text/javascript; charset=utf-8", script)
        });
        let asset = Arc::new(built.await.ok()?);
        *cached = Some(CachedBundle {
            knowledge: Arc::clone(knowledge),
            today,
            asset: Arc::clone(&asset),
        });
        Some(asset)
    }
}

/// Concatenates the modules after the constants `STYLE` and `CONFIG`.
fn bundle(knowledge: &KnowledgeBase, today: Date) -> String {
    let style = compact::style(STYLE);
    let mut bundle = format!(
        "const STYLE = {}, CONFIG = {};\n",
        Value::from(style),
        config(knowledge, today)
    );
    let lines = MODULES.iter().flat_map(|module| module.lines());
    bundle.push_str(&compact::script(lines));
    bundle
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
        "brand": brand_config(&knowledge.brand),
        "sentences": {
            "ja": sentences(Language::Japanese),
            "en": sentences(Language::English),
        },
    })
}

fn brand_config(brand: &Brand) -> Value {
    let accent = brand
        .accents()
        .map(|(light, dark)| json!({ "light": light.css(), "dark": dark.css() }));
    json!({
        "accent": accent,
        "notice": brand.notice.as_ref().map(localized),
        "privacy": brand.privacy,
    })
}

fn desk_config(desk: &Desk, knowledge: &KnowledgeBase, today: Date) -> Value {
    let featured = knowledge.featured(desk, today).into_iter();
    let featured = featured.map(|entry| {
        let mut choice = json!({ "id": entry.id.as_str(), "question": entry.question });
        if let Some(title) = &entry.english_title {
            choice["titles"] = json!({ "en": title });
        }
        choice
    });
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
    fn the_modules_have_the_form_that_the_bundler_expects() {
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
    fn the_bundle_contains_every_sentence_that_a_module_uses() {
        let uses = MODULES.iter();
        let uses = uses.flat_map(|module| module.split("sentence('").skip(1));
        let literal = uses.map(|rest| rest.split_once('\'').expect("a closing quotation mark").0);
        // Keys that a module composes or takes from a variable.
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
            "search",
            "send",
            "start_over",
        ];
        for key in literal.chain(composed) {
            let is_sent = SENTENCES.iter().any(|sentence| sentence.key() == key);
            assert!(is_sent, "`{key}` is not in the list");
        }
    }
}
