//! Segments texts in kana, by the readings of the words that the knowledge uses.
//!
//! Without kanji the tokenizer segments かいひのひきおとしび into か|いひ|の|ひき|おとし|び. The knowledge has
//! few words, so their readings are searched in the text.
//!
//! Input: readings with their words, and the tokens of a text. Output: tokens in which these words
//! are found; the rest of the text keeps its tokens.

use std::collections::HashMap;

use rustc_hash::FxHashMap;

use super::analyzed::Analysis;
use super::terms::sound;
use super::token::Token;

/// Minimum length, in kana, of a word that is found across token boundaries. A shorter word must be a
/// token, because two kana are often a part of another word, or たい or がい.
const MIN_FREE_WORD_KANA: usize = 3;

/// Minimum length, in kana, of a half-typed word that is completed at the end of a text.
const MIN_PREFIX_KANA: usize = 3;

/// The words of the knowledge by their readings in katakana.
#[derive(Debug, Clone, Default)]
pub(in crate::search) struct Vocabulary {
    words: FxHashMap<String, String>,
    /// Prefixes of readings, each with the most frequent word that has it.
    prefixes: FxHashMap<String, String>,
    /// Length of the longest reading.
    max_kana: usize,
}

/// A reading in katakana, a word that has it, and how often the knowledge uses the word.
pub(in crate::search) type CountedWord = (String, String, usize);

/// Counts the words of analyzed texts with their readings.
#[derive(Debug, Default)]
pub(in crate::search) struct VocabularyCounter {
    counts: HashMap<(String, String), usize>,
}

impl VocabularyCounter {
    /// Counts the words of a text, unless it is in kana and its word boundaries are unreliable.
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

    /// Creates a counter from [`VocabularyCounter::entries`].
    pub(in crate::search) fn from_entries(entries: Vec<CountedWord>) -> Self {
        let counts = entries.into_iter();
        let counts = counts.map(|(reading, word, count)| ((reading, word), count));
        Self {
            counts: counts.collect(),
        }
    }

    /// Adds the counts of another counter.
    pub(in crate::search) fn add(&mut self, other: Self) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
    }

    /// Takes the counts of another counter away.
    pub(in crate::search) fn subtract(&mut self, other: &Self) {
        for (key, count) in &other.counts {
            if let Some(own) = self.counts.get_mut(key) {
                *own = own.saturating_sub(*count);
            }
        }
        self.counts.retain(|_, count| *count > 0);
    }

    /// Lists the words with their readings, in order of decreasing frequency.
    pub(in crate::search) fn entries(self) -> Vec<CountedWord> {
        let counts = self.counts.into_iter();
        let counts = counts.map(|((reading, word), count)| (reading, word, count));
        let mut counted: Vec<CountedWord> = counts.collect();
        counted
            .sort_unstable_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
        counted
    }
}

impl Vocabulary {
    /// Creates a vocabulary from [`VocabularyCounter::entries`]: each reading stands for its most
    /// frequent word.
    pub(in crate::search) fn new(entries: &[CountedWord]) -> Self {
        let mut prefixes = FxHashMap::default();
        let mut words: FxHashMap<String, String> = FxHashMap::default();
        for (reading, word, _) in entries {
            words.entry(reading.clone()).or_insert_with(|| word.clone());
            let ends = reading.char_indices().map(|(index, _)| index);
            for end in ends.skip(MIN_PREFIX_KANA) {
                let prefix = prefixes.entry(reading[..end].to_owned());
                prefix.or_insert_with(|| word.clone());
            }
        }
        let lengths = words.keys().map(|reading| reading.chars().count());
        Self {
            max_kana: lengths.max().unwrap_or(0),
            prefixes,
            words,
        }
    }

    /// Replaces tokens of a text in kana where words of the vocabulary are found.
    pub(super) fn resegment(&self, tokens: Vec<Token>) -> Vec<Token> {
        let mut letters: Vec<char> = Vec::new();
        let mut boundaries = vec![0];
        let mut content_words = Vec::new();
        let mut auxiliaries = Vec::new();
        for token in &tokens {
            let start = letters.len();
            letters.extend(token.surface_in_katakana().chars());
            boundaries.push(letters.len());
            if token.is_content {
                content_words.push((start, letters.len()));
            } else if token.part_of_speech.starts_with("助動詞") {
                auxiliaries.push((start, letters.len()));
            }
        }
        let letters: Vec<char> = folded(letters.into_iter()).chars().collect();
        let found = self.best_words(&letters, &boundaries, &content_words, &auxiliaries);
        if found.is_empty() {
            return tokens;
        }
        let mut resegmented = Vec::with_capacity(tokens.len());
        let mut words = found.into_iter().peekable();
        let mut at = 0;
        for (index, token) in tokens.into_iter().enumerate() {
            let (start, end) = (boundaries[index], boundaries[index + 1]);
            let mut is_whole = at <= start;
            // Words that begin in this token, each after the rest of the token before it.
            while let Some((word_start, word_end, base)) = words.next_if(|word| word.0 < end) {
                is_whole = false;
                push_rest(&mut resegmented, &letters, at.max(start), word_start);
                resegmented.push(word(&letters, word_start, word_end, base));
                at = word_end;
            }
            if is_whole {
                at = end;
                resegmented.push(token);
            } else if at < end {
                push_rest(&mut resegmented, &letters, at, end);
                at = end;
            }
        }
        resegmented
    }

    /// Finds the words that cover the text with the greatest score. The score of a word grows with
    /// the square of its length, so that one long word is preferred to several short ones. No word
    /// begins inside an auxiliary: でしょうか has no 消化.
    fn best_words(
        &self,
        letters: &[char],
        boundaries: &[usize],
        content_words: &[(usize, usize)],
        auxiliaries: &[(usize, usize)],
    ) -> Vec<(usize, usize, String)> {
        let mut scores = vec![0_usize; letters.len() + 1];
        let mut steps: Vec<Option<(usize, &String)>> = vec![None; letters.len() + 1];
        let text: String = letters.iter().collect();
        let positions = text.char_indices().map(|(position, _)| position);
        let positions: Vec<usize> = positions.chain([text.len()]).collect();
        for end in 1..=letters.len() {
            scores[end] = scores[end - 1];
            for length in 2..=self.max_kana.min(end) {
                let start = end - length;
                if length < MIN_FREE_WORD_KANA && !content_words.contains(&(start, end)) {
                    continue;
                }
                let is_inside = |(from, to): &(usize, usize)| *from < start && start < *to;
                if auxiliaries.iter().any(is_inside) {
                    continue;
                }
                let reading = &text[positions[start]..positions[end]];
                let is_end = end == letters.len();
                let half_typed = || self.prefixes.get(reading).filter(|_| is_end);
                // Token boundaries break ties: は|いくら, not はいく.
                let ends = [start, end];
                let shared = ends.iter().filter(|end| boundaries.contains(end)).count();
                let score = scores[start] + length * (length + 1) + shared;
                if let Some(base) = self.words.get(reading).or_else(half_typed)
                    && score > scores[end]
                {
                    scores[end] = score;
                    steps[end] = Some((start, base));
                }
            }
        }
        let mut words = Vec::new();
        let mut end = letters.len();
        while end > 0 {
            match steps[end].take() {
                Some((start, base)) => {
                    words.push((start, end, base.clone()));
                    end = start;
                }
                None => end -= 1,
            }
        }
        words.reverse();
        words
    }
}

/// Maps each letter of a reading to its sound.
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

/// Adds the rest of a token that overlaps a word, as a function word.
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
    fn words_of_the_knowledge_are_found_in_kana() {
        let entries = [
            ("カイヒ", "会費"),
            ("ヒキオトシ", "引き落とし"),
            ("ハラ", "払う"),
        ];
        let entries = entries.map(|(reading, base)| (reading.to_owned(), base.to_owned(), 1));
        let vocabulary = Vocabulary::new(&entries);
        let tokens = ["か", "いひ", "の", "ひき", "おとし", "は", "いつ"]
            .map(token)
            .to_vec();
        let tokens = vocabulary.resegment(tokens);
        let bases: Vec<&str> = tokens.iter().map(|token| token.base.as_str()).collect();
        assert_eq!(bases, ["会費", "の", "引き落とし", "は", "いつ"]);
        // A word of two kana must be a token.
        let tokens = ["うは", "らい"].map(token).to_vec();
        assert_eq!(vocabulary.resegment(tokens).len(), 2);
    }
}
