//! Inline mode: a query in any chat -> entries to send there.
//!
//! Invariant: the sent text is the entry's answer, as in every channel; an answer that is too long
//! for a message is cut after a paragraph and has a button that opens the whole answer.

use teloxide::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, InlineQuery, InlineQueryResult,
    InlineQueryResultArticle, InputMessageContent, InputMessageContentText, LinkPreviewOptions,
    ParseMode,
};

use super::format;
use super::update::language_of;
use crate::answer::source;
use crate::channels::bot::{Core, browse};
use crate::knowledge::{Entry, KnowledgeBase, Language, Sentence};

/// Number of entries on a page.
const PAGE_ENTRIES: usize = 20;

/// Stands between the position and the version in an offset.
const VERSION_SEPARATOR: char = '@';

/// Length limit of the description under a question.
const MAX_DESCRIPTION_CHARS: usize = 120;

/// A page of results.
pub(super) struct ResultPage {
    pub(super) results: Vec<InlineQueryResult>,
    /// The offset of the next page with the version of the knowledge; empty if there is none.
    pub(super) next_offset: String,
    /// The button above an empty list.
    pub(super) button: Option<String>,
}

/// Finds entries; for an empty query the featured ones.
pub(super) fn find(core: &Core, query: &InlineQuery) -> ResultPage {
    let assistant = core.assistant.load_full();
    let knowledge = assistant.knowledge();
    let language = language_of(Some(&query.from));
    let button = knowledge
        .messages
        .render(Sentence::AskButton, language, &[]);
    let Some(from) = start_of_page(&query.offset, &knowledge.version) else {
        // The list on the screen ends here; a page of other knowledge could repeat its entries.
        return ResultPage {
            results: Vec::new(),
            next_offset: String::new(),
            button: None,
        };
    };
    let to = from.saturating_add(PAGE_ENTRIES);
    let (entries, total) = browse::find(&assistant, &query.query, from..to, core.now());
    let results = entries
        .iter()
        .map(|entry| article(entry, knowledge, language, core.bot()));
    let results: Vec<_> = results.collect();
    ResultPage {
        button: results.is_empty().then_some(button),
        results,
        next_offset: if to < total {
            format!("{to}{VERSION_SEPARATOR}{}", knowledge.version)
        } else {
            String::new()
        },
    }
}

/// Returns the position of the first entry of a page; `None` if the pages before it came from another
/// version of the knowledge.
fn start_of_page(offset: &str, version: &str) -> Option<usize> {
    match offset.split_once(VERSION_SEPARATOR) {
        Some((from, before)) => (before == version).then(|| from.parse().unwrap_or(0)),
        None => Some(0),
    }
}

fn article(
    entry: &Entry,
    knowledge: &KnowledgeBase,
    language: Language,
    bot: &str,
) -> InlineQueryResult {
    let parts = format::entry(entry, &source(entry, knowledge, language)).parts();
    let text = parts.first().cloned().unwrap_or_default();
    let content = InputMessageContentText {
        parse_mode: Some(ParseMode::Html),
        link_preview_options: Some(no_preview()),
        ..InputMessageContentText::new(text)
    };
    let words: Vec<&str> = entry.answer.text.split_whitespace().collect();
    let description = words.join(" ");
    let description: String = description.chars().take(MAX_DESCRIPTION_CHARS).collect();
    let content = InputMessageContent::Text(content);
    let article = InlineQueryResultArticle::new(entry.id.as_str(), entry.title(language), content);
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

/// Disables previews of the pages that an answer links to.
pub(super) fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}
