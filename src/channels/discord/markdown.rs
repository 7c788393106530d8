//! Answers -> the Markdown that Discord understands.
//!
//! Blocks in, a [`Text`] out, which can be cut into parts. Invariants: every word and table cell of
//! an answer is in it, and every link that Discord can follow; what Discord is known to read as
//! markup is escaped; a part breaks no escape and no fence of code, though a very long line may
//! break elsewhere.

use unicode_normalization::char::is_combining_mark;

use super::table;
use crate::knowledge::{Block, Span, plain};

/// The line that begins and ends text that is shown as it stands.
const FENCE: &str = "```";

/// Text in Discord's Markdown: blocks, with an empty line between them.
#[derive(Debug, Clone, Default)]
pub(super) struct Text(Vec<String>);

impl Text {
    /// Adds the blocks of an answer.
    pub(super) fn answer(&mut self, all: &[Block]) {
        self.0.extend(blocks(all));
    }

    /// Adds what is Markdown already.
    pub(super) fn block(&mut self, markdown: String) {
        if !markdown.is_empty() {
            self.0.push(markdown);
        }
    }

    /// Writes it in as few parts as it takes, each of at most so many characters.
    pub(super) fn parts(&self, longest: usize) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut room = 0;
        for piece in self.0.iter().flat_map(|block| pieces(block, longest)) {
            let length = piece.chars().count() + 2;
            match parts.last_mut() {
                Some(part) if length <= room => {
                    part.push_str("\n\n");
                    part.push_str(&piece);
                    room -= length;
                }
                _ => {
                    room = longest.saturating_sub(length - 2);
                    parts.push(piece);
                }
            }
        }
        parts
    }
}

/// Cuts a block that is too long for a part: after a line, else a sentence, else where it is full.
fn pieces(block: &str, longest: usize) -> Vec<String> {
    if block.chars().count() <= longest {
        return vec![block.to_owned()];
    }
    let inner = block.strip_prefix("```\n");
    let inner = inner.and_then(|rest| rest.strip_suffix("\n```"));
    let longest = if inner.is_some() {
        longest - 8
    } else {
        longest
    };
    let mut pieces = Vec::new();
    let mut rest = inner.unwrap_or(block);
    while !rest.is_empty() {
        let full = rest.char_indices().nth(longest).map(|(at, _)| at);
        let Some(full) = full else {
            pieces.push(rest);
            break;
        };
        let room = &rest[..full];
        // A break near the beginning would make a small part of it.
        let marks = ["\n", "。", ". ", "、", " "].iter();
        let mut ends = marks.filter_map(|mark| Some(room.rfind(mark)? + mark.len()));
        let end = ends.find(|end| *end > full / 2).unwrap_or_else(|| {
            // What is escaped stays with its backslash.
            let end = room.trim_end_matches('\\').len();
            if end == 0 { full } else { end }
        });
        pieces.push(&rest[..end]);
        rest = &rest[end..];
    }
    let pieces = pieces.into_iter().map(|piece| piece.trim_end_matches('\n'));
    let pieces = pieces.map(|piece| match inner {
        Some(_) => format!("{FENCE}\n{piece}\n{FENCE}"),
        None => piece.to_owned(),
    });
    pieces.collect()
}

/// Escapes text, so that it is shown as it stands.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape_into(text, &mut escaped);
    escaped
}

/// Shows text as it stands, in a font of even width.
pub(super) fn code(text: &str) -> String {
    let text = text.trim_matches('\n').replace("``", "`\u{200b}`");
    // Once more, since the last of three has no partner yet.
    let text = text.replace("``", "`\u{200b}`");
    format!("{FENCE}\n{text}\n{FENCE}")
}

/// Reads what [`code`] shows.
pub(super) fn uncode(markdown: &str) -> Option<String> {
    let inner = markdown.strip_prefix("```\n")?.strip_suffix("\n```")?;
    Some(
        inner
            .replace("`\u{200b}`", "``")
            .replace("`\u{200b}`", "``"),
    )
}

/// Cuts text to so many characters, not within one that is made of several.
pub(super) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let joins = |c: char| {
        is_combining_mark(c)
            || matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
    };
    let characters: Vec<char> = text.chars().collect();
    let mut end = longest.saturating_sub(1);
    while end > 0 && (joins(characters[end]) || characters[end - 1] == '\u{200d}') {
        end -= 1;
    }
    let kept = characters[..end].iter().collect::<String>();
    format!("{}…", kept.trim_end())
}

/// Makes a link that carries a label; an address that Discord makes no link of stands as text.
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
    // Discord makes no link of a label that is an address itself.
    if label.trim().is_empty() || is_web(label.trim()) {
        return address;
    }
    format!("[{}]({address})", escape(label).replace('\n', " "))
}

/// Tells whether Discord makes a link of an address.
pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn escape_into(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if is_web(rest) {
            // Discord makes a link of it as it stands, and would show a backslash in it.
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

/// Tells whether the last line is a number, which a dot would make an item of a list.
fn is_number(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default();
    !line.is_empty() && line.chars().all(|c| c.is_ascii_digit())
}

fn blocks(all: &[Block]) -> Vec<String> {
    let written = all.iter().flat_map(|block| match block {
        Block::Paragraph(text) => vec![spans(text)],
        Block::Heading(text) => vec![format!("**{}**", spans(text).replace("**", ""))],
        Block::List { first, items } => vec![list(*first, items, 0)],
        Block::Table { head, rows } => table::write(head, rows),
        Block::Quote(inner) => {
            let inner = blocks(inner).join("\n\n");
            let lines = inner.lines().map(|line| format!("> {line}"));
            vec![lines.collect::<Vec<_>>().join("\n")]
        }
        Block::Code(text) => vec![code(text)],
    });
    written.filter(|block| !block.is_empty()).collect()
}

fn list(first: Option<u64>, items: &[Vec<Block>], depth: usize) -> String {
    let mut lines = Vec::new();
    let indent = "  ".repeat(depth);
    for (number, item) in (first.unwrap_or(1)..).zip(items) {
        let marker = first.map_or("-".to_owned(), |_| format!("{number}."));
        let mut is_marked = false;
        for block in item {
            if let Block::List { first, items } = block {
                lines.push(list(*first, items, depth + 1));
                continue;
            }
            for line in blocks(std::slice::from_ref(block)).join("\n").lines() {
                let marker = if is_marked { " " } else { &marker };
                lines.push(format!("{indent}{marker} {line}"));
                is_marked = true;
            }
        }
    }
    lines.join("\n")
}

/// Writes running text.
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
    use crate::knowledge::Markdown;

    fn formatted(source: &str) -> String {
        blocks(&Markdown::parse(source).0.blocks()).join("\n\n")
    }

    #[test]
    fn no_text_turns_into_markup() {
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
    fn links_lists_and_quotations_are_kept() {
        let source = "# 見出し\n\n1. a\n   - b\n2. c\n\n> 引用\n> **二**\n\n```\nx < `y`\n```\n\n\
                      電話は[こちら](tel:0312345678)、<a@b.example> へ。[_l_](https://a.example/x(1))";
        let expected = "**見出し**\n\n1. a\n  - b\n2. c\n\n> 引用\n> **二**\n\n```\nx < `y`\n```\n\n\
                        電話はこちら (0312345678)、a@b.example へ。[l](https://a.example/x%281%29)";
        assert_eq!(formatted(source), expected);
        let bare = "[https://a.example](https://b.example)";
        assert_eq!(formatted(bare), "https://b.example");
    }

    #[test]
    fn code_is_read_as_it_was_written() {
        for text in ["a", "`", "``", "```", "a\n````\nb", "[x](y) *z*"] {
            let code = code(text);
            assert_eq!(code.matches(FENCE).count(), 2, "{code}");
            assert_eq!(uncode(&code).as_deref(), Some(text));
        }
        assert_eq!(uncode("x"), None);
    }

    #[test]
    fn a_cut_leaves_characters_whole() {
        assert_eq!(cut("あいう", 3), "あいう");
        assert_eq!(cut("あいうえ", 3), "あい…");
        assert_eq!(cut("か\u{3099}か\u{3099}か\u{3099}", 4), "か\u{3099}…");
        assert_eq!(cut("👨\u{200d}👩\u{200d}👧!", 4), "…");
        assert_eq!(cut("", 0), "");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_part_is_too_long(
            texts in proptest::collection::vec("[*`\\\\<a漢😀 \n。]{0,300}", 0..8),
            longest in 20_usize..200,
        ) {
            let mut text = Text::default();
            for (index, piece) in texts.iter().enumerate() {
                let piece = piece.trim_matches('\n');
                text.block(if index % 2 == 0 { escape(piece) } else { code(piece) });
            }
            let parts = text.parts(longest);
            for part in &parts {
                proptest::prop_assert!(part.chars().count() <= longest, "{part}");
                proptest::prop_assert_eq!(part.matches(FENCE).count() % 2, 0, "{}", part);
            }
            let ink = |text: &str| -> Vec<char> {
                let is_ink = |c: &char| !matches!(c, ' ' | '\n' | '\\' | '`' | '\u{200b}');
                text.chars().filter(is_ink).collect()
            };
            proptest::prop_assert_eq!(ink(&parts.concat()), ink(&texts.concat()));
        }
    }
}
