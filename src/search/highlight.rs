//! Marks the words of a question in the texts of entries.
//!
//! Input: an analyzed question and the words of a text. Output: the text in pieces that match or do not.
//!
//! A word matches if the question has it too, in any spelling or inflection: as a term, by its reading,
//! or by its stem. A word that only has the same meaning is not marked, since the member did not write
//! it.
//!
//! A text is analyzed once; of each word only its place and the hashes of its terms, its reading and its
//! stem are kept, 12 bytes and 8 per hash. Marking then analyzes nothing: a word matches if the question
//! has one of its hashes. Two different terms have the same hash with a probability of 2⁻⁶⁴, which would
//! mark a wrong word.
//!
//! Invariant: the pieces of a marked text joined are the text.

use std::collections::HashSet;
use std::ops::Range;

use rustc_hash::FxBuildHasher;

use super::analysis::{Analysis, Analyzer, Token};

/// Minimum length of a reading, in kana, that matches without a common term.
const MIN_READING_CHARS: usize = 2;

/// Length of the part of a reading, in kana, that is compared.
const MAX_READING_CHARS: usize = 16;

/// Minimum length of a stem that matches whatever its reading is.
const MIN_STEM_CHARS: usize = 2;

/// Maximum length of a stem that is a part of a compound.
const MAX_STEM_CHARS: usize = 8;

/// A text in pieces; the flag marks the matches.
pub type Marked<'a> = Vec<(&'a str, bool)>;

/// The words of a text that a question may match.
pub(super) struct Words {
    spans: Box<[Span]>,
    hashes: Box<[u64]>,
}

/// A word.
struct Span {
    start: u32,
    end: u32,
    /// End of the word's hashes; they begin where those of the previous word end.
    hashes_end: u32,
}

/// Marks the matches of one question in texts.
pub struct Highlighter {
    /// The hashes of the words that the member wrote.
    written: Hashes,
    /// The hashes of their synonym groups.
    related: Hashes,
}

type Hashes = HashSet<u64, FxBuildHasher>;

impl Words {
    /// Analyzes a text.
    pub(super) fn new(text: &str, analyzer: &Analyzer) -> Self {
        let mut spans = Vec::new();
        let mut hashes = Vec::new();
        for (span, token, terms) in analyzer.spans(text) {
            let first = hashes.len();
            if token.is_content && token.reading.chars().count() >= MIN_READING_CHARS {
                hashes.push(reading_hash(&token.reading));
            }
            hashes.extend(stem(&token).map(stem_hash));
            for term in terms {
                let hash = term_hash(&term);
                if !hashes[first..].contains(&hash) {
                    hashes.push(hash);
                }
            }
            // A word without a hash matches no question.
            if hashes.len() > first {
                let position = |index| u32::try_from(index).unwrap_or(u32::MAX);
                spans.push(Span {
                    start: position(span.start),
                    end: position(span.end),
                    hashes_end: position(hashes.len()),
                });
            }
        }
        Self {
            spans: spans.into(),
            hashes: hashes.into(),
        }
    }
}

impl Highlighter {
    /// Creates a highlighter for the terms and the reading of a question.
    #[must_use]
    pub fn new(question: &Analysis) -> Self {
        let (mut written, mut related) = (Hashes::default(), Hashes::default());
        for word in &question.words {
            let hashes = if word.is_word() {
                &mut written
            } else {
                &mut related
            };
            hashes.insert(term_hash(&word.text));
        }
        written.extend(question.tokens.iter().filter_map(stem).map(stem_hash));
        let stems = possible_stems(&question.normalized);
        written.extend(stems.map(|stem| stem_hash((stem, ""))));
        if question.is_phonetic || question.is_kana {
            add_parts(&question.reading, &mut written);
        } else {
            add_runs(&question.tokens, &mut written);
        }
        Self { written, related }
    }

    /// Marks the matches in a text.
    pub(super) fn mark<'a>(&self, text: &'a str, words: &Words) -> Marked<'a> {
        self.mark_range(text, words, 0..text.len())
    }

    /// Marks the matches in a part of a text. A match that is cut by an end of the part is marked too.
    pub(super) fn mark_range<'a>(
        &self,
        text: &'a str,
        words: &Words,
        range: Range<usize>,
    ) -> Marked<'a> {
        let mut pieces: Marked<'a> = Vec::new();
        let mut push = |range: Range<usize>, is_match| {
            if !range.is_empty() {
                pieces.push((&text[range], is_match));
            }
        };
        let mut end = range.start;
        for span in matches(words, &self.written) {
            let span = span.start.max(end)..span.end.min(range.end);
            if !span.is_empty() {
                push(end..span.start, false);
                end = span.end;
                push(span, true);
            }
        }
        push(end..range.end, false);
        pieces
    }

    /// Returns the first match; without one, the first word of the same meaning.
    pub(super) fn first(&self, words: &Words) -> Option<Range<usize>> {
        let written = matches(words, &self.written).next();
        written.or_else(|| matches(words, &self.related).next())
    }
}

/// Lists the words of a text that have one of the hashes, as byte ranges. Adjacent words are one match.
fn matches(words: &Words, wanted: &Hashes) -> impl Iterator<Item = Range<usize>> {
    let mut first = 0;
    let mut spans = words.spans.iter().filter_map(move |span| {
        let end = span.hashes_end as usize;
        let hashes = &words.hashes[first..end];
        first = end;
        let is_match = hashes.iter().any(|hash| wanted.contains(hash));
        is_match.then_some(span.start as usize..span.end as usize)
    });
    let mut next = spans.next();
    std::iter::from_fn(move || {
        let mut found = next.take()?;
        next = spans.next();
        while let Some(adjacent) = next.take_if(|next| next.start == found.end) {
            found.end = adjacent.end;
            next = spans.next();
        }
        Some(found)
    })
}

/// Adds every part of a reading: in a text in kana, any of them may be a word.
fn add_parts(reading: &str, hashes: &mut Hashes) {
    let letters: Vec<char> = reading.chars().collect();
    for start in 0..letters.len() {
        let mut hash = READING_SEED;
        for (index, letter) in letters[start..].iter().take(MAX_READING_CHARS).enumerate() {
            hash = add_letter(hash, *letter);
            if index + 1 >= MIN_READING_CHARS {
                hashes.insert(hash);
            }
        }
    }
}

/// Adds the readings of all runs of tokens with a content word: a part of a reading that begins or ends
/// within a token, such as シタ in タイカイシタイ, is another word.
fn add_runs(tokens: &[Token], hashes: &mut Hashes) {
    for start in 0..tokens.len() {
        let (mut hash, mut length, mut has_content) = (READING_SEED, 0, false);
        for token in &tokens[start..] {
            let rest = MAX_READING_CHARS - length;
            hash = token.reading.chars().take(rest).fold(hash, add_letter);
            length += token.reading.chars().take(rest).count();
            has_content |= token.is_content;
            if has_content && length >= MIN_READING_CHARS {
                hashes.insert(hash);
            }
            if length == MAX_READING_CHARS {
                break;
            }
        }
    }
}

/// Returns the part of a content word that its inflections and derivations share, with its reading where
/// it distinguishes two words: 支払 of 支払う and 支払い, 払 (ハラ) of 払う and 払える. `None` for a
/// word that does not begin with a kanji, and for a single kanji that is a word by itself.
fn stem(token: &Token) -> Option<(&str, &str)> {
    let is_hiragana = |letter| matches!(letter, 'ぁ'..='ゖ');
    let stem = token.surface.trim_end_matches(is_hiragana);
    if !token.is_content || !stem.starts_with(is_kanji) {
        return None;
    }
    if stem.chars().count() >= MIN_STEM_CHARS {
        return Some((stem, ""));
    }
    let ending = token.surface[stem.len()..].chars().count();
    let last = ending.checked_sub(1)?;
    let (end, _) = token.reading.char_indices().rev().nth(last)?;
    Some((stem, &token.reading[..end]))
}

/// Lists the parts of a question that may be stems: 会費 in 年会費, which the dictionary divides before 費.
fn possible_stems(question: &str) -> impl Iterator<Item = &str> {
    let starts = question
        .char_indices()
        .filter(|(_, first)| is_kanji(*first));
    starts.flat_map(move |(start, _)| {
        let letters = question[start..].char_indices().take(MAX_STEM_CHARS);
        let ends = letters.map(move |(index, letter)| start + index + letter.len_utf8());
        ends.skip(MIN_STEM_CHARS - 1)
            .map(move |end| &question[start..end])
    })
}

fn is_kanji(letter: char) -> bool {
    matches!(letter, '一'..='鿿' | '㐀'..='䶿' | '々')
}

/// The hash of an empty term.
const TERM_SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of an empty reading. Differs from that of a term, because a term in katakana is not a
/// reading.
const READING_SEED: u64 = !TERM_SEED;

/// The hash of an empty stem.
const STEM_SEED: u64 = TERM_SEED.rotate_left(32);

fn stem_hash((stem, reading): (&str, &str)) -> u64 {
    let letters = stem.chars().chain(reading.chars());
    letters.fold(STEM_SEED, add_letter)
}

fn term_hash(term: &str) -> u64 {
    term.chars().fold(TERM_SEED, add_letter)
}

fn reading_hash(reading: &str) -> u64 {
    let letters = reading.chars().take(MAX_READING_CHARS);
    letters.fold(READING_SEED, add_letter)
}

/// FNV-1a by characters: the hash of each part of a reading follows from that of the part before.
fn add_letter(hash: u64, letter: char) -> u64 {
    (hash ^ u64::from(letter)).wrapping_mul(0x0000_0100_0000_01b3)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::knowledge::{self, KnowledgeBase};

    fn shipped() -> KnowledgeBase {
        let today = jiff::civil::date(2026, 11, 24);
        knowledge::load(Path::new("knowledge"), today).knowledge
    }

    /// The matches of a question in a text by comparing the terms, readings and stems themselves.
    fn compared(question: &Analysis, text: &str, analyzer: &Analyzer) -> Vec<Range<usize>> {
        let is_reading = |reading: &str| {
            if question.is_phonetic || question.is_kana {
                return question.reading.contains(reading);
            }
            (0..question.tokens.len()).any(|start| {
                (start + 1..=question.tokens.len()).any(|end| {
                    let run = &question.tokens[start..end];
                    let letters = run.iter().flat_map(|token| token.reading.chars());
                    run.iter().any(|token| token.is_content)
                        && letters.take(MAX_READING_CHARS).eq(reading.chars())
                })
            })
        };
        let is_stem = |own: (&str, &str)| {
            let is_long = own.0.chars().count() >= MIN_STEM_CHARS;
            let mut stems = question.tokens.iter().filter_map(stem);
            is_long && question.normalized.contains(own.0) || stems.any(|stem| stem == own)
        };
        let is_term = |term: &String| {
            let mut words = question.words.iter();
            term.starts_with(char::is_alphanumeric) && words.any(|word| word.text == *term)
        };
        let mut matches: Vec<Range<usize>> = Vec::new();
        for (span, token, terms) in analyzer.spans(text) {
            let reading: String = token.reading.chars().take(MAX_READING_CHARS).collect();
            let is_same_reading = token.is_content
                && reading.chars().count() >= MIN_READING_CHARS
                && is_reading(&reading);
            let is_match = is_same_reading || terms.iter().any(is_term);
            if !is_match && !stem(&token).is_some_and(is_stem) {
                continue;
            }
            match matches.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                _ => matches.push(span),
            }
        }
        matches
    }

    #[test]
    fn hashes_mark_the_same_words_as_terms_readings_and_stems() {
        let knowledge = shipped();
        let analyzer = Analyzer::new(&knowledge).expect("a dictionary");
        let texts = knowledge
            .entries
            .iter()
            .flat_map(|entry| [entry.question.clone(), entry.answer.text.clone()]);
        let texts: Vec<(String, Words)> = texts
            .map(|text| (text.clone(), Words::new(&text, &analyzer)))
            .collect();
        let variants = knowledge.entries.iter().filter_map(|entry| {
            let variant = entry.variants.first()?;
            variant.texts.first()
        });
        let mut marked = 0;
        for question in variants {
            let question = analyzer.analyze(question);
            let highlighter = Highlighter::new(&question);
            for (text, words) in &texts {
                let found: Vec<Range<usize>> = matches(words, &highlighter.written).collect();
                assert_eq!(
                    found,
                    compared(&question, text, &analyzer),
                    "{}",
                    question.text
                );
                marked += found.len();
            }
        }
        assert!(marked > 100, "{marked} matches");
    }

    #[test]
    fn only_words_that_the_member_wrote_are_marked() {
        let analyzer = Analyzer::new(&shipped()).expect("a dictionary");
        for (question, text, expected) in [
            // Synonyms of the lexicon.
            ("退会したい", "解約のお手続き", "解約のお手続き"),
            ("会費はいくら", "料金は月額です", "料金は月額です"),
            ("how much", "会費と料金", "会費と料金"),
            // Spelling variants and readings.
            ("アリババの会費", "Alibabaの会費", "[Alibaba]の[会費]"),
            ("かいひ", "会費について", "[会費]について"),
            ("引落", "引き落としの口座", "[引き落とし]の口座"),
            // Inflections and derivations.
            ("支払いの方法", "料金を支払うには", "料金を[支払う]には"),
            ("受け取れますか", "見本の受け取り", "見本の[受け取り]"),
            ("払えない", "費用を払います", "費用を[払い]ます"),
            // Parts of compounds.
            ("年会費", "会費の領収書", "[会費]の領収書"),
            // A reading across the boundaries of words, here ト and リスト.
            ("本棚とリスト", "鳥の餌", "鳥の餌"),
            ("退会したい", "下の表と海", "下の表と海"),
        ] {
            let highlighter = Highlighter::new(&analyzer.analyze(question));
            let pieces = highlighter.mark(text, &Words::new(text, &analyzer));
            let pieces = pieces.into_iter().map(|(piece, is_match)| match is_match {
                true => format!("[{piece}]"),
                false => piece.to_owned(),
            });
            assert_eq!(pieces.collect::<String>(), expected, "{question}");
        }
    }
}
