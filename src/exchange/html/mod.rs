//! HTML: pages with questions and answers, and HTML in cells and in JSON-LD.

mod blocks;
mod dom;
mod inline;
mod json_ld;
mod lost;
mod marks;
mod page;
mod pair;
mod pieces;

pub(super) use blocks::fragment_to_markdown;
pub(super) use json_ld::read_value as read_json_ld;
pub(super) use marks::{Series, is_question};
pub(super) use page::read_page;
pub(super) use pair::{Found, Pair};

/// Elements whose presence shows that a text is HTML.
const TAGS: [&str; 26] = [
    "a",
    "b",
    "br",
    "p",
    "div",
    "span",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "i",
    "u",
    "table",
    "tr",
    "td",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "img",
    "font",
    "dl",
    "blockquote",
    "hr",
];

/// Returns whether a text is HTML rather than plain text with a `<` in it.
pub(super) fn is_html(text: &str) -> bool {
    let has_tag = text.match_indices('<').any(|(at, _)| {
        let rest = text.get(at + 1..).unwrap_or_default();
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        let name = name.to_ascii_lowercase();
        TAGS.contains(&name.as_str())
            && after.starts_with(['>', ' ', '/', '\n'])
            && after.contains('>')
    });
    has_tag
        || ["&nbsp;", "&lt;", "&gt;", "&amp;", "&quot;", "&#39;"]
            .iter()
            .any(|e| text.contains(e))
}
