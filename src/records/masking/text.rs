//! A text as characters, in their plain form and as written, with the marks of the rules.

use std::ops::Range;

use unicode_normalization::char::compose;

/// A text that rules mark.
pub(super) struct Text {
    /// The characters as written, each with the mark of a voiced sound that is written after it.
    written: Vec<(char, Option<char>)>,
    /// The same characters with ASCII in half width and lower case, katakana in full width, and digits of
    /// all kinds as ASCII digits.
    pub(super) plain: Vec<char>,
    /// Whether each character is masked.
    marks: Vec<bool>,
}

impl Text {
    /// Reads a text. Control characters other than line breaks become spaces: PostgreSQL stores no
    /// NUL, and a terminal that shows a record must not obey it.
    pub(super) fn new(text: &str) -> Self {
        let mut characters = text
            .chars()
            .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
            .peekable();
        let (mut written, mut all_plain) = (Vec::new(), Vec::new());
        while let Some(character) = characters.next() {
            let plain = plain(character);
            // ﾄﾞ is read as ド, and so are ト and a combining mark.
            let voiced = characters.peek().and_then(|mark| voiced(plain, *mark));
            let mark = voiced.and_then(|_| characters.next());
            written.push((character, mark));
            all_plain.push(voiced.unwrap_or(plain));
        }
        Self {
            marks: vec![false; written.len()],
            plain: all_plain,
            written,
        }
    }

    /// Masks a range.
    pub(super) fn mark(&mut self, range: Range<usize>) {
        let end = range.end.min(self.marks.len());
        if range.start < end {
            self.marks[range.start..end].fill(true);
        }
    }

    /// Returns a plain character; a line break before the start and after the end.
    pub(super) fn at(&self, index: usize) -> char {
        self.plain.get(index).copied().unwrap_or('\n')
    }

    /// Returns the plain character before a position; a line break at the start.
    pub(super) fn before(&self, index: usize) -> char {
        index.checked_sub(1).map_or('\n', |index| self.at(index))
    }

    /// Returns whether a character is written as a capital letter.
    pub(super) fn is_upper(&self, index: usize) -> bool {
        let character = self.written.get(index);
        character.is_some_and(|(character, _)| character.is_uppercase())
    }

    /// Returns whether the plain text continues with `words` at a position.
    pub(super) fn starts(&self, index: usize, words: &str) -> bool {
        words
            .chars()
            .enumerate()
            .all(|(offset, c)| self.plain.get(index + offset) == Some(&c))
    }

    /// Returns whether the plain text before a position ends with `words`.
    pub(super) fn ends(&self, index: usize, words: &str) -> bool {
        let length = words.chars().count();
        index >= length && self.starts(index - length, words)
    }

    /// Returns whether one of the words begins in the `distance` characters before `index`.
    pub(super) fn is_near_before(&self, index: usize, distance: usize, words: &[&str]) -> bool {
        let from = index.saturating_sub(distance);
        (from..index).any(|at| words.iter().any(|word| self.starts(at, word)))
    }

    /// Like [`Self::is_near_before`], for whole words.
    pub(super) fn is_word_near_before(
        &self,
        index: usize,
        distance: usize,
        words: &[&str],
    ) -> bool {
        let from = index.saturating_sub(distance);
        (from..index).any(|at| words.iter().any(|word| self.is_word(at, word)))
    }

    /// Returns whether the plain text before a position ends with a whole word.
    pub(super) fn ends_with_word(&self, index: usize, word: &str) -> bool {
        let start = index.checked_sub(word.chars().count());
        start.is_some_and(|start| self.is_word(start, word))
    }

    /// Returns whether a word stands at a position; one of Latin letters without a letter beside it.
    fn is_word(&self, index: usize, word: &str) -> bool {
        let after = index + word.chars().count();
        let is_longer = [self.before(index), self.at(after)]
            .iter()
            .any(char::is_ascii_alphabetic);
        self.starts(index, word) && !(word.is_ascii() && is_longer)
    }

    /// Returns the end of the run of characters from a position that `is_part` accepts.
    pub(super) fn run_end(&self, start: usize, is_part: impl Fn(char) -> bool) -> usize {
        let rest = self.plain.get(start..).unwrap_or_default();
        start + rest.iter().take_while(|c| is_part(**c)).count()
    }

    /// Returns the start of the run of characters before a position that `is_part` accepts.
    pub(super) fn run_start(&self, end: usize, is_part: impl Fn(char) -> bool) -> usize {
        let before = self.plain[..end].iter().rev();
        end - before.take_while(|c| is_part(**c)).count()
    }

    /// Returns the text with each marked range replaced.
    pub(super) fn masked(self, mask: &str) -> String {
        let mut masked = String::with_capacity(self.written.len() * 3);
        let mut was_marked = false;
        for ((character, mark), is_marked) in self.written.into_iter().zip(self.marks) {
            match (is_marked, was_marked) {
                (true, false) => masked.push_str(mask),
                (true, true) => {}
                (false, _) => masked.extend(std::iter::once(character).chain(mark)),
            }
            was_marked = is_marked;
        }
        masked
    }
}

/// Katakana and signs in the order of their half-width forms, which begin at U+FF61.
const FULL_WIDTH: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

/// Returns ASCII in half width and in lower case, katakana in full width, and a digit of any kind as an
/// ASCII digit.
///
/// Kanji digits stay: they are also parts of words, see [`is_digit`]. Signs that look like a hyphen
/// become one, except the long vowel mark.
fn plain(c: char) -> char {
    let c = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{FF61}'..='\u{FF9D}' => {
            let at = (c as u32 - 0xFF61) as usize;
            FULL_WIDTH.chars().nth(at).unwrap_or(c)
        }
        '\u{3000}' | '\u{A0}' => ' ',
        '﹫' => '@',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' => '-',
        '〜' => '~',
        '⓪' | '⓿' => '0',
        '①'..='⑨' => digit(c as u32 - '①' as u32 + 1),
        '⑴'..='⑼' => digit(c as u32 - '⑴' as u32 + 1),
        '❶'..='❾' => digit(c as u32 - '❶' as u32 + 1),
        '➀'..='➈' => digit(c as u32 - '➀' as u32 + 1),
        '⁰'..='⁹' | '₀'..='₉' => c.to_digit(10).map_or('1', digit),
        other => other,
    };
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    // Digits of other scripts, ⑩ and the like: which digit does not matter.
    if c.is_numeric() && !is_kanji_digit(c) {
        return '1';
    }
    c
}

/// Returns a kana with the mark of a voiced sound that follows it.
fn voiced(plain: char, mark: char) -> Option<char> {
    let mark = match mark {
        'ﾞ' | '\u{3099}' => '\u{3099}',
        'ﾟ' | '\u{309A}' => '\u{309A}',
        _ => return None,
    };
    compose(plain, mark)
}

fn digit(value: u32) -> char {
    char::from_digit(value % 10, 10).unwrap_or('0')
}

fn is_kanji_digit(c: char) -> bool {
    "〇零一二三四五六七八九十百千万億壱弐参".contains(c)
}

/// Returns whether a plain character is a digit, also as kanji.
pub(super) fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || "〇零一二三四五六七八九壱弐参".contains(c)
}

/// Returns whether a plain character is a kanji.
pub(super) fn is_kanji(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}' | '々' | 'ヶ' | '\u{20000}'..='\u{2FFFF}')
}

/// Returns whether a plain character is katakana.
pub(super) fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30A1}'..='\u{30FA}' | 'ー' | '・' | 'ﾞ' | 'ﾟ')
}

/// Returns whether a plain character is hiragana.
pub(super) fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}')
}

/// Returns whether a plain character can be in a token of ASCII, such as an id.
pub(super) fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Returns whether a plain character ends a phrase.
pub(super) fn is_stop(c: char) -> bool {
    matches!(
        c,
        '\n' | '、'
            | '。'
            | ','
            | '!'
            | '?'
            | '「'
            | '」'
            | '『'
            | '』'
            | '('
            | ')'
            | '【'
            | '】'
            | '['
            | ']'
            | '/'
            | '<'
            | '>'
            | '"'
            | ':'
            | ';'
    )
}
