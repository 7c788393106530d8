//! Cuts a message into sentences: at ends of sentences, lines, marks of lists and connectives.
//!
//! Input: the text of a message. Output: [`Piece`]s, which are slices of it in order.

use super::marks::{Mark, marks};
use super::words::{
    CONNECTIVES, FIELD_LABELS, LETTER_LINES, NOT_CONNECTIVES, SALUTATIONS, SUBJECT_LABELS,
    TEXT_LABELS, ends, has,
};

/// Maximum length of a salutation, in characters.
const MAX_SALUTATION_CHARS: usize = 40;

/// Minimum length of a line that may continue in the next one, in characters.
const MIN_WRAPPED_CHARS: usize = 15;

/// Minimum length of a part before a connective inside a sentence, in characters.
const MIN_PART_CHARS: usize = 4;

/// Maximum distance between a bracket and its counterpart, in bytes: 「(笑」 has none.
const MAX_BRACKETED_BYTES: usize = 300;

const BRACKETS: &[(char, char)] = &[
    ('「', '」'),
    ('『', '』'),
    ('（', '）'),
    ('(', ')'),
    ('【', '】'),
    ('［', '］'),
    ('[', ']'),
];

/// Marks of a line of a quoted message.
pub(super) const QUOTE: &[char] = &['>', '＞'];

/// Letters of a rule: a line of signs, such as the one above a signature.
const RULE: &[char] = &[
    '-', '−', '–', '—', '―', '─', '━', '=', '＝', '_', '＿', '*', '＊',
];

/// Minimum length of a rule, in characters: that of the mark of a signature in e-mails, `-- `. A single
/// sign begins an item of a list.
const MIN_RULE_CHARS: usize = 2;

const TERMINATORS: &[char] = &['。', '．', '！', '!', '？', '?'];

/// Characters around sentences that belong to none of them.
const MARGIN: &[char] = &[
    ' ', '\u{3000}', '\t', '\r', '\n', '、', '，', ',', ':', '：',
];

/// A sentence of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// The sentence as written.
    pub(super) text: &'a str,
    /// The sentence without label, connective and mark.
    pub(super) body: &'a str,
    /// The kind of line.
    pub(super) kind: Kind,
    /// Whether it begins with a connective that adds a request, or is an item of a list.
    pub(super) is_additional: bool,
    /// Number of rules before it; there is one above a signature.
    pub(super) rules: usize,
}

/// The kind of a [`Piece`] by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The subject line of a letter.
    Subject,
    /// The addressee, a line that opens or closes a letter, or a line of a quoted message.
    Salutation,
    /// A field of a form: 「会社名：みどり商店」.
    Field,
    /// An item of a numbered or bulleted list.
    Item,
    /// Any other sentence.
    Sentence,
}

/// Cuts a message into sentences.
pub(super) fn cut(text: &str) -> Vec<Piece<'_>> {
    let marks = marks(text);
    let mut pieces = Vec::new();
    let mut rules = 0;
    for (start, end) in boundaries(text, &marks) {
        rules += usize::from(begins_with_rule(&text[start..end]));
        let mark = marks.iter().find(|mark| mark.start == start);
        let body = &text[mark.map_or(start, |mark| mark.end)..end];
        let mut is_item = mark.is_some();
        for part in cut_at_connectives(body) {
            if let Some(piece) = piece(part, is_item) {
                pieces.push(Piece { rules, ..piece });
                is_item = false;
            }
        }
    }
    pieces
}

/// Makes the piece of a part; `None` if it has no letter.
fn piece(part: &str, is_item: bool) -> Option<Piece<'_>> {
    let text = part.trim_matches(MARGIN);
    if !text.contains(char::is_alphanumeric) {
        return None;
    }
    let piece = |body, kind, is_additional| Piece {
        text,
        body,
        kind,
        is_additional,
        rules: 0,
    };
    if let Some(body) = strip_label(text, &SUBJECT_LABELS) {
        return Some(piece(body, Kind::Subject, false));
    }
    if text.starts_with(QUOTE) {
        return Some(piece(text, Kind::Salutation, false));
    }
    if strip_label(text, &FIELD_LABELS).is_some() {
        return Some(piece(text, Kind::Field, false));
    }
    let labelled = strip_label(text, &TEXT_LABELS).unwrap_or(text);
    let after = connective(labelled).map(|length| labelled[length..].trim_matches(MARGIN));
    let after = after.filter(|rest| !rest.is_empty());
    let kind = if is_item {
        Kind::Item
    } else if is_letter_line(labelled) {
        Kind::Salutation
    } else {
        Kind::Sentence
    };
    let is_additional = after.is_some() || is_item;
    Some(piece(after.unwrap_or(labelled), kind, is_additional))
}

/// Returns whether a text begins with a rule: 「-- 」, 「──────」.
fn begins_with_rule(text: &str) -> bool {
    let text = text.trim_start();
    let rule = text.len() - text.trim_start_matches(RULE).len();
    let is_long = text[..rule].chars().nth(MIN_RULE_CHARS - 1).is_some();
    is_long && text[rule..].starts_with(char::is_whitespace)
}

/// Returns the ranges between ends of sentences, line breaks and marks.
fn boundaries(text: &str, marks: &[Mark]) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut closing: Option<usize> = None;
    let mut letters = text.char_indices().peekable();
    let mut cut_at = |start: &mut usize, end: usize| {
        if *start < end {
            ranges.push((*start, end));
        }
        *start = end;
    };
    while let Some((index, letter)) = letters.next() {
        if marks.iter().any(|mark| mark.start == index) {
            cut_at(&mut start, index);
        }
        // The full stop of 「1.」 ends no sentence.
        let is_in_mark = marks
            .iter()
            .any(|mark| mark.start < index && index < mark.end);
        if is_in_mark || closing.is_some_and(|closing| index < closing) {
            continue;
        }
        let after = index + letter.len_utf8();
        let is_first = text[..index].ends_with(char::is_whitespace);
        if is_first
            && (letter == '【' || RULE.contains(&letter) && begins_with_rule(&text[index..]))
        {
            cut_at(&mut start, index);
        }
        if let Some((_, close)) = BRACKETS.iter().find(|(open, _)| *open == letter) {
            let found = text[after..].find(*close).map(|offset| after + offset);
            closing = found.filter(|found| found - index <= MAX_BRACKETED_BYTES);
        } else if letter == '\n' {
            if !is_wrapped(&text[start..index]) {
                cut_at(&mut start, after);
            }
        } else if letter.is_whitespace() {
            if is_line(&text[start..index]) {
                cut_at(&mut start, after);
            }
        } else if TERMINATORS.contains(&letter)
            || letter == '.' && is_english_end(&text[start..index], letters.peek().copied())
        {
            let mut end = after;
            // 「…ですか？？！」, 「…できない。」）
            while let Some((next, more)) = letters.peek().copied() {
                let is_close = BRACKETS.iter().any(|(_, close)| *close == more);
                if !TERMINATORS.contains(&more) && !is_close {
                    break;
                }
                end = next + more.len_utf8();
                letters.next();
            }
            cut_at(&mut start, end);
        }
    }
    cut_at(&mut start, text.len());
    ranges
}

/// Returns whether a line goes on in the next one, as in a letter with lines of equal length.
fn is_wrapped(line: &str) -> bool {
    let line = line.trim_matches([' ', '\u{3000}', '\t', '\r']);
    let particles = ['は', 'が', 'を', 'に', 'の', 'と', 'で', 'も', 'へ', 'や'];
    line.ends_with(['、', '，', ','])
        || (line.chars().count() >= MIN_WRAPPED_CHARS && line.ends_with(particles))
}

/// Returns whether a text before a space is a line of its own, such as a salutation. In other texts
/// spaces are no boundaries: 「ありばば　の　もうしこみ」.
fn is_line(text: &str) -> bool {
    let text = text.trim_matches(MARGIN);
    strip_label(text, &SUBJECT_LABELS).is_some_and(|body| !body.is_empty()) || is_letter_line(text)
}

/// Returns whether a text is a salutation, or opens or closes a letter.
fn is_letter_line(text: &str) -> bool {
    let text = text.trim_matches(MARGIN).trim_end_matches(TERMINATORS);
    has(&LETTER_LINES, text)
        || (text.chars().count() <= MAX_SALUTATION_CHARS && ends(&SALUTATIONS, text))
        || text
            .get(..5)
            .is_some_and(|start| start.eq_ignore_ascii_case("dear "))
}

/// Returns whether a full stop ends an English sentence: after a word, before a space.
fn is_english_end(before: &str, next: Option<(usize, char)>) -> bool {
    let word = before
        .rsplit(|letter: char| !letter.is_ascii_alphanumeric())
        .next();
    next.is_none_or(|(_, next)| next.is_whitespace())
        && word.is_some_and(|word| word.len() >= 3 || word.chars().all(|c| c.is_ascii_digit()))
        && !word.is_some_and(str::is_empty)
}

/// Removes a label from the start of a text: one before a colon, or between 【 and 】.
fn strip_label<'a>(text: &'a str, labels: &[String]) -> Option<&'a str> {
    let bracketed = text
        .strip_prefix('【')
        .and_then(|rest| rest.split_once('】'));
    let (label, body) = bracketed.or_else(|| text.split_once([':', '：']))?;
    let label = label
        .trim()
        .trim_matches(['【', '】', '[', ']', '■', '●', '・', '◆']);
    let label = label.trim();
    let mut known = labels.iter();
    known
        .any(|known| known.eq_ignore_ascii_case(label))
        .then(|| body.trim_matches(MARGIN))
}

/// Returns the length of the connective that a text begins with.
fn connective(text: &str) -> Option<usize> {
    let starts = |word: &&String| {
        let start = text.get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if NOT_CONNECTIVES.iter().any(|word| starts(&word)) {
        return None;
    }
    let found = CONNECTIVES.iter().find(starts)?;
    let next = text[found.len()..].chars().next()?;
    // 「also」 is a whole word.
    let is_word = !found.is_ascii() || !next.is_ascii_alphanumeric();
    is_word.then_some(found.len())
}

/// Cuts a sentence before each connective that follows a comma or a space.
fn cut_at_connectives(sentence: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (index, letter) in sentence.char_indices() {
        let after = index + letter.len_utf8();
        if !matches!(letter, '、' | '，' | ',') && !letter.is_whitespace() {
            continue;
        }
        let rest = sentence[after..].trim_start();
        let is_long = sentence[start..index]
            .chars()
            .nth(MIN_PART_CHARS - 1)
            .is_some();
        if is_long && connective(rest).is_some() {
            parts.push(&sentence[start..index]);
            start = after;
        }
    }
    parts.push(&sentence[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<&str> {
        cut(text).into_iter().map(|piece| piece.body).collect()
    }

    #[test]
    fn a_message_is_cut_at_ends_of_sentences_and_lines() {
        let rows: &[(&str, &[&str])] = &[
            (
                "返却が遅れます。罰金は？",
                &["返却が遅れます。", "罰金は？"],
            ),
            ("予約したい\n取り消しも", &["予約したい", "取り消しも"]),
            (
                "本を借りたいのですが、\n何冊までですか",
                &["本を借りたいのですが、\n何冊までですか"],
            ),
            ("「だめ。」と言われた", &["「だめ。」と言われた"]),
            (
                "3.5 GB まで? Is it free. Thanks",
                &["3.5 GB まで?", "Is it free.", "Thanks"],
            ),
            ("としょかん　の　ほん", &["としょかん　の　ほん"]),
            (
                "図書館　御中　お世話になります。",
                &["図書館　御中", "お世話になります。"],
            ),
            (
                "件名：返却　担当者様　質問です",
                &["返却", "担当者様", "質問です"],
            ),
            (
                "【お名前】山田 【お問い合わせ内容】 返却したい",
                &["【お名前】山田", "返却したい"],
            ),
            ("返却したい。\n-- \n山田", &["返却したい。", "山田"]),
        ];
        for (text, expected) in rows {
            assert_eq!(bodies(text), *expected, "{text}");
        }
    }

    #[test]
    fn marks_of_a_list_and_connectives_begin_a_request() {
        let rows: &[(&str, &[(&str, bool)])] = &[
            ("①貸出 ②返却", &[("貸出", true), ("返却", true)]),
            ("手順②で止まる", &[("手順②で止まる", false)]),
            ("1. 貸出\n2. 返却", &[("貸出", true), ("返却", true)]),
            (
                "一点目は貸出、二点目は返却です",
                &[("貸出", true), ("返却です", true)],
            ),
            (
                "貸出は？あと、返却は？",
                &[("貸出は？", false), ("返却は？", true)],
            ),
            (
                "貸出したい、それと返却も",
                &[("貸出したい", false), ("返却も", true)],
            ),
            ("返却したあとの手続き", &[("返却したあとの手続き", false)]),
            ("貸出または返却", &[("貸出または返却", false)]),
            (
                "Is it free? Also, where is it",
                &[("Is it free?", false), ("where is it", true)],
            ),
        ];
        for (text, expected) in rows {
            let pieces = cut(text).into_iter();
            let found: Vec<_> = pieces
                .map(|piece| (piece.body, piece.is_additional))
                .collect();
            assert_eq!(found, *expected, "{text}");
        }
    }
}
