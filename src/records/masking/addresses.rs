//! E-mail addresses in all spellings, URLs with tokens or to profiles, and long tokens.

use super::text::{Text, is_kanji, is_katakana, is_token};

/// Spellings of the at sign that are words or have brackets.
const AT_WORDS: [&str; 12] = [
    "アットマーク",
    "あっとまーく",
    "アット",
    "あっと",
    "(at)",
    "[at]",
    "{at}",
    "<at>",
    "(アット)",
    "★",
    "(a)",
    " at ",
];

/// Spellings of the dot in an address.
const DOT_WORDS: [&str; 9] = [
    "ドット",
    "どっと",
    "(dot)",
    "[dot]",
    "{dot}",
    " dot ",
    "．",
    "。",
    "点",
];

/// Hosts whose paths name persons.
const PROFILE_HOSTS: [&str; 15] = [
    "line.me",
    "lin.ee",
    "t.me",
    "wa.me",
    "m.me",
    "instagram.com",
    "x.com",
    "twitter.com",
    "facebook.com",
    "fb.com",
    "threads.net",
    "threads.com",
    "tiktok.com",
    "linkedin.com",
    "signal.me",
];

/// Tokens of at least this length that have letters and digits may be secrets.
const MIN_TOKEN_CHARS: usize = 20;

/// Marks addresses and tokens.
pub(super) fn mark(text: &mut Text) {
    for index in 0..text.plain.len() {
        let c = text.plain[index];
        if c == '@' {
            mark_sign(text, index);
        } else if matches!(c, 'ア' | 'あ' | '(' | '[' | '{' | '<' | '★' | ' ') {
            mark_words(text, index);
        } else if c == 'h' && text.starts(index, "http") || c == 'w' && text.starts(index, "www.") {
            mark_url(text, index);
        }
        if c == '/' {
            mark_profile(text, index);
        }
    }
    mark_tokens(text);
}

/// Masks an at sign with the address around it: the ASCII parts, else the words on both sides, also if
/// a space separates them.
fn mark_sign(text: &mut Text, sign: usize) {
    let local =
        |c: char| is_token(c) || matches!(c, '+' | '%' | '\'' | '"' | '!' | '#' | '&' | '*' | '=');
    let start = text.run_start(sign, local);
    let end = text.run_end(sign + 1, is_token);
    if start < sign && end > sign + 1 && text.at(end) != '@' && is_ascii_end(text, end) {
        text.mark(start..end);
        return;
    }
    let word = |c: char| !c.is_whitespace() && !"、。,「」()<>:;".contains(c);
    let before = sign - usize::from(text.before(sign) == ' ');
    let after = sign + 1 + usize::from(text.at(sign + 1) == ' ');
    text.mark(text.run_start(before, word)..text.run_end(after, word));
}

/// Returns whether a domain of ASCII really ends at a position: a letter after it may belong to it,
/// such as in `taro@例え.jp`, but particles follow without a space.
fn is_ascii_end(text: &Text, end: usize) -> bool {
    let domain = text.plain[..end].iter().rev().take_while(|c| **c != '@');
    domain.clone().any(|c| *c == '.') && text.before(end) != '.'
}

/// Masks an address with a spelled at sign, if there is ASCII on both sides.
fn mark_words(text: &mut Text, index: usize) {
    let Some(word) = AT_WORDS.iter().find(|word| text.starts(index, word)) else {
        return;
    };
    let after = index + word.chars().count();
    let skipped = text.run_end(after, |c| c == ' ');
    let before = text.run_start(index, |c| c == ' ');
    let start = text.run_start(before, |c| is_token(c) || c == '+');
    let (end, has_dot) = domain_end(text, skipped);
    if start < before && end > skipped && (has_dot || *word != " at ") {
        text.mark(start..end);
    }
}

/// Returns the end of a domain whose dots may be spelled, and whether it has a dot.
fn domain_end(text: &Text, start: usize) -> (usize, bool) {
    let mut end = text.run_end(start, is_token);
    let inner = text.plain[start..end]
        .iter()
        .rev()
        .skip_while(|c| **c == '.');
    let mut has_dot = inner.clone().any(|c| *c == '.');
    loop {
        let gap = text.run_end(end, |c| c == ' ');
        let dot = DOT_WORDS
            .iter()
            .find(|word| text.starts(gap, word) || word.starts_with(' ') && text.starts(end, word));
        let Some(dot) = dot else {
            return (end, has_dot);
        };
        let from = if text.starts(gap, dot) { gap } else { end };
        let next = text.run_end(from + dot.chars().count(), |c| c == ' ');
        let longer = text.run_end(next, is_token);
        if longer == next {
            return (end, has_dot);
        }
        end = longer;
        has_dot = true;
    }
}

/// Masks the path after the host of personal profiles, also in a link without `https://`.
fn mark_profile(text: &mut Text, slash: usize) {
    let is_profile = PROFILE_HOSTS.iter().any(|host| {
        let start = slash.saturating_sub(host.len());
        let before = text.before(start);
        text.ends(slash, host) && (before == '.' || !is_token(before))
    });
    if is_profile {
        let part = |c: char| is_url(c) || is_kanji(c) || is_katakana(c);
        text.mark(slash + 1..text.run_end(slash + 1, part));
    }
}

/// Returns whether a character can be part of a URL.
fn is_url(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '(' | ')')
}

/// Masks the query, the fragment and segments like tokens of a URL; host and path stay.
fn mark_url(text: &mut Text, start: usize) {
    let end = text.run_end(start, is_url);
    let authority = (start..end).find(|index| text.starts(*index, "://"));
    let sign = (start..end).find(|index| text.plain[*index] == '@');
    if let (Some(authority), Some(sign)) = (authority, sign) {
        text.mark(authority + 3..sign + 1);
    }
    let query = (start..end).find(|index| matches!(text.plain[*index], '?' | '#'));
    let path_end = query.unwrap_or(end);
    let mut segment = start;
    for index in start..=path_end {
        if index == path_end || text.plain[index] == '/' {
            let characters = &text.plain[segment..index];
            if characters.len() >= 12 && is_mixed(characters) && !characters.contains(&'.') {
                text.mark(segment..index);
            }
            segment = index + 1;
        }
    }
    if let Some(query) = query {
        text.mark(query..end);
    }
}

/// Masks long tokens, such as keys.
fn mark_tokens(text: &mut Text) {
    let mut index = 0;
    while index < text.plain.len() {
        let end = text.run_end(index, is_token);
        if end - index >= MIN_TOKEN_CHARS && is_mixed(&text.plain[index..end]) {
            let is_host = text.starts(index, "www.") || text.before(index) == '/';
            if !is_host {
                text.mark(index..end);
            }
        }
        index = end.max(index + 1);
    }
}

/// Returns whether there are letters and digits.
fn is_mixed(characters: &[char]) -> bool {
    characters.iter().any(char::is_ascii_digit) && characters.iter().any(char::is_ascii_alphabetic)
}
