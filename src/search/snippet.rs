//! Search hits with highlighted extracts.
//!
//! Input: the terms of a question and a text. Output: the text, or an extract of it, in pieces that
//! match or do not.
//!
//! Invariant: the pieces of [`Highlighter::mark`] joined are the text.

use std::collections::HashSet;
use std::ops::Range;

use super::analysis::{Analysis, Analyzer};

/// Length of an extract: two lines on a phone.
const EXTRACT_CHARS: usize = 80;

/// Number of characters of an extract before the first match.
const CONTEXT_CHARS: usize = 10;

/// Share of the best hit's probability below which a hit is noise, such as one common syllable. A
/// list without a clear best hit keeps all its hits.
pub const MIN_HIT_SHARE: f32 = 1e-4;

/// An entry found by a search.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The entry's position in the knowledge base.
    pub entry: usize,
    /// The entry's probability, 0 to 1.
    pub score: f32,
    /// The entry's question with the matches marked.
    pub question: Marked,
    /// An extract of the answer with the matches marked.
    pub snippet: Marked,
}

/// A text in pieces; the flag marks the matches.
pub type Marked = Vec<(String, bool)>;

/// Marks the matches of one question in texts.
pub struct Highlighter<'a> {
    analyzer: &'a Analyzer,
    words: HashSet<String>,
    reading: String,
}

/// Minimum length of a reading, in kana, that matches without a common term.
const MIN_READING_CHARS: usize = 2;

impl<'a> Highlighter<'a> {
    pub(super) fn new(analyzer: &'a Analyzer, question: &Analysis) -> Self {
        let words = question.words.iter().map(|word| word.text.clone());
        Self {
            analyzer,
            words: words.collect(),
            reading: question.reading.clone(),
        }
    }

    /// Marks the matches in a text.
    #[must_use]
    pub fn mark(&self, text: &str) -> Marked {
        let mut pieces: Marked = Vec::new();
        let mut end = 0;
        for span in self.matches(text) {
            push(&mut pieces, &text[end..span.start], false);
            push(&mut pieces, &text[span.clone()], true);
            end = span.end;
        }
        push(&mut pieces, &text[end..], false);
        pieces
    }

    /// Returns the extract around the first match, with the matches marked.
    #[must_use]
    pub fn extract(&self, text: &str) -> Marked {
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let first = self.matches(&line).first().map_or(0, |span| span.start);
        let starts: Vec<usize> = line.char_indices().map(|(index, _)| index).collect();
        if starts.len() <= EXTRACT_CHARS {
            return self.mark(&line);
        }
        let at = starts.partition_point(|start| *start < first);
        let at = at.saturating_sub(CONTEXT_CHARS);
        let at = at.min(starts.len() - EXTRACT_CHARS);
        let from = starts[at];
        let to = starts.get(at + EXTRACT_CHARS).copied();
        let to = to.unwrap_or(line.len());
        let mut pieces = self.mark(&line[from..to]);
        if at > 0 {
            pieces.insert(0, ("…".to_owned(), false));
        }
        if to < line.len() {
            pieces.push(("…".to_owned(), false));
        }
        pieces
    }

    fn matches(&self, text: &str) -> Vec<Range<usize>> {
        let spans = self.analyzer.spans(text).into_iter();
        let matching = spans.filter(|(_, token, terms)| {
            let is_same_reading = token.is_content
                && token.reading.chars().count() >= MIN_READING_CHARS
                && self.reading.contains(&token.reading);
            is_same_reading || terms.iter().any(|term| self.words.contains(term))
        });
        matching.map(|(span, _, _)| span).collect()
    }
}

fn push(pieces: &mut Marked, text: &str, is_match: bool) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some((last, was_match)) if *was_match == is_match => last.push_str(text),
        _ => pieces.push((text.to_owned(), is_match)),
    }
}
