//! Text and inline formats in Discord's Markdown.
//!
//! Invariant: text is escaped, so that Discord shows it unchanged.

use crate::knowledge::{Span, plain};

/// The line that begins and ends a code block.
pub(super) const FENCE: &str = "```";

/// Escapes text, so that Discord shows it unchanged.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape_into(text, &mut escaped);
    escaped
}

/// Makes a code block.
pub(super) fn code(text: &str) -> String {
    let text = text.trim_matches('\n').replace("``", "`\u{200b}`");
    // A second pass, because the first one leaves a pair in every three backquotes.
    let text = text.replace("``", "`\u{200b}`");
    format!("{FENCE}\n{text}\n{FENCE}")
}

/// Reads the text of a code block made by [`code`].
pub(super) fn uncode(markdown: &str) -> Option<String> {
    let inner = markdown.strip_prefix("```\n")?.strip_suffix("\n```")?;
    Some(
        inner
            .replace("`\u{200b}`", "``")
            .replace("`\u{200b}`", "``"),
    )
}

/// Makes a link with a label; plain text if Discord does not link the address.
pub(super) fn link(label: &str, url: &str) -> String {
    if !is_web(url) {
        let address = url.trim_start_matches("mailto:").trim_start_matches("tel:");
        return if label.contains(address) {
            escape(label)
        } else {
            escape(&format!("{label} ({address})"))
        };
    }
    let address: String = url
        .chars()
        .flat_map(|c| match c {
            '(' => "%28".chars().collect(),
            ')' => "%29".chars().collect(),
            '<' => "%3C".chars().collect(),
            '>' => "%3E".chars().collect(),
            '\\' => "%5C".chars().collect(),
            c if c.is_whitespace() => "%20".chars().collect(),
            c => vec![c],
        })
        .collect();
    // Discord does not link a label that is an address.
    if label.trim().is_empty() || is_web(label.trim()) {
        return address;
    }
    format!("[{}]({address})", escape(label).replace('\n', " "))
}

/// Returns whether Discord links an address.
pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn escape_into(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if is_web(rest) {
            // Discord links the address; a backslash would become part of it.
            let is_part = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '`' | '|');
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            into.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let is_start = into.is_empty() || into.ends_with('\n');
        let after = &rest[c.len_utf8()..];
        let is_markup = match c {
            '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '<' => true,
            '#' | '>' | '-' | '+' => is_start,
            '.' | ')' => is_number(into) && after.starts_with([' ', '\n']),
            _ => false,
        };
        if is_markup {
            into.push('\\');
        }
        into.push(c);
        rest = after;
    }
}

/// Returns whether the last line is a number, which a dot would make a list item.
fn is_number(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default();
    !line.is_empty() && line.chars().all(|c| c.is_ascii_digit())
}

/// Writes inline content.
pub(super) fn spans(all: &[Span]) -> String {
    let mut written = String::new();
    for span in all {
        match span {
            Span::Text(text) => escape_into(text, &mut written),
            Span::Code(text) if text.contains('`') => escape_into(text, &mut written),
            Span::Code(text) => written.push_str(&format!("`{text}`")),
            Span::Break => written.push('\n'),
            Span::Strong(inner) => written.push_str(&format!("**{}**", spans(inner))),
            Span::Emphasis(inner) => written.push_str(&format!("*{}*", spans(inner))),
            Span::Link { url, label } => written.push_str(&link(&plain(label), url)),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_parsed_as_markup() {
        for (text, expected) in [
            (
                "*a* _b_ ~~c~~ `d` ||e||",
                r"\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|",
            ),
            ("# a\n## b # c", "\\# a\n\\## b # c"),
            ("- a\n-# b\n1. c\n10) d", "\\- a\n\\-# b\n1\\. c\n10\\) d"),
            ("> a > b", r"\> a > b"),
            (
                "<@1> <#2> <:x:3> @everyone",
                r"\<@1> \<#2> \<:x:3> @everyone",
            ),
            ("[a](https://b.example)", r"\[a\](https://b.example)"),
            (r"\*", r"\\\*"),
            ("3.5 と 1.", "3.5 と 1."),
            (
                "https://a.example/a_b_c*d。_e_",
                r"https://a.example/a_b_c*d。\_e\_",
            ),
        ] {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn code_is_parsed_unchanged() {
        for text in ["a", "`", "``", "```", "a\n````\nb", "[x](y) *z*"] {
            let code = code(text);
            assert_eq!(code.matches(FENCE).count(), 2, "{code}");
            assert_eq!(uncode(&code).as_deref(), Some(text));
        }
        assert_eq!(uncode("x"), None);
    }
}
