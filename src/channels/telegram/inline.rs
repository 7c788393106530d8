//! Inline mode: a few words in any chat -> entries to send there.
//!
//! Invariant: what is sent is the entry's answer as everywhere; one that is too long for a message
//! is cut at the end of a paragraph and leads to the whole.

use teloxide::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, InlineQuery, InlineQueryResult,
    InlineQueryResultArticle, InputMessageContent, InputMessageContentText, LinkPreviewOptions,
    ParseMode,
};

use super::format;
use super::respond::Shared;
use super::update::language_of;
use crate::answer::Breadth;
use crate::channels::bot::browse::featured;
use crate::knowledge::{Entry, KnowledgeBase, Language, Sentence};

/// Entries on a page.
const PAGE: usize = 20;

/// Longest description under a question, in characters.
const LONGEST_DESCRIPTION: usize = 120;

/// A page of entries.
pub(super) struct Page {
    pub(super) results: Vec<InlineQueryResult>,
    /// Where the next page begins; empty if there is none.
    pub(super) next_offset: String,
    /// The button over the list, where it is empty.
    pub(super) button: Option<String>,
}

/// Finds entries; for an empty query the most useful ones.
pub(super) fn find(shared: &Shared, query: &InlineQuery) -> Page {
    let assistant = shared.assistant.load_full();
    let knowledge = assistant.knowledge();
    let now = shared.now();
    let language = language_of(Some(&query.from));
    let from = query.offset.parse::<usize>().unwrap_or(0);
    let to = from.saturating_add(PAGE);
    let text = query.query.trim();
    let (entries, total): (Vec<&Entry>, usize) = if text.is_empty() {
        let featured = featured(knowledge, assistant.today(now));
        let page = featured.iter().skip(from).take(PAGE).copied().collect();
        (page, featured.len())
    } else {
        let (hits, total) = assistant.search(text, None, from..to, Breadth::Typed, now);
        let entries = hits
            .iter()
            .filter_map(|hit| knowledge.entries.get(hit.entry));
        (entries.collect(), total)
    };
    let name = shared.me.user.username.as_deref().unwrap_or_default();
    let results = entries
        .iter()
        .map(|entry| article(entry, knowledge, language, name));
    let results: Vec<_> = results.collect();
    let button = knowledge
        .messages
        .render(Sentence::AskButton, language, &[]);
    Page {
        button: results.is_empty().then_some(button),
        results,
        next_offset: if to < total {
            to.to_string()
        } else {
            String::new()
        },
    }
}

fn article(
    entry: &Entry,
    knowledge: &KnowledgeBase,
    language: Language,
    bot: &str,
) -> InlineQueryResult {
    let values = [
        ("document", &*entry.source.document),
        ("section", &*entry.source.section),
    ];
    let source = knowledge
        .messages
        .render(Sentence::Source, language, &values);
    let parts = format::entry(entry, &source).parts();
    let text = parts.first().cloned().unwrap_or_default();
    let content = InputMessageContentText {
        parse_mode: Some(ParseMode::Html),
        link_preview_options: Some(no_preview()),
        ..InputMessageContentText::new(text)
    };
    let words: Vec<&str> = entry.answer.text.split_whitespace().collect();
    let description: String = words.join(" ").chars().take(LONGEST_DESCRIPTION).collect();
    let content = InputMessageContent::Text(content);
    let article = InlineQueryResultArticle::new(entry.id.as_str(), &entry.question, content);
    let article = article.description(description);
    let link = format!("https://t.me/{bot}?start={}", entry.id).parse();
    InlineQueryResult::Article(match link {
        Ok(link) if parts.len() > 1 => {
            let label = knowledge.messages.render(Sentence::ReadOn, language, &[]);
            let button = InlineKeyboardButton::url(label, link);
            article.reply_markup(InlineKeyboardMarkup::new([[button]]))
        }
        _ => article,
    })
}

/// Keeps Telegram from showing pages under answers that link to them.
pub(super) fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}
