//! Answers as blocks and spans, for channels that show neither HTML nor CommonMark.
//!
//! Input: CommonMark. Output: a tree of blocks and spans.
//!
//! Invariant: the tree holds the same text, cells and links as the HTML of the same [`Markdown`].

use pulldown_cmark::{Event, Tag};

use super::addresses;
use super::markdown::{Markdown, link_url, refuse};

/// A part of an answer on lines of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Span>),
    /// A heading of any level.
    Heading(Vec<Span>),
    /// A list; `first` is its first number, if it is numbered.
    List {
        /// The first number.
        first: Option<u64>,
        /// The items.
        items: Vec<Vec<Block>>,
    },
    /// A table. Each row has as many cells as the head.
    Table {
        /// The cells of the head.
        head: Vec<Vec<Span>>,
        /// The rows under it.
        rows: Vec<Vec<Vec<Span>>>,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// Text that is shown verbatim.
    Code(String),
}

/// A piece of running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Plain text.
    Text(String),
    /// Text that is shown verbatim.
    Code(String),
    /// The end of a line.
    Break,
    /// Strong text.
    Strong(Vec<Span>),
    /// Emphasised text.
    Emphasis(Vec<Span>),
    /// A link.
    Link {
        /// The address.
        url: String,
        /// The text of the link.
        label: Vec<Span>,
    },
}

impl Markdown {
    /// Parses the answer into blocks; takes some microseconds.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        blocks(&mut addresses::events(&self.source))
    }
}

/// Reads blocks up to the end of their parent.
fn blocks<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> Vec<Block> {
    let mut read = Vec::new();
    // The items of a tight list hold text without a paragraph around it.
    let mut loose = Vec::new();
    while let Some(event) = events.next() {
        let block = match event {
            Event::End(_) => break,
            Event::Start(Tag::Paragraph) => Some(Block::Paragraph(spans(events))),
            Event::Start(Tag::Heading { .. }) => Some(Block::Heading(spans(events))),
            Event::Start(Tag::BlockQuote(_)) => Some(Block::Quote(blocks(events))),
            Event::Start(Tag::CodeBlock(_)) => Some(Block::Code(plain(&spans(events)))),
            Event::Start(Tag::List(first)) => {
                let mut items = Vec::new();
                while let Some(Event::Start(Tag::Item)) = events.next() {
                    items.push(blocks(events));
                }
                Some(Block::List { first, items })
            }
            Event::Start(Tag::Table(_)) => Some(table(events)),
            Event::Start(Tag::HtmlBlock) => {
                blocks(events);
                None
            }
            inline => {
                span(inline, events, &mut loose);
                continue;
            }
        };
        flush(&mut loose, &mut read);
        read.extend(block);
    }
    flush(&mut loose, &mut read);
    read
}

fn flush(loose: &mut Vec<Span>, read: &mut Vec<Block>) {
    if !loose.is_empty() {
        read.push(Block::Paragraph(std::mem::take(loose)));
    }
}

/// Reads the rows of a table; the head is the first.
fn table<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> Block {
    let mut rows = Vec::new();
    while let Some(Event::Start(Tag::TableHead | Tag::TableRow)) = events.next() {
        let mut cells = Vec::new();
        while let Some(Event::Start(Tag::TableCell)) = events.next() {
            cells.push(spans(events));
        }
        rows.push(cells);
    }
    let rest = rows.split_off(rows.len().min(1));
    Block::Table {
        head: rows.pop().unwrap_or_default(),
        rows: rest,
    }
}

/// Reads running text up to the end of its parent.
fn spans<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> Vec<Span> {
    let mut read = Vec::new();
    while let Some(event) = events.next() {
        if matches!(event, Event::End(_)) {
            break;
        }
        span(event, events, &mut read);
    }
    read
}

fn span<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>, into: &mut Vec<Span>) {
    // A trait object, since the recursion would otherwise instantiate infinitely many types.
    let events: &mut dyn Iterator<Item = Event<'a>> = events;
    let mut events = events;
    match event {
        Event::Text(text) => into.push(Span::Text(text.into_string())),
        Event::Code(text) => into.push(Span::Code(text.into_string())),
        Event::SoftBreak | Event::HardBreak => into.push(Span::Break),
        Event::Start(Tag::Strong) => into.push(Span::Strong(spans(&mut events))),
        Event::Start(Tag::Emphasis) => into.push(Span::Emphasis(spans(&mut events))),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            ..
        }) => {
            let label = spans(&mut events);
            if refuse(link_type, &dest_url).is_some() {
                into.extend(label);
                return;
            }
            let url = link_url(link_type, &dest_url);
            into.push(Span::Link { url, label });
        }
        Event::Start(_) => into.extend(spans(&mut events)),
        _ => {}
    }
}

/// Returns the text of spans alone.
#[must_use]
pub fn plain(spans: &[Span]) -> String {
    let parts = spans.iter().map(|span| match span {
        Span::Text(text) | Span::Code(text) => text.clone(),
        Span::Break => "\n".to_owned(),
        Span::Strong(inner) | Span::Emphasis(inner) | Span::Link { label: inner, .. } => {
            plain(inner)
        }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Span {
        Span::Text(text.to_owned())
    }

    fn parse(source: &str) -> Vec<Block> {
        Markdown::parse(source).0.blocks()
    }

    #[test]
    fn lists_tables_and_links_keep_their_form() {
        let list = parse("3. a\n4. **b**\n   - c");
        let inner = Block::List {
            first: None,
            items: vec![vec![Block::Paragraph(vec![text("c")])]],
        };
        let second = Block::Paragraph(vec![Span::Strong(vec![text("b")])]);
        let items = vec![vec![Block::Paragraph(vec![text("a")])], vec![second, inner]];
        let first = Some(3);
        assert_eq!(list, [Block::List { first, items }]);

        let table = parse("| | x |\n|---|---|\n| a | <t@example.jp> |");
        let mail = Span::Link {
            url: "mailto:t@example.jp".to_owned(),
            label: vec![text("t@example.jp")],
        };
        let head = vec![vec![], vec![text("x")]];
        let rows = vec![vec![vec![text("a")], vec![mail]]];
        assert_eq!(table, [Block::Table { head, rows }]);
    }

    #[test]
    fn html_images_and_unsafe_links_are_refused() {
        let blocks = parse("<b>x</b>\n\n[a](javascript:alert(1)) ![i](https://a.example/i)");
        let spans = blocks.iter().flat_map(|block| match block {
            Block::Paragraph(spans) => spans.clone(),
            other => Vec::from([text(&format!("{other:?}"))]),
        });
        assert_eq!(plain(&spans.collect::<Vec<_>>()), "xa i");
    }
}
