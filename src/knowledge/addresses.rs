//! Finds bare web and e-mail addresses in an answer, which become links on every channel.
//!
//! Input: the events of CommonMark. Output: the same with a link around each address outside of links
//! and code. An address ends before the first character that is not ASCII, since Japanese text follows
//! it without a blank: `https://example.jp/faqをご覧ください`, `（info@example.jp）`.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream};

/// Parses CommonMark into events, with links around bare addresses.
pub(super) fn events(source: &str) -> impl Iterator<Item = Event<'_>> {
    let parser = Parser::new_ext(source, Options::ENABLE_TABLES);
    let mut closed = 0_usize;
    // The parser splits a text at each character that might be markup.
    TextMergeStream::new(parser).flat_map(move |event| {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => closed += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => closed = closed.saturating_sub(1),
            Event::Text(text) if closed == 0 => return with_links(text),
            _ => {}
        }
        vec![event]
    })
}

/// Splits a text into text and links.
fn with_links<'a>(text: &str) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    let mut end = 0;
    let plain = |range: Range<usize>| {
        let part = text.get(range).filter(|part| !part.is_empty());
        part.map(|part| Event::Text(part.to_owned().into()))
    };
    while let Some((link_type, address)) = next_address(text, end) {
        events.extend(plain(end..address.start));
        end = address.end;
        let url = text[address].to_owned();
        events.push(Event::Start(Tag::Link {
            link_type,
            dest_url: url.clone().into(),
            title: "".into(),
            id: "".into(),
        }));
        events.push(Event::Text(url.into()));
        events.push(Event::End(TagEnd::Link));
    }
    events.extend(plain(end..text.len()));
    events
}

/// Returns the kind and the range of the first address after a position.
fn next_address(text: &str, from: usize) -> Option<(LinkType, Range<usize>)> {
    let web = find_all(text, from, &["https://", "http://"], web_address);
    let mail = find_all(text, from, &["@"], mail_address);
    match (web, mail) {
        // The address of a page may contain an `@`.
        (Some(web), Some(mail)) if mail.start < web.start => Some((LinkType::Email, mail)),
        (Some(web), _) => Some((LinkType::Autolink, web)),
        (None, Some(mail)) => Some((LinkType::Email, mail)),
        (None, None) => None,
    }
}

/// Returns the first address at one of the marks after a position.
fn find_all(
    text: &str,
    from: usize,
    marks: &[&str],
    address: impl Fn(&str, usize, usize) -> Option<Range<usize>>,
) -> Option<Range<usize>> {
    let found = marks.iter().filter_map(|mark| {
        let rest = text.get(from..)?;
        let mut places = rest.match_indices(mark);
        places.find_map(|(at, _)| address(text, from, from + at))
    });
    found.min_by_key(|range| range.start)
}

/// Reads a web address that starts at a position.
fn web_address(text: &str, from: usize, start: usize) -> Option<Range<usize>> {
    let before = text[from..start].chars().next_back();
    if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let is_part = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '`');
    let rest = &text[start..];
    let rest = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
    let rest = without_closing(rest);
    let host = rest.split_once("://").map_or("", |(_, host)| host);
    host.starts_with(|c: char| c.is_ascii_alphanumeric())
        .then(|| start..start + rest.len())
}

/// Removes the characters at the end of an address that belong to the sentence around it: a full stop,
/// and a bracket that is not opened in the address.
fn without_closing(mut address: &str) -> &str {
    loop {
        let Some(last) = address.chars().next_back() else {
            return address;
        };
        let count = |character| address.matches(character).count();
        let is_of_sentence = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '|' => true,
            ')' => count(')') > count('('),
            ']' => count(']') > count('['),
            '}' => count('}') > count('{'),
            _ => false,
        };
        if !is_of_sentence {
            return address;
        }
        address = &address[..address.len() - 1];
    }
}

/// Reads the e-mail address around an `@`.
fn mail_address(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let before = &text[from..at];
    let local = before.trim_end_matches(is_local);
    let start = from + local.len();
    // `/` before it: a path such as `example.jp/@name`.
    let is_path = local.ends_with(['/', '@']);
    let name = text[start..at].trim_start_matches('.');
    let after = &text[at + 1..];
    let host = &after[..after.find(|c| !is_host(c)).unwrap_or(after.len())];
    let host = host.trim_end_matches(['.', '-']);
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let is_domain = top.len() >= 2
        && top.chars().all(|c| c.is_ascii_alphabetic())
        && labels.clone().count() >= 1
        && labels.all(|label| !label.is_empty() && !label.starts_with('-'));
    let is_address = !is_path && !name.is_empty() && is_domain;
    is_address.then(|| at - name.len()..at + 1 + host.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the addresses in a text, joined.
    fn addresses(text: &str) -> String {
        let links = events(text).filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        });
        links.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn bare_addresses_are_found_without_the_sentence_around_them() {
        for (text, expected) in [
            (
                "https://a.example/faqをご覧ください",
                "https://a.example/faq",
            ),
            (
                "（http://a.example/x_y/?a=b&c=d#e）。",
                "http://a.example/x_y/?a=b&c=d#e",
            ),
            ("See https://a.example/b.", "https://a.example/b"),
            ("(see https://a.example/b)", "https://a.example/b"),
            ("https://a.example/b_(c)", "https://a.example/b_(c)"),
            ("メールはinfo@a.exampleへ", "info@a.example"),
            (
                "a.b+c@mail.a.example, d@e.jp",
                "a.b+c@mail.a.example d@e.jp",
            ),
            (
                "https://a.example/@b と c@d.jp",
                "https://a.example/@b c@d.jp",
            ),
            ("<https://a.example>", "https://a.example"),
            (
                "[窓口](https://a.example/https://b.example)",
                "https://a.example/https://b.example",
            ),
            ("https://", ""),
            ("xhttps://a.example", ""),
            ("a@b", ""),
            ("@a.jp", ""),
            ("a@b.1", ""),
            ("`https://a.example`", ""),
            ("ＵＲＬはhttps：//a.example", ""),
        ] {
            assert_eq!(addresses(text), expected, "{text}");
        }
    }

    #[test]
    fn the_text_stays_the_same() {
        for text in [
            "a https://b.example c d@e.jp。",
            "https://b.example",
            "a_b & c",
            "5 < 6 @ 7",
        ] {
            let parts = events(text).filter_map(|event| match event {
                Event::Text(text) => Some(text.into_string()),
                _ => None,
            });
            assert_eq!(parts.collect::<String>(), text);
        }
    }
}
