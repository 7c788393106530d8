//! Search hits with highlighted extracts.
//!
//! Input: the terms of a question, and the texts of an entry. Output: the texts, or an extract of
//! them, in pieces that match or do not.
//!
//! A text is analyzed once, when its entry is first found; of each word only its place and the hashes
//! of its terms and its reading are kept, 12 bytes and 8 per hash. Marking then analyzes nothing: a
//! word matches if the question has one of its hashes. Two different terms have the same hash with a
//! probability of 2⁻⁶⁴, which would mark a wrong word.
//!
//! Invariant: the pieces of a marked question joined are the question.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxBuildHasher;

use super::analysis::{Analysis, Analyzer};
use crate::knowledge::Entry;

/// Length of an extract: four lines on a phone.
const EXTRACT_CHARS: usize = 80;

/// Maximum length of an extract that ends with a sentence.
const MAX_SENTENCE_CHARS: usize = 120;

/// Maximum distance of the first match from the beginning of its sentence, if the extract begins there.
const MAX_LEAD_CHARS: usize = 40;

/// Number of characters before the first match in an extract that does not begin with a sentence.
const CONTEXT_CHARS: usize = 10;

/// Share of the best hit's probability below which a hit is noise, such as one common syllable. A
/// list without a clear best hit keeps all its hits.
pub const MIN_HIT_SHARE: f32 = 1e-4;

/// Minimum length of a reading, in kana, that matches without a common term.
const MIN_READING_CHARS: usize = 2;

/// Length of the part of a reading, in kana, that is compared.
const MAX_READING_CHARS: usize = 16;

/// An entry found by a search.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// The entry's position in the knowledge base.
    pub entry: usize,
    /// The entry's probability, 0 to 1.
    pub score: f32,
    /// The entry's question with the matches marked.
    pub question: Marked<'a>,
    /// An extract of the answer with the matches marked.
    pub snippet: Marked<'a>,
}

/// A text in pieces; the flag marks the matches.
pub type Marked<'a> = Vec<(&'a str, bool)>;

/// The texts of all entries, each analyzed when its entry is first found.
pub struct Snippets {
    entries: Box<[OnceLock<Texts>]>,
}

/// The texts of an entry.
struct Texts {
    question: Words,
    /// The answer on one line.
    line: Box<str>,
    answer: Words,
}

/// The words of a text that a question may match.
struct Words {
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
    hashes: HashSet<u64, FxBuildHasher>,
}

impl Snippets {
    /// Creates the texts of a number of entries, none of them analyzed.
    #[must_use]
    pub fn new(entries: usize) -> Self {
        Self {
            entries: std::iter::repeat_with(OnceLock::new)
                .take(entries)
                .collect(),
        }
    }

    /// Makes a hit of an entry and its probability. Analyzes the entry's texts at its first hit, in
    /// about 1 ms.
    #[must_use]
    pub fn hit<'a>(
        &'a self,
        (index, score): (usize, f32),
        entry: &'a Entry,
        analyzer: &Analyzer,
        highlighter: &Highlighter,
    ) -> Hit<'a> {
        let texts = self.entries[index].get_or_init(|| {
            let line = one_line(&entry.answer.text);
            Texts {
                question: Words::new(&entry.question, analyzer),
                answer: Words::new(&line, analyzer),
                line: line.into(),
            }
        });
        Hit {
            entry: index,
            score,
            question: highlighter.mark(&entry.question, &texts.question),
            snippet: highlighter.extract(&texts.line, &texts.answer),
        }
    }
}

impl Words {
    /// Analyzes a text.
    fn new(text: &str, analyzer: &Analyzer) -> Self {
        let mut spans = Vec::new();
        let mut hashes = Vec::new();
        for (span, token, terms) in analyzer.spans(text) {
            let first = hashes.len();
            if token.is_content && token.reading.chars().count() >= MIN_READING_CHARS {
                hashes.push(reading_hash(&token.reading));
            }
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
        let letters: Vec<char> = question.reading.chars().collect();
        let capacity = question.words.len() + letters.len() * (MAX_READING_CHARS - 1);
        let mut hashes = HashSet::with_capacity_and_hasher(capacity, FxBuildHasher);
        hashes.extend(question.words.iter().map(|word| term_hash(&word.text)));
        // Every part of the reading that may be the reading of a word.
        for start in 0..letters.len() {
            let mut hash = READING_SEED;
            for (index, letter) in letters[start..].iter().take(MAX_READING_CHARS).enumerate() {
                hash = add_letter(hash, *letter);
                if index + 1 >= MIN_READING_CHARS {
                    hashes.insert(hash);
                }
            }
        }
        Self { hashes }
    }

    /// Marks the matches in a text.
    fn mark<'a>(&self, text: &'a str, words: &Words) -> Marked<'a> {
        self.mark_range(text, words, 0..text.len())
    }

    /// Returns the extract around the first match, with the matches marked. It is made of whole
    /// sentences if they are short enough; an ellipsis shows where a sentence is cut.
    fn extract<'a>(&self, line: &'a str, words: &Words) -> Marked<'a> {
        if line.chars().count() <= MAX_SENTENCE_CHARS {
            return self.mark(line, words);
        }
        let first = self.matches(words).next().unwrap_or(0..0);
        let (from, begins_whole) = start_before(line, first.start);
        let (to, ends_whole) = end_after(line, from, first.end);
        let mut pieces = self.mark_range(line, words, from..to);
        if !begins_whole {
            pieces.insert(0, ("…", false));
        }
        if !ends_whole {
            pieces.push(("…", false));
        }
        pieces
    }

    /// Marks the matches in a part of a text. A match that is cut by an end of the part is marked too.
    fn mark_range<'a>(&self, text: &'a str, words: &Words, range: Range<usize>) -> Marked<'a> {
        let mut pieces: Marked<'a> = Vec::new();
        let mut push = |range: Range<usize>, is_match| {
            if !range.is_empty() {
                pieces.push((&text[range], is_match));
            }
        };
        let mut end = range.start;
        for span in self.matches(words) {
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

    /// Lists the words of a text that match, as byte ranges. Adjacent words are one match.
    fn matches(&self, words: &Words) -> impl Iterator<Item = Range<usize>> {
        let mut first = 0;
        let mut spans = words.spans.iter().filter_map(move |span| {
            let end = span.hashes_end as usize;
            let hashes = &words.hashes[first..end];
            first = end;
            let is_match = hashes.iter().any(|hash| self.hashes.contains(hash));
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
}

/// Returns where an extract begins for a match, and whether a sentence begins there.
fn start_before(line: &str, first: usize) -> (usize, bool) {
    let back = |count: usize| {
        let mut before = line[..first].char_indices().rev().map(|(index, _)| index);
        before.nth(count - 1).unwrap_or(0)
    };
    let lead = back(MAX_LEAD_CHARS);
    match sentence_ends(&line[..first]).last() {
        Some(end) if end >= lead => (end, true),
        None if lead == 0 => (0, true),
        _ => {
            // Rather a whole clause than a part of a word.
            let context = back(CONTEXT_CHARS);
            let clause = clause_ends(&line[context..first]).next();
            (context + clause.unwrap_or(0), false)
        }
    }
}

/// Returns where an extract ends that begins at `from` and shows a match up to `least`, and whether a
/// sentence ends there.
fn end_after(line: &str, from: usize, least: usize) -> (usize, bool) {
    let forward = |count: usize| {
        let mut after = line[from..].char_indices().skip(count);
        after.next().map_or(line.len(), |(index, _)| from + index)
    };
    let (usual, longest) = (forward(EXTRACT_CHARS), forward(MAX_SENTENCE_CHARS));
    if longest == line.len() {
        return (longest, true);
    }
    let ends = sentence_ends(&line[from..longest]).map(|end| from + end);
    let ends: Vec<usize> = ends.filter(|end| *end >= least).collect();
    let within = ends.iter().rev().find(|end| **end <= usual);
    if let Some(end) = within.or(ends.first()) {
        return (*end, true);
    }
    let clause = clause_ends(&line[from..usual]).last();
    let clause = clause.map(|end| from + end).filter(|end| *end >= least);
    (clause.unwrap_or(usual), false)
}

/// Lists the positions after the sentences of a text, with the blank and the brackets that follow.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices(['。', '！', '？']).map(|(index, sign)| {
        let after = &text[index + sign.len()..];
        let rest = after.trim_start_matches(['」', '』', '）', ')', ' ']);
        text.len() - rest.len()
    })
}

/// Lists the positions after commas and blanks.
fn clause_ends(text: &str) -> impl Iterator<Item = usize> {
    let commas = text.match_indices(['、', '，', ' ']);
    commas.map(|(index, comma)| index + comma.len())
}

/// Replaces each run of white space by one space.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The hash of an empty term.
const TERM_SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash of an empty reading. Differs from that of a term, because a term in katakana is not a
/// reading.
const READING_SEED: u64 = !TERM_SEED;

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

    /// The matches of a question in a text by comparing the terms and readings themselves.
    fn compared(question: &Analysis, text: &str, analyzer: &Analyzer) -> Vec<Range<usize>> {
        let mut matches: Vec<Range<usize>> = Vec::new();
        for (span, token, terms) in analyzer.spans(text) {
            let is_same_reading = token.is_content
                && token.reading.chars().count() >= MIN_READING_CHARS
                && question.reading.contains(&token.reading);
            let has = |term: &String| question.words.iter().any(|word| word.text == *term);
            if !is_same_reading && !terms.iter().any(has) {
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
    fn hashes_mark_the_same_words_as_terms_and_readings() {
        let today = jiff::civil::date(2026, 11, 24);
        let knowledge = knowledge::load(Path::new("knowledge"), today).knowledge;
        let analyzer = Analyzer::new(&knowledge).expect("a dictionary");
        let texts = knowledge.entries.iter().flat_map(|entry| {
            let line = one_line(&entry.answer.text);
            [entry.question.clone(), line]
        });
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
                let found: Vec<Range<usize>> = highlighter.matches(words).collect();
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

    fn joined(pieces: &Marked<'_>) -> String {
        let pieces = pieces.iter().map(|(text, is_match)| {
            let (open, close) = if *is_match { ("[", "]") } else { ("", "") };
            format!("{open}{text}{close}")
        });
        pieces.collect()
    }

    #[test]
    fn an_extract_begins_and_ends_with_sentences() {
        let analyzer = Analyzer::new(&KnowledgeBase::default()).expect("a dictionary");
        let highlighter = Highlighter::new(&analyzer.analyze("解約したい"));
        let extract = |text: &str| {
            let words = Words::new(text, &analyzer);
            joined(&highlighter.extract(text, &words))
        };
        let sentence = "会費は月末までにお支払いください。";
        let other = sentence.repeat(8);
        let own = "お手続きのページで「解約する」を押してください。";
        let found = extract(&format!("{other}{own}{other}"));
        let marked = own.replace("解約", "[解約]");
        assert_eq!(found, format!("{marked}{}", sentence.repeat(3)));
        // A sentence that is a little longer is not cut.
        let long = format!("解約は{}です。", "所定の".repeat(30));
        let found = extract(&format!("{other}{long}{other}"));
        assert_eq!(found, long.replace("解約", "[解約]"));
        assert_eq!(extract(&format!("{other}{own}")), marked);
        // Without a match, the extract is the beginning.
        assert_eq!(extract(&other), sentence.repeat(4));
    }

    #[test]
    fn an_extract_of_a_long_sentence_is_cut_at_clauses_and_has_a_limited_length() {
        let analyzer = Analyzer::new(&KnowledgeBase::default()).expect("a dictionary");
        let highlighter = Highlighter::new(&analyzer.analyze("解約したい"));
        let extract = |text: &str| {
            let words = Words::new(text, &analyzer);
            joined(&highlighter.extract(text, &words))
        };
        assert_eq!(extract("解約は窓口へ"), "[解約]は窓口へ");
        assert_eq!(extract(""), "");
        let filler = "、それから".repeat(30);
        let text = format!("{filler}解約は窓口へ{filler}");
        let extract = extract(&text);
        assert!(
            extract.starts_with('…') && extract.ends_with('…'),
            "{extract}"
        );
        let at = extract
            .find("[解約]")
            .map(|at| extract[..at].chars().count());
        assert!(at.is_some_and(|at| at <= 1 + CONTEXT_CHARS), "{extract}");
        assert!(extract.starts_with("…それから、"), "{extract}");
        assert!(extract.ends_with("、…"), "{extract}");
        let length = extract.chars().count();
        assert!(length <= 2 + EXTRACT_CHARS + "[]".len(), "{extract}");
        // A match that is cut by the end of the extract is marked as far as it is shown.
        let words = Words::new(&text, &analyzer);
        let start = text.find("解約").expect("a match");
        let part = highlighter.mark_range(&text, &words, start..start + "解".len());
        assert_eq!(joined(&part), "[解]");
    }
}
