//! Running text of HTML as Markdown: emphasis, links, line breaks.

use url::Url;

use super::dom::{HIDDEN, Node};
use crate::exchange::text;

/// The base address of a page, and the parts that Markdown could not hold.
#[derive(Default)]
pub(super) struct Context {
    /// The address of the page, to resolve its links.
    pub(super) base: Option<String>,
    /// Whether a line break in the text is one on the page, as in a cell with a few tags.
    pub(super) keeps_breaks: bool,
    /// Number of images that were dropped.
    pub(super) images: usize,
    /// Addresses of links that lead nowhere outside the page.
    pub(super) dead_links: Vec<String>,
}

/// Renders nodes as running text; line breaks are those of `<br>`.
pub(super) fn render(nodes: &[Node], context: &mut Context) -> String {
    let mut out = String::new();
    for node in nodes {
        render_node(node, context, &mut out);
    }
    let lines = out.split('\n').map(|line| text::escape_start(line.trim()));
    let lines: Vec<String> = lines.collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn render_node(node: &Node, context: &mut Context, out: &mut String) {
    if let Some(own) = node.own_text() {
        push_text(&own, context.keeps_breaks, out);
        return;
    }
    let Some(name) = node.name() else {
        return;
    };
    if HIDDEN.contains(&name) {
        return;
    }
    match name {
        "br" => out.push('\n'),
        "img" => {
            let label = node.attribute("alt").unwrap_or_default();
            context.images += 1;
            push_text(&label, false, out);
        }
        "a" => render_link(node, context, out),
        "strong" | "b" => render_emphasis(node, "**", context, out),
        "em" | "i" => render_emphasis(node, "*", context, out),
        _ => {
            for child in node.children() {
                render_node(&child, context, out);
            }
        }
    }
}

/// Appends text with its blanks collapsed; a line break of the source between Japanese characters
/// is no blank.
fn push_text(source: &str, keeps_breaks: bool, out: &mut String) {
    let mut collapsed = String::new();
    let mut last = out.chars().next_back();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let is_blank = |c: char| c.is_whitespace() && c != '\u{3000}';
        if !is_blank(first) {
            let end = rest.find(is_blank).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            collapsed.push_str(word);
            last = word.chars().next_back();
            rest = after;
            continue;
        }
        let end = rest.find(|c| !is_blank(c)).unwrap_or(rest.len());
        let (blanks, after) = rest.split_at(end);
        let next = after.chars().next();
        let japanese = |c: Option<char>| c.is_some_and(text::is_japanese);
        if keeps_breaks && blanks.contains('\n') {
            collapsed.extend(blanks.chars().filter(|c| *c == '\n'));
        } else if !(blanks.contains('\n') && japanese(last) && japanese(next)) {
            collapsed.push(' ');
        }
        last = Some(' ');
        rest = after;
    }
    if out.is_empty() || out.ends_with([' ', '\n']) {
        let trimmed = collapsed.trim_start_matches(' ').len();
        collapsed.drain(..collapsed.len() - trimmed);
    }
    let visible = text::without_invisible(&collapsed);
    let previous = out.chars().next_back();
    out.push_str(&text::escape_running(&visible, previous));
}

fn children_as_text(node: &Node, context: &mut Context) -> String {
    let mut inner = String::new();
    for child in node.children() {
        render_node(&child, context, &mut inner);
    }
    inner
}

fn render_link(node: &Node, context: &mut Context, out: &mut String) {
    let label = text::clean_line(&node.text());
    let href = node.attribute("href").unwrap_or_default();
    let href = href.trim();
    let Some(address) = resolve(href, context.base.as_deref()) else {
        if !href.is_empty() && !href.starts_with('#') && !label.is_empty() {
            context.dead_links.push(href.to_owned());
        }
        let inner = children_as_text(node, context);
        out.push_str(&inner);
        return;
    };
    let address = encode(&address);
    let bare = address
        .trim_start_matches("mailto:")
        .trim_start_matches("tel:");
    let is_bare = label == address || (address.starts_with("mailto:") && label == bare);
    if label.is_empty() || is_bare {
        let shown = if address.starts_with("mailto:") {
            bare
        } else {
            &address
        };
        out.push_str(&format!("<{shown}>"));
    } else {
        let label = text::escape_label(&label);
        out.push_str(&format!("[{label}]({address})"));
    }
}

/// Encodes the characters that end an address in Markdown.
fn encode(address: &str) -> String {
    let mut encoded = String::new();
    for character in address.chars() {
        match character {
            '(' => encoded.push_str("%28"),
            ')' => encoded.push_str("%29"),
            '<' => encoded.push_str("%3C"),
            '>' => encoded.push_str("%3E"),
            '\\' => encoded.push_str("%5C"),
            '*' => encoded.push_str("%2A"),
            ' ' => encoded.push_str("%20"),
            c if c.is_control() => {}
            other => encoded.push(other),
        }
    }
    // `&copy=1` would be read as a character reference.
    encoded.replace('&', "&amp;").replace("&amp;amp;", "&amp;")
}

/// Resolves an address against that of the page; `None` if a member could not follow it.
fn resolve(href: &str, base: Option<&str>) -> Option<String> {
    let lower = href.to_ascii_lowercase();
    if ["https://", "http://", "mailto:", "tel:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
    {
        return Some(href.to_owned());
    }
    let has_scheme = href
        .split(['/', '?', '#'])
        .next()
        .is_some_and(|part| part.contains(':'));
    if href.is_empty() || href.starts_with('#') || has_scheme {
        return None;
    }
    let address = Url::parse(base?).ok()?.join(href).ok()?;
    matches!(address.scheme(), "https" | "http").then(|| address.into())
}

/// Renders emphasis, with the marks of punctuation at its ends outside.
///
/// `CommonMark` does not close `**…」**` before a Japanese character, since `」` is punctuation.
fn render_emphasis(node: &Node, mark: &str, context: &mut Context, out: &mut String) {
    let inner = children_as_text(node, context);
    let is_outside = |c: char| {
        c.is_whitespace() || (!c.is_alphanumeric() && !c.is_ascii()) || ".,:;!?".contains(c)
    };
    let core = inner.trim_matches(is_outside);
    let is_plain = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let is_nested = core.contains(mark) || out.ends_with('*') || core.contains('\n');
    let mut ends = (core.chars().next(), core.chars().next_back());
    // A link may be emphasised at the start of a text.
    if ends.0 == Some('[') && out.is_empty() {
        ends.0 = Some('a');
    }
    if is_nested || !is_plain(ends.0) || !is_plain(ends.1) {
        out.push_str(&inner);
        return;
    }
    let start = inner.find(core).unwrap_or_default();
    let (before, rest) = inner.split_at(start);
    let (core, after) = rest.split_at(core.len());
    out.push_str(&format!("{before}{mark}{core}{mark}{after}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_resolved_against_the_page() {
        let base = Some("https://city.example/faq/index.html?x#y");
        for (href, expected) in [
            ("https://a.example/", Some("https://a.example/")),
            ("/guide", Some("https://city.example/guide")),
            ("a.html", Some("https://city.example/faq/a.html")),
            ("../b/", Some("https://city.example/b/")),
            ("./b/../c", Some("https://city.example/faq/c")),
            ("?id=3", Some("https://city.example/faq/index.html?id=3")),
            (
                "a.html?x=../b",
                Some("https://city.example/faq/a.html?x=../b"),
            ),
            ("//c.example/d", Some("https://c.example/d")),
            ("#top", None),
            ("javascript:void(0)", None),
            ("", None),
        ] {
            assert_eq!(resolve(href, base).as_deref(), expected, "{href}");
        }
        assert_eq!(resolve("/guide", None), None);
    }
}
