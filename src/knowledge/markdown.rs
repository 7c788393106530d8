//! Answers as CommonMark: checked once when loaded, rendered once to HTML and plain text.
//!
//! Only paragraphs, emphasis, links, lists, tables, headings and line breaks are supported. Raw HTML
//! and links to anything but `https:`, `http:`, `mailto:` and `tel:` are flaws and are never
//! rendered, so the HTML is safe in any page.

use pulldown_cmark::{
    Alignment, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html,
};

use super::addresses;

/// An answer's text in its three forms, and the links in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markdown {
    /// The CommonMark source.
    pub source: String,
    /// As HTML that is safe in any page.
    pub html: String,
    /// As plain text; a table is a line per row, its cells separated by ` | `.
    pub text: String,
    /// The links, in order, each address once.
    pub links: Vec<Link>,
}

/// A link in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The text of the link; the address itself for a bare address.
    pub label: String,
    /// The address.
    pub url: String,
}

/// Something in an answer that cannot be shown as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Raw HTML.
    RawHtml(String),
    /// A link without a destination, such as `#`.
    DeadLink(String),
    /// A link with a scheme that is not allowed.
    UnsafeLink(String),
    /// An image, which not every channel can show.
    Image(String),
}

impl Markdown {
    /// Renders CommonMark and lists the parts that cannot be shown as written.
    #[must_use]
    pub fn parse(source: &str) -> (Self, Vec<Flaw>) {
        let mut flaws = Vec::new();
        let mut events = Vec::new();
        // A link that is refused loses its tags and keeps its text.
        let mut refused_links = 0_usize;
        for event in addresses::events(source) {
            match event {
                Event::Html(raw) | Event::InlineHtml(raw) => {
                    flaws.push(Flaw::RawHtml(raw.trim().to_owned()));
                }
                Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => {}
                Event::Start(Tag::Image { dest_url, .. }) => {
                    flaws.push(Flaw::Image(dest_url.to_string()));
                }
                Event::Start(Tag::Link {
                    link_type,
                    ref dest_url,
                    ..
                }) => match refuse(link_type, dest_url) {
                    Some(flaw) => {
                        flaws.push(flaw);
                        refused_links += 1;
                    }
                    None => events.push(event),
                },
                Event::End(TagEnd::Link) if refused_links > 0 => refused_links -= 1,
                // Alignment would become `style`, which pages that forbid inline style refuse.
                Event::Start(Tag::Table(columns)) => {
                    let unaligned = vec![Alignment::None; columns.len()];
                    events.push(Event::Start(Tag::Table(unaligned)));
                }
                // A line break of a cell or of a text file is one on every page.
                Event::SoftBreak => events.push(Event::HardBreak),
                other => events.push(other),
            }
        }
        lower_headings(&mut events);
        let links = collect_links(&events);
        let text = plain_text(&events);
        let mut rendered = String::new();
        html::push_html(&mut rendered, events.into_iter());
        // An empty corner of a table is not a heading, and headings name their scope. Text cannot
        // contain these tags, as its `<` is escaped.
        let rendered = rendered
            .replace("<th></th>", "<td></td>")
            .replace("<th>", "<th scope=\"col\">");
        let markdown = Self {
            source: source.trim().to_owned(),
            html: rendered.trim().to_owned(),
            text,
            links,
        };
        (markdown, flaws)
    }

    /// Counts the parts of an answer that cannot be shown as written.
    pub(crate) fn flaws(source: &str) -> usize {
        Self::parse(source).1.len()
    }

    /// Renders a document of someone else to HTML, raw HTML included; only to be read, never shown.
    pub(crate) fn to_unchecked_html(source: &str) -> String {
        let events = Parser::new_ext(source, Options::ENABLE_TABLES).map(|event| match event {
            Event::SoftBreak => Event::HardBreak,
            other => other,
        });
        let mut rendered = String::new();
        html::push_html(&mut rendered, events);
        rendered
    }

    /// Returns the source with its headings below a level, for a document that contains it.
    pub(crate) fn below_heading(&self, level: usize) -> String {
        let source = self.source.as_str();
        let mut below = String::new();
        let mut end = 0;
        let events = Parser::new_ext(source, Options::ENABLE_TABLES).into_offset_iter();
        for (event, range) in events {
            let Event::Start(Tag::Heading { level: own, .. }) = event else {
                continue;
            };
            let own = own as usize;
            if own > level {
                continue;
            }
            let text = source.get(range.clone()).unwrap_or_default();
            // The line under a setext heading has no text.
            let text = text
                .lines()
                .filter(|line| !line.chars().all(|c| "=- ".contains(c)));
            let text = text.collect::<Vec<_>>().join(" ");
            let text = text.trim_start_matches('#').trim();
            below.push_str(source.get(end..range.start).unwrap_or_default());
            below.push_str(&format!("{} {text}\n", "#".repeat(level + 1)));
            end = range.end;
        }
        below.push_str(source.get(end..).unwrap_or_default());
        below.trim_end().to_owned()
    }
}

/// Returns the address of a link; a bare e-mail address has no scheme in CommonMark.
pub(super) fn link_url(link_type: LinkType, address: &str) -> String {
    let scheme = if link_type == LinkType::Email {
        "mailto:"
    } else {
        ""
    };
    format!("{scheme}{address}")
}

/// Returns the flaw of a link's address, if it has one.
pub(super) fn refuse(link_type: LinkType, url: &CowStr<'_>) -> Option<Flaw> {
    if link_type == LinkType::Email {
        return None;
    }
    if url.is_empty() || url.starts_with('#') {
        return Some(Flaw::DeadLink(url.to_string()));
    }
    let allowed = ["https://", "http://", "mailto:", "tel:"];
    let lower = url.to_ascii_lowercase();
    (!allowed.iter().any(|scheme| lower.starts_with(scheme)))
        .then(|| Flaw::UnsafeLink(url.to_string()))
}

/// Lowers the headings by one level if the highest is one of the first level, which is that of the
/// question on every page.
fn lower_headings(events: &mut [Event<'_>]) {
    let is_highest = |event: &Event<'_>| {
        matches!(
            event,
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            })
        )
    };
    if !events.iter().any(is_highest) {
        return;
    }
    for event in events {
        if let Event::Start(Tag::Heading { level, .. }) | Event::End(TagEnd::Heading(level)) = event
        {
            *level = HeadingLevel::try_from(*level as usize + 1).unwrap_or(HeadingLevel::H6);
        }
    }
}

fn collect_links(events: &[Event<'_>]) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let mut open: Option<Link> = None;
    for event in events {
        match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                ..
            }) => {
                open = Some(Link {
                    label: String::new(),
                    url: link_url(*link_type, dest_url),
                });
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(link) = &mut open {
                    link.label.push_str(text);
                }
            }
            Event::End(TagEnd::Link) => {
                if let Some(link) = open.take()
                    && !links.iter().any(|known| known.url == link.url)
                {
                    links.push(link);
                }
            }
            _ => {}
        }
    }
    links
}

/// Writes the events as plain text: blank lines between blocks, `・` before list items, one line
/// per table row, the address after the text of a link.
fn plain_text(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    let mut link: Option<(usize, String)> = None;
    let mut list_numbers: Vec<Option<u64>> = Vec::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push('\n'),
            Event::Start(Tag::List(start)) => list_numbers.push(*start),
            Event::Start(Tag::Item) => match list_numbers.last_mut() {
                Some(Some(number)) => {
                    text.push_str(&format!("{number}. "));
                    *number += 1;
                }
                _ => text.push('・'),
            },
            Event::Start(Tag::Link { dest_url, .. }) => {
                link = Some((text.len(), dest_url.to_string()));
            }
            Event::End(TagEnd::Link) => {
                if let Some((start, url)) = link.take()
                    && text.get(start..) != Some(url.as_str())
                {
                    text.push_str(&format!(" ({url})"));
                }
            }
            Event::End(TagEnd::TableCell) => text.push_str(" | "),
            Event::End(TagEnd::TableRow | TagEnd::TableHead) => {
                text.truncate(text.trim_end_matches([' ', '|']).len());
                text.push('\n');
            }
            Event::End(TagEnd::Item) => end_line(&mut text),
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_)) if list_numbers.is_empty() => {
                text.push_str("\n\n");
            }
            Event::End(TagEnd::Table) => text.push('\n'),
            Event::End(TagEnd::List(_)) => {
                list_numbers.pop();
                end_line(&mut text);
                if list_numbers.is_empty() {
                    text.push('\n');
                }
            }
            _ => {}
        }
    }
    text.trim_end().to_owned()
}

fn end_line(text: &mut String) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_address_becomes_a_link_and_stays_in_plain_text() {
        let (markdown, flaws) = Markdown::parse("下記 URL から\n\n<https://selasjapan.jp/paid>");
        assert!(flaws.is_empty());
        assert_eq!(markdown.links[0].url, "https://selasjapan.jp/paid");
        assert_eq!(markdown.text, "下記 URL から\n\nhttps://selasjapan.jp/paid");
        assert!(
            markdown
                .html
                .contains("href=\"https://selasjapan.jp/paid\"")
        );
    }

    #[test]
    fn an_address_without_brackets_is_a_link_too() {
        let (markdown, flaws) = Markdown::parse("https://a.example/bへ\ninfo@a.exampleまで");
        assert!(flaws.is_empty());
        let links = markdown.links.iter().map(|link| link.url.as_str());
        assert!(links.eq(["https://a.example/b", "mailto:info@a.example"]));
        assert_eq!(markdown.text, "https://a.example/bへ\ninfo@a.exampleまで");
        let html = "<p><a href=\"https://a.example/b\">https://a.example/b</a>へ<br />\n\
                    <a href=\"mailto:info@a.example\">info@a.example</a>まで</p>";
        assert_eq!(markdown.html, html);
    }

    #[test]
    fn the_highest_heading_is_below_that_of_the_question() {
        for (source, html) in [
            ("# a\n## b", "<h2>a</h2>\n<h3>b</h3>"),
            ("## a\n### b", "<h2>a</h2>\n<h3>b</h3>"),
            ("a\n===\n###### b", "<h2>a</h2>\n<h6>b</h6>"),
        ] {
            assert_eq!(Markdown::parse(source).0.html, html);
        }
    }

    #[test]
    fn a_table_keeps_every_cell_in_plain_text() {
        let (markdown, _) = Markdown::parse("| a | b |\n|---|---|\n| ✓ | |\n| c | d |");
        assert_eq!(markdown.text, "a | b\n✓\nc | d");
        assert!(markdown.html.contains("<table>"));
    }

    #[test]
    fn a_table_has_no_style_and_its_empty_corner_is_no_heading() {
        let (markdown, _) = Markdown::parse("| | b |\n|:-:|--:|\n| c | &lt;th>&lt;/th> |");
        assert!(!markdown.html.contains("style"), "{}", markdown.html);
        assert!(
            markdown.html.contains("<td></td><th scope=\"col\">b</th>"),
            "{}",
            markdown.html
        );
        assert_eq!(markdown.html.matches("<td></td>").count(), 1);
    }

    #[test]
    fn raw_html_and_unsafe_links_are_removed() {
        let source = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](#) 1 < 2";
        let (markdown, flaws) = Markdown::parse(source);
        assert_eq!(flaws.len(), 3, "{flaws:?}");
        assert!(!markdown.html.contains("<img"), "{}", markdown.html);
        assert!(!markdown.html.contains("javascript"), "{}", markdown.html);
        assert!(markdown.html.contains("1 &lt; 2"));
    }

    #[test]
    fn lists_are_numbered_as_written() {
        let (markdown, _) = Markdown::parse("3. a\n4. b\n\n- c");
        assert_eq!(markdown.text, "3. a\n4. b\n\n・c");
    }
}
