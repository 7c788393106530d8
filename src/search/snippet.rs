//! Marks in a text what a question's terms match, and cuts the extract shown with a hit.

use std::collections::HashSet;
use std::ops::Range;

use super::analyzer::{Analysis, Analyzer};

/// Length of an extract, in characters: two lines on a telephone.
const EXTRACT_LENGTH: usize = 80;

/// A text cut into pieces, each with whether it is a match.
pub type Marked = Vec<(String, bool)>;

/// Marks matches of one question in any text.
pub struct Highlighter<'a> {
    analyzer: &'a Analyzer,
    words: HashSet<String>,
    reading: String,
}

/// Shortest reading, in kana, that is marked by sound alone.
const SHORTEST_READING: usize = 2;

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

    /// Cuts the extract with the first match from a text, and marks the matches in it.
    #[must_use]
    pub fn extract(&self, text: &str) -> Marked {
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let first = self.matches(&line).first().map_or(0, |span| span.start);
        let starts: Vec<usize> = line.char_indices().map(|(index, _)| index).collect();
        if starts.len() <= EXTRACT_LENGTH {
            return self.mark(&line);
        }
        // A few characters before the match, so that it does not stand at the very edge.
        let at = starts
            .partition_point(|start| *start < first)
            .saturating_sub(10);
        let at = at.min(starts.len() - EXTRACT_LENGTH);
        let from = starts[at];
        let to = starts
            .get(at + EXTRACT_LENGTH)
            .copied()
            .unwrap_or(line.len());
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
            let by_sound = token.is_content
                && token.reading.chars().count() >= SHORTEST_READING
                && self.reading.contains(&token.reading);
            by_sound || terms.iter().any(|term| self.words.contains(term))
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
