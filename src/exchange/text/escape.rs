//! Escapes plain text so that Markdown shows it as written, and makes links of its addresses.
//!
//! Invariant: text without backslashes that Markdown would not change stays readable; only
//! characters that would act as markup get a backslash.

/// Escapes a text of several lines.
pub(crate) fn escape(text: &str) -> String {
    let lines = text.split('\n').map(escape_line);
    lines.collect::<Vec<_>>().join("\n")
}

fn escape_line(line: &str) -> String {
    escape_start(&escape_running(line, None))
}

/// Escapes the label of a link.
pub(crate) fn escape_label(label: &str) -> String {
    escape_inline(label, None, true)
}

/// Escapes text within a line, and makes links of its addresses; `previous` is the character before.
pub(crate) fn escape_running(text: &str, previous: Option<char>) -> String {
    let mut escaped = String::new();
    let mut rest = text;
    while let Some((before, address, after)) = find_address(rest) {
        let last = escaped.chars().next_back().or(previous);
        escaped.push_str(&escape_inline(before, last, false));
        escaped.push_str(&format!("<{address}>"));
        rest = after;
    }
    let last = escaped.chars().next_back().or(previous);
    escaped.push_str(&escape_inline(rest, last, false));
    escaped
}

/// Escapes the signs that would start a block at the beginning of a line.
pub(crate) fn escape_start(line: &str) -> String {
    let is_only = |signs: &str| !line.is_empty() && line.chars().all(|c| signs.contains(c));
    let is_item = |rest: &str| rest.is_empty() || rest.starts_with(' ');
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let after_digits = line.get(digits..).unwrap_or_default();
    if digits > 0
        && after_digits.starts_with(['.', ')'])
        && is_item(after_digits.get(1..).unwrap_or_default())
    {
        let (number, rest) = line.split_at(digits);
        return format!("{number}\\{rest}");
    }
    let mut characters = line.chars();
    let first = characters.next();
    let rest = characters.as_str();
    let is_block = match first {
        Some('#') => is_item(line.trim_start_matches('#')),
        Some('>') => true,
        Some('-' | '+') => is_item(rest) || is_only("- :|"),
        Some('=') => is_only("= "),
        Some('~') => rest.starts_with("~~"),
        // The second line of a table.
        Some(':' | '|') => is_only("-:| "),
        _ => false,
    };
    let mark = if is_block { "\\" } else { "" };
    format!("{mark}{line}")
}

/// Escapes the signs that act within a line; `previous` is the character before the text.
fn escape_inline(text: &str, mut previous: Option<char>, is_label: bool) -> String {
    let has_link = ["](", "][", "]:"].iter().any(|sign| text.contains(sign));
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let after = rest.as_str();
        let next = after.chars().next();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_markup = match character {
            '\\' => next.is_none_or(|c| c.is_ascii_punctuation()),
            '`' => true,
            '*' => !(is_blank(previous) && is_blank(next) && previous.is_some()),
            '_' => !(is_word(previous) && is_word(next)),
            '[' => has_link || is_label,
            ']' => is_label,
            '<' => next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')),
            '&' => is_entity(after),
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(character);
        previous = Some(character);
    }
    escaped
}

/// Returns whether the text after `&` makes it a character reference such as `&amp;`.
fn is_entity(after: &str) -> bool {
    let end = after.find(';');
    end.and_then(|end| after.get(..end)).is_some_and(|name| {
        let name = name.strip_prefix('#').unwrap_or(name);
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// Finds a web or e-mail address: the text before it, the address, and the text after it.
fn find_address(text: &str) -> Option<(&str, &str, &str)> {
    let web = ["https://", "http://"];
    let start_of_web = web.iter().filter_map(|scheme| text.find(scheme)).min();
    let mail = find_mail(text);
    let (start, end) = match (start_of_web, mail) {
        (Some(web), Some((start, end))) if start < web => (start, end),
        (Some(start), _) => {
            let rest = text.get(start..)?;
            let length = rest.find(|c: char| !is_address(c)).unwrap_or(rest.len());
            let address = rest.get(..length)?;
            (
                start,
                start + address.trim_end_matches(is_punctuation).len(),
            )
        }
        (None, found) => found?,
    };
    let address = text.get(start..end)?;
    let has_host = web
        .iter()
        .all(|scheme| address != scheme.trim_end_matches('/'));
    has_host.then_some((text.get(..start)?, address, text.get(end..)?))
}

fn is_address(character: char) -> bool {
    character.is_ascii_graphic() && !matches!(character, '<' | '>' | '"' | '`' | '\\' | '|')
}

fn is_punctuation(character: char) -> bool {
    matches!(
        character,
        '.' | ',' | ')' | ']' | '}' | ';' | ':' | '!' | '?' | '\'' | '*' | '_'
    )
}

/// Finds an e-mail address of letters, digits, `.`, `_`, `+` and `-`.
fn find_mail(text: &str) -> Option<(usize, usize)> {
    for (at, _) in text.match_indices('@') {
        let (before, after) = (text.get(..at)?, text.get(at + 1..)?);
        let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let start = before.rfind(|c: char| !is_local(c));
        let start = start.map_or(0, |at| {
            at + before[at..].chars().next().map_or(0, char::len_utf8)
        });
        let length = after.find(|c: char| !is_host(c)).unwrap_or(after.len());
        let host = after.get(..length)?.trim_end_matches(['.', '-']);
        let labels = || host.split('.');
        let is_domain = labels().count() > 1
            && labels()
                .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
        let is_start = before
            .get(start..)?
            .starts_with(|c: char| c.is_ascii_alphanumeric());
        if is_domain && is_start {
            return Some((start, at + 1 + host.len()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::knowledge::Markdown;

    #[track_caller]
    fn check(text: &str) {
        let escaped = escape(text);
        let (markdown, flaws) = Markdown::parse(&escaped);
        assert_eq!(markdown.text, text, "{escaped}");
        assert!(flaws.is_empty(), "{escaped}: {flaws:?}");
    }

    #[test]
    fn text_is_shown_as_written() {
        for text in [
            "5*3*2 と 5 * 3",
            "# 見出しではない\n> 引用ではない\n- 項目ではない\n1. 番号ではない",
            "a_b_c と _d_ と __init__",
            "<b>太字</b> と 1 < 2 と a<b",
            "&amp; と &copy; と A&B",
            "[注](1) と [2]",
            "C:\\Users\\名前 と \\* と \\",
            "表 | ではない\n---|---\n a",
            "見出し\n===\n本文\n---",
            "`code` と ```",
            "~~~\nabc",
            "https://example.jp/a_b?x=1&y=2 をご覧ください。",
            "詳しくは（https://example.jp/guide）へ。",
            "a@example.jp まで。b.c@example.co.jp。",
            "***",
            "+81 と -5 と =1",
            "! [画像](x)",
        ] {
            let text: Vec<&str> = text.lines().map(str::trim).collect();
            check(&text.join("\n"));
        }
    }

    #[test]
    fn text_without_markup_is_unchanged() {
        for text in [
            "会員登録（無料）は #1 です",
            "3,500円/月",
            "a - b",
            "【注意】[1] 参照",
            "50% & 60%",
        ] {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn addresses_become_links() {
        assert_eq!(
            escape("https://a.example/x_y、b@c.example。"),
            "<https://a.example/x_y>、<b@c.example>。"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_shown_as_written(
            lines in prop::collection::vec("([-#>*+_`~=|:!<&\\\\\\[\\]()0-9.a-c @/あ「、 ]|http://|https://|&lt;){0,12}", 0..5)
        ) {
            let text = super::super::clean_block(&lines.join("\n"));
            let escaped = escape(&text);
            let (markdown, flaws) = Markdown::parse(&escaped);
            prop_assert_eq!(&markdown.text, &text, "{}", escaped);
            prop_assert!(flaws.is_empty());
        }
    }
}
