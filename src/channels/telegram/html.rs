//! Builds HTML in Telegram's subset, and cuts it into messages.
//!
//! Invariants: a part is well-formed, has at most [`MAX_MESSAGE_UNITS`] UTF-16 units of text and not
//! more tags than Telegram shows; the parts together contain all the text.

use crate::channels::bot::split;

/// Length limit of a message: UTF-16 units of its text without tags.
pub(super) const MAX_MESSAGE_UNITS: usize = 4_096;

/// Maximum number of tags that begin in a message. Telegram shows 100; some continue from the
/// previous part.
const MAX_TAGS: usize = 90;

/// A format of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tag {
    Bold,
    Italic,
    Code,
    Preformatted,
    Quote,
    /// A link to an address that begins with `http:` or `https:`.
    Link(String),
}

#[derive(Debug, Clone)]
enum Piece {
    Open(Tag),
    Close,
    Text(String),
}

/// A formatted text of any length.
#[derive(Debug, Clone, Default)]
pub(super) struct Html {
    pieces: Vec<Piece>,
    plain: String,
    is_quoting: bool,
}

impl Html {
    /// Adds plain text.
    pub(super) fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.plain.push_str(text);
            self.pieces.push(Piece::Text(text.to_owned()));
        }
    }

    /// Adds a tag with the content that `inside` adds. Telegram rejects nested quotations, so an
    /// inner quotation is plain text.
    pub(super) fn within(&mut self, tag: Tag, inside: impl FnOnce(&mut Self)) {
        let is_quote = tag == Tag::Quote;
        if is_quote && self.is_quoting {
            return inside(self);
        }
        self.is_quoting |= is_quote;
        self.pieces.push(Piece::Open(tag));
        inside(self);
        self.pieces.push(Piece::Close);
        self.is_quoting &= !is_quote;
    }

    /// Adds text in a tag.
    pub(super) fn tagged(&mut self, tag: Tag, text: &str) {
        self.within(tag, |html| html.text(text));
    }

    /// Ends the line, unless it is empty.
    pub(super) fn end_line(&mut self) {
        if !self.plain.is_empty() && !self.plain.ends_with('\n') {
            self.text("\n");
        }
    }

    /// Adds an empty line, except at the beginning.
    pub(super) fn gap(&mut self) {
        self.end_line();
        if !self.plain.is_empty() && !self.plain.ends_with("\n\n") {
            self.text("\n");
        }
    }

    /// Returns the HTML of each message.
    pub(super) fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut start = skip_whitespace(&self.plain, 0);
        let whole = self.plain.trim_end().len();
        while start < whole {
            let end = self.end_of_part(start, whole);
            parts.push(self.write(start, end));
            start = skip_whitespace(&self.plain, end);
        }
        parts
    }

    /// Returns the end of the part that begins at `start`: the length limit or the tag limit, moved
    /// back to a boundary of the text.
    fn end_of_part(&self, start: usize, whole: usize) -> usize {
        let rest = &self.plain[start..whole];
        let mut full = start + split::fitting(rest, MAX_MESSAGE_UNITS, char::len_utf16);
        if let Some(tag) = self.start_of_tag(start, full, MAX_TAGS) {
            full = tag;
        }
        start + split::boundary(rest, full - start)
    }

    /// Returns the position of the first tag above the limit.
    fn start_of_tag(&self, start: usize, end: usize, limit: usize) -> Option<usize> {
        let mut at = 0;
        let mut count = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => at += text.len(),
                Piece::Open(_) if at >= start && at < end => {
                    count += 1;
                    if count > limit && at > start {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Writes the text between two positions, with the tags around it.
    fn write(&self, start: usize, end: usize) -> String {
        let mut written = String::new();
        let mut open: Vec<&Tag> = Vec::new();
        let mut begun = 0;
        let mut at = 0;
        let end = start + self.plain[start..end].trim_end().len();
        for piece in &self.pieces {
            match piece {
                Piece::Open(tag) => open.push(tag),
                Piece::Close => {
                    if begun == open.len() {
                        close(open.last(), &mut written);
                        begun -= 1;
                    }
                    open.pop();
                }
                Piece::Text(text) => {
                    let from = start.clamp(at, at + text.len()) - at;
                    let to = end.clamp(at, at + text.len()) - at;
                    at += text.len();
                    if from < to {
                        open[begun..]
                            .iter()
                            .for_each(|tag| begin(tag, &mut written));
                        begun = open.len();
                        escape(&text[from..to], &mut written);
                    }
                }
            }
        }
        written
    }
}

fn skip_whitespace(text: &str, from: usize) -> usize {
    text.len() - text[from..].trim_start_matches([' ', '\n']).len()
}

fn begin(tag: &Tag, into: &mut String) {
    match tag {
        Tag::Link(url) => {
            into.push_str("<a href=\"");
            escape(url, into);
            into.push_str("\">");
        }
        other => {
            into.push('<');
            into.push_str(name(other));
            into.push('>');
        }
    }
}

fn close(tag: Option<&&Tag>, into: &mut String) {
    if let Some(tag) = tag {
        into.push_str("</");
        into.push_str(name(tag));
        into.push('>');
    }
}

fn name(tag: &Tag) -> &'static str {
    match tag {
        Tag::Bold => "b",
        Tag::Italic => "i",
        Tag::Code => "code",
        Tag::Preformatted => "pre",
        Tag::Quote => "blockquote",
        Tag::Link(_) => "a",
    }
}

fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '&' => into.push_str("&amp;"),
            '"' => into.push_str("&quot;"),
            other => into.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(part: &str) -> String {
        let mut text = String::new();
        for (index, piece) in part.split('<').enumerate() {
            let shown = if index == 0 {
                Some(piece)
            } else {
                piece.split_once('>').map(|(_, t)| t)
            };
            text.push_str(shown.expect("a tag that ends"));
        }
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    }

    #[test]
    fn markup_is_escaped_and_nested() {
        let mut html = Html::default();
        html.gap();
        html.within(Tag::Bold, |html| {
            html.text("1 < 2 & ");
            html.tagged(Tag::Link("https://a.example/?a=1&b=\"".to_owned()), "x");
        });
        html.gap();
        let expected =
            "<b>1 &lt; 2 &amp; <a href=\"https://a.example/?a=1&amp;b=&quot;\">x</a></b>";
        assert_eq!(html.parts(), [expected]);
        assert!(Html::default().parts().is_empty());
    }

    #[test]
    fn a_cut_prefers_the_end_of_a_paragraph() {
        let mut html = Html::default();
        html.within(Tag::Bold, |html| {
            html.text(&"あ".repeat(3_000));
            html.text("\n\n");
            html.text(&"い".repeat(3_000));
        });
        let parts = html.parts();
        assert_eq!(parts[0], format!("<b>{}</b>", "あ".repeat(3_000)));
        assert_eq!(parts[1], format!("<b>{}</b>", "い".repeat(3_000)));
    }

    #[test]
    fn no_part_has_too_many_tags() {
        let mut html = Html::default();
        for number in 0..250 {
            html.tagged(Tag::Bold, &number.to_string());
            html.text(" ");
        }
        let parts = html.parts();
        assert!(
            parts
                .iter()
                .all(|part| part.matches("<b>").count() <= MAX_TAGS)
        );
        let tags: usize = parts.iter().map(|part| part.matches("<b>").count()).sum();
        assert_eq!(tags, 250);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_part_is_too_long(
            texts in proptest::collection::vec("[<&a漢😀 \n。\"]{0,1500}", 0..12),
        ) {
            let mut html = Html::default();
            for (index, text) in texts.iter().enumerate() {
                match index % 3 {
                    0 => html.text(text),
                    1 => html.tagged(Tag::Preformatted, text),
                    _ => html.within(Tag::Bold, |html| html.tagged(Tag::Italic, text)),
                }
            }
            let parts = html.parts();
            for part in &parts {
                proptest::prop_assert!(!part.is_empty());
                let units = text_of(part).encode_utf16().count();
                proptest::prop_assert!((1..=MAX_MESSAGE_UNITS).contains(&units), "{}", units);
            }
            let shown: String = parts.iter().map(|part| text_of(part)).collect();
            let is_ink = |c: &char| !matches!(c, ' ' | '\n');
            let before: String = texts.concat().chars().filter(is_ink).collect();
            let after: String = shown.chars().filter(is_ink).collect();
            proptest::prop_assert_eq!(after, before);
        }
    }
}
