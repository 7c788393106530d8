//! Search hits with highlighted extracts.
//!
//! Input: a question, and the texts of an entry. Output: the entry's question, and an extract of its
//! answer, both with the words of the question marked. Without such a word, a word of the same meaning
//! decides where the extract begins.

use std::sync::OnceLock;

use super::analysis::Analyzer;
use super::highlight::{Highlighter, Marked, Words};
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
            snippet: extract(highlighter, &texts.line, &texts.answer),
        }
    }
}

/// Returns the extract around the first match, with the matches marked. It is made of whole sentences if
/// they are short enough; an ellipsis shows where a sentence is cut.
fn extract<'a>(highlighter: &Highlighter, line: &'a str, words: &Words) -> Marked<'a> {
    if line.chars().count() <= MAX_SENTENCE_CHARS {
        return highlighter.mark(line, words);
    }
    let first = highlighter.first(words).unwrap_or(0..0);
    let (from, begins_whole) = start_before(line, first.start);
    let (to, ends_whole) = end_after(line, from, first.end);
    let mut pieces = highlighter.mark_range(line, words, from..to);
    if !begins_whole {
        pieces.insert(0, ("…", false));
    }
    if !ends_whole {
        pieces.push(("…", false));
    }
    pieces
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::knowledge::{self, KnowledgeBase};

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
        let extract_of = |text: &str| {
            let words = Words::new(text, &analyzer);
            joined(&extract(&highlighter, text, &words))
        };
        let sentence = "会費は月末までにお支払いください。";
        let other = sentence.repeat(8);
        let own = "お手続きのページで「解約する」を押してください。";
        let found = extract_of(&format!("{other}{own}{other}"));
        let marked = own.replace("解約", "[解約]");
        assert_eq!(found, format!("{marked}{}", sentence.repeat(3)));
        // A sentence that is a little longer is not cut.
        let long = format!("解約は{}です。", "所定の".repeat(30));
        let found = extract_of(&format!("{other}{long}{other}"));
        assert_eq!(found, long.replace("解約", "[解約]"));
        assert_eq!(extract_of(&format!("{other}{own}")), marked);
        // Without a match, the extract is the beginning.
        assert_eq!(extract_of(&other), sentence.repeat(4));
    }

    #[test]
    fn without_a_match_an_extract_begins_at_a_word_of_the_same_meaning() {
        let today = jiff::civil::date(2026, 11, 24);
        let knowledge = knowledge::load(Path::new("knowledge"), today).knowledge;
        let analyzer = Analyzer::new(&knowledge).expect("a dictionary");
        let other = "見本は窓口へお送りください。".repeat(12);
        let text = format!("{other}お手続きのページで「解約する」を押してください。{other}");
        let highlighter = Highlighter::new(&analyzer.analyze("退会したい"));
        let found = joined(&extract(&highlighter, &text, &Words::new(&text, &analyzer)));
        assert!(
            found.starts_with("お手続きのページで「解約する」を"),
            "{found}"
        );
    }

    #[test]
    fn an_extract_of_a_long_sentence_is_cut_at_clauses_and_has_a_limited_length() {
        let analyzer = Analyzer::new(&KnowledgeBase::default()).expect("a dictionary");
        let highlighter = Highlighter::new(&analyzer.analyze("解約したい"));
        let extract_of = |text: &str| {
            let words = Words::new(text, &analyzer);
            joined(&extract(&highlighter, text, &words))
        };
        assert_eq!(extract_of("解約は窓口へ"), "[解約]は窓口へ");
        assert_eq!(extract_of(""), "");
        let filler = "、それから".repeat(30);
        let text = format!("{filler}解約は窓口へ{filler}");
        let found = extract_of(&text);
        assert!(found.starts_with('…') && found.ends_with('…'), "{found}");
        let at = found.find("[解約]").map(|at| found[..at].chars().count());
        assert!(at.is_some_and(|at| at <= 1 + CONTEXT_CHARS), "{found}");
        assert!(found.starts_with("…それから、"), "{found}");
        assert!(found.ends_with("、…"), "{found}");
        let length = found.chars().count();
        assert!(length <= 2 + EXTRACT_CHARS + "[]".len(), "{found}");
        // A match that is cut by the end of the extract is marked as far as it is shown.
        let words = Words::new(&text, &analyzer);
        let start = text.find("解約").expect("a match");
        let part = highlighter.mark_range(&text, &words, start..start + "解".len());
        assert_eq!(joined(&part), "[解]");
    }
}
