//! Tells tags from a plain `<`: whether a text is HTML, and which of its signs are text.

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

/// Attributes without a value that old pages have.
const FLAGS: [&str; 5] = ["nowrap", "noshade", "compact", "hidden", "disabled"];

/// A tag at the start of a text.
struct Tag<'a> {
    name: &'a str,
    /// Whether it has a word that is neither a known flag nor has a value, as in `<b and c>`.
    has_words: bool,
}

/// Returns whether a text is HTML rather than plain text with a `<` in it.
pub(in crate::exchange) fn is_html(text: &str) -> bool {
    let is_known =
        |tag: &Tag<'_>| TAGS.contains(&tag.name.to_ascii_lowercase().as_str()) && !tag.has_words;
    let mut signs = text.match_indices('<');
    signs.any(|(at, _)| {
        text.get(at + 1..)
            .and_then(tag)
            .as_ref()
            .is_some_and(is_known)
    }) || ["&nbsp;", "&lt;", "&gt;", "&amp;", "&quot;", "&#39;"]
        .iter()
        .any(|e| text.contains(e))
}

/// Escapes each `<` that begins neither a tag nor a comment: the parser would take `x<y の…>` for a
/// tag and drop its words.
pub(super) fn escape_plain_signs(html: &str) -> String {
    let mut escaped = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        let is_markup = after.starts_with(['!', '?']) || tag(after).is_some();
        escaped.push_str(before);
        escaped.push_str(if is_markup { "<" } else { "&lt;" });
        rest = after;
    }
    escaped.push_str(rest);
    escaped
}

/// Reads a tag after its `<`.
fn tag(text: &str) -> Option<Tag<'_>> {
    let text = text.strip_prefix('/').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, mut rest) = text.split_at(end);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_name || !rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>') {
        return None;
    }
    let mut has_words = false;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.starts_with('>') {
            return Some(Tag { name, has_words });
        }
        let is_key = |c: char| c.is_ascii_alphanumeric() || "-_:@.".contains(c);
        let (key, after) = rest.split_at(rest.find(|c| !is_key(c))?);
        if key.is_empty() {
            return None;
        }
        let after = after.trim_ascii_start();
        let Some(value) = after.strip_prefix('=') else {
            has_words |= !FLAGS.contains(&key.to_ascii_lowercase().as_str());
            rest = after;
            continue;
        };
        let value = value.trim_ascii_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        rest = if let Some(quote) = quote {
            value.get(1..)?.split_once(quote)?.1
        } else {
            let end = value.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '<'))?;
            value.get(end..)?
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_signs_are_no_tags() {
        for text in [
            "x<y のとき <b を使い、> を書く",
            "a<b and c>d",
            "a<b なら、c>d です",
            "3 < 5、p<0.05",
            "<未定>",
            "<a href=\"x",
            "a <b",
        ] {
            assert!(!is_html(text), "{text}");
        }
        for text in [
            "<b>太字</b>",
            "一行<br/>二行",
            "<BR>",
            "<td nowrap>",
            "<a href='x>y' class=link target = _blank>",
            "<img src=a.png alt=地図>",
            "A&amp;B",
        ] {
            assert!(is_html(text), "{text}");
        }
    }

    #[test]
    fn plain_signs_beside_tags_are_escaped() {
        for (html, expected) in [
            (
                "x<y のとき <b>太字</b>、a<b なら > を書く",
                "x&lt;y のとき <b>太字</b>、a&lt;b なら > を書く",
            ),
            ("<!-- x --><p>1 < 2</p>", "<!-- x --><p>1 &lt; 2</p>"),
            ("<", "&lt;"),
        ] {
            assert_eq!(escape_plain_signs(html), expected);
        }
    }
}
