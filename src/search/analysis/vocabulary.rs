//! Reads words in kana: the words of the knowledge by their readings.
//!
//! A morphological analyzer cuts かいひのひきおとしび into か|いひ|の|ひき|おとし|び: without kanji it has
//! little to go by. The knowledge has few words, so the text is cut into *its* words wherever
//! their readings stand in it, longest first; the analyzer's own cut keeps the rest.

use std::collections::{HashMap, HashSet};

use super::analyzer::Analysis;
use super::terms::sound;
use super::token::Token;

/// A word shorter than this, in kana, counts only where the analyzer sees a word too: two kana
/// stand in many words, and in たい and がい, by accident.
const SHORTEST_FREE_WORD: usize = 3;

/// A half-typed word at the end of a text is completed from so many kana on.
const SHORTEST_BEGINNING: usize = 3;

/// The words of the knowledge by their readings in katakana.
#[derive(Debug, Clone, Default)]
pub(in crate::search) struct Vocabulary {
    words: HashMap<String, String>,
    /// Beginnings of readings, each with the most frequent word that begins so.
    beginnings: HashMap<String, String>,
    longest: usize,
}

/// Counts the words of analyzed texts with their readings.
#[derive(Debug, Default)]
pub(in crate::search) struct VocabularyCounter {
    counts: HashMap<(String, String), usize>,
}

impl VocabularyCounter {
    /// Counts the words of a text; one that is itself in kana was cut by guess and teaches
    /// nothing.
    pub(in crate::search) fn count(&mut self, analysis: &Analysis) {
        if analysis.is_kana {
            return;
        }
        for token in analysis.tokens.iter().filter(|token| token.is_content) {
            if token.reading.chars().count() >= 2 && !token.reading.is_ascii() {
                let key = (folded(token.reading.chars()), token.base.clone());
                *self.counts.entry(key).or_default() += 1;
            }
        }
    }

    /// Lists each reading with its most frequent word, the most frequent first.
    pub(in crate::search) fn entries(self) -> Vec<(String, String)> {
        let mut counted: Vec<((String, String), usize)> = self.counts.into_iter().collect();
        counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let mut seen = HashSet::new();
        let entries = counted.into_iter().map(|(entry, _)| entry);
        entries
            .filter(|(reading, _)| seen.insert(reading.clone()))
            .collect()
    }
}

impl Vocabulary {
    /// Takes readings with their words, the most frequent first.
    pub(in crate::search) fn new(entries: &[(String, String)]) -> Self {
        let mut beginnings = HashMap::new();
        for (reading, word) in entries {
            let ends = reading.char_indices().map(|(index, _)| index);
            for end in ends.skip(SHORTEST_BEGINNING) {
                let beginning = beginnings.entry(reading[..end].to_owned());
                beginning.or_insert_with(|| word.clone());
            }
        }
        let words: HashMap<String, String> = entries.iter().cloned().collect();
        let lengths = words.keys().map(|reading| reading.chars().count());
        Self {
            longest: lengths.max().unwrap_or(0),
            beginnings,
            words,
        }
    }

    /// Cuts tokens of a text in kana anew, where the knowledge's words stand.
    pub(super) fn recut(&self, tokens: Vec<Token>) -> Vec<Token> {
        let mut letters: Vec<char> = Vec::new();
        let mut cuts = vec![0];
        let mut whole_words = Vec::new();
        for token in &tokens {
            let start = letters.len();
            letters.extend(token.surface_in_katakana().chars());
            cuts.push(letters.len());
            if token.is_content {
                whole_words.push((start, letters.len()));
            }
        }
        let letters: Vec<char> = folded(letters.into_iter()).chars().collect();
        let found = self.best_words(&letters, &cuts, &whole_words);
        if found.is_empty() {
            return tokens;
        }
        let mut recut = Vec::with_capacity(tokens.len());
        let mut words = found.into_iter().peekable();
        let mut at = 0;
        for (index, token) in tokens.into_iter().enumerate() {
            let (start, end) = (cuts[index], cuts[index + 1]);
            let mut is_whole = at <= start;
            // Every word that begins in this token stands before what is left of it.
            while let Some((word_start, word_end, base)) = words.next_if(|word| word.0 < end) {
                is_whole = false;
                push_rest(&mut recut, &letters, at.max(start), word_start);
                recut.push(word(&letters, word_start, word_end, base));
                at = word_end;
            }
            if is_whole {
                at = end;
                recut.push(token);
            } else if at < end {
                push_rest(&mut recut, &letters, at, end);
                at = end;
            }
        }
        recut
    }

    /// The words that together cover the text best: long words count more than as many letters
    /// in short ones.
    fn best_words(
        &self,
        letters: &[char],
        cuts: &[usize],
        whole_words: &[(usize, usize)],
    ) -> Vec<(usize, usize, String)> {
        let mut scores = vec![0_usize; letters.len() + 1];
        let mut steps: Vec<Option<(usize, String)>> = vec![None; letters.len() + 1];
        for end in 1..=letters.len() {
            scores[end] = scores[end - 1];
            for length in 2..=self.longest.min(end) {
                let start = end - length;
                if length < SHORTEST_FREE_WORD && !whole_words.contains(&(start, end)) {
                    continue;
                }
                let reading: String = letters[start..end].iter().collect();
                let is_end = end == letters.len();
                let half_typed = || self.beginnings.get(&reading).filter(|_| is_end);
                // Of equals the one is right whose ends the analyzer sees too: は|いくら, not はいく.
                let agreeing = [start, end].iter().filter(|at| cuts.contains(at)).count();
                let score = scores[start] + length * (length + 1) + agreeing;
                if let Some(base) = self.words.get(&reading).or_else(half_typed)
                    && score > scores[end]
                {
                    scores[end] = score;
                    steps[end] = Some((start, base.clone()));
                }
            }
        }
        let mut words = Vec::new();
        let mut end = letters.len();
        while end > 0 {
            match steps[end].take() {
                Some((start, base)) => {
                    words.push((start, end, base));
                    end = start;
                }
                None => end -= 1,
            }
        }
        words.reverse();
        words
    }
}

/// Folds a reading to its sound, a letter for a letter.
fn folded(letters: impl Iterator<Item = char>) -> String {
    let mut previous = ' ';
    let sounds = letters.map(|letter| {
        previous = sound(previous, letter);
        previous
    });
    sounds.collect()
}

fn word(letters: &[char], start: usize, end: usize, base: String) -> Token {
    let reading: String = letters[start..end].iter().collect();
    Token {
        surface: reading.clone(),
        base,
        reading,
        part_of_speech: "名詞,かな".to_owned(),
        is_content: true,
    }
}

/// Keeps what is left of a token that a word cut into; it says nothing by itself.
fn push_rest(tokens: &mut Vec<Token>, letters: &[char], start: usize, end: usize) {
    if start < end {
        let rest: String = letters[start..end].iter().collect();
        tokens.push(Token {
            surface: rest.clone(),
            base: rest.clone(),
            reading: rest,
            part_of_speech: "その他,かな".to_owned(),
            is_content: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(surface: &str) -> Token {
        Token {
            surface: surface.to_owned(),
            base: surface.to_owned(),
            reading: surface.to_owned(),
            part_of_speech: String::new(),
            is_content: false,
        }
    }

    #[test]
    fn words_of_the_knowledge_are_read_in_kana() {
        let entries = [
            ("カイヒ", "会費"),
            ("ヒキオトシ", "引き落とし"),
            ("ハラ", "払う"),
        ];
        let entries = entries.map(|(reading, base)| (reading.to_owned(), base.to_owned()));
        let vocabulary = Vocabulary::new(&entries);
        let tokens = ["か", "いひ", "の", "ひき", "おとし", "は", "いつ"].map(token);
        let tokens = tokens.to_vec();
        let recut = vocabulary.recut(tokens);
        let bases: Vec<&str> = recut.iter().map(|token| token.base.as_str()).collect();
        assert_eq!(bases, ["会費", "の", "引き落とし", "は", "いつ"]);
        // Two kana count only where the analyzer cuts too.
        let tokens = ["うは", "らい"].map(token).to_vec();
        assert_eq!(vocabulary.recut(tokens).len(), 2);
    }
}
