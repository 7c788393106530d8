//! The analyzer: character filter, lindera's tokenizer, token filters.
//!
//! Input: a text. Output: an [`Analysis`] with its tokens and terms. The tokenizer uses IPADIC and
//! the words of the lexicon.
//!
//! Invariants: index and questions use the same analyzer, so equal texts have equal terms; no text
//! causes an error.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use lindera::segmenter::Segmenter;
use lindera_dictionary::dictionary::DetailFields;
use lindera_dictionary::viterbi::Lattice;
use rustc_hash::FxHashSet;

use super::analyzed::{Analysis, exact_form};
use super::lexicon::{latin_words, may_be_latin, segmenter, spellings};
use super::normalize::{KATAKANA_OFFSET, drop_punctuation, fold_in_place, is_kana, normalize};
use super::quantity;
use super::romaji;
use super::script::{is_divided, is_in_hiragana, is_in_kana, is_phonetic, is_spaced};
use super::synonyms::Synonyms;
use super::token::{Token, is_content, katakana_stem};
use super::vocabulary::Vocabulary;
use crate::knowledge::KnowledgeBase;
use crate::search::error::Error;

/// Number of details of a word between its part of speech in two levels, and its base form and
/// reading.
const INFLECTION_DETAILS: usize = 4;

thread_local! {
    /// Working memory of the tokenizer, reused because allocating it costs more than tokenizing
    /// a short question.
    static LATTICE: RefCell<Lattice> = RefCell::default();
}

/// Turns texts into terms. Expensive to build: build it once and share it.
pub struct Analyzer {
    segmenter: Segmenter,
    spellings: Option<(AhoCorasick, Vec<String>)>,
    synonyms: Synonyms,
    stop_words: FxHashSet<String>,
    latin_words: FxHashSet<String>,
    vocabulary: Vocabulary,
}

impl Analyzer {
    /// Builds the analyzer from the lexicon and the Latin words of a knowledge base.
    ///
    /// # Errors
    /// [`Error::Dictionary`] if the dictionary or the lexicon's words cannot be used.
    pub fn new(knowledge: &KnowledgeBase) -> Result<Self, Error> {
        let lexicon = &knowledge.lexicon;
        let mut analyzer = Self {
            segmenter: segmenter(lexicon)?,
            spellings: spellings(lexicon)?,
            synonyms: Synonyms::default(),
            stop_words: FxHashSet::default(),
            latin_words: latin_words(knowledge),
            vocabulary: Vocabulary::default(),
        };
        for word in &lexicon.stop_words {
            analyzer.stop_words.insert(normalize(word));
        }
        // Synonyms are analyzed like any text, so that they equal the words of questions.
        analyzer.synonyms = Synonyms::new(lexicon, |term| analyzer.tokenize_term(term));
        Ok(analyzer)
    }

    /// Sets the words that are recognised by their readings in texts in kana.
    pub(in crate::search) fn set_vocabulary(&mut self, vocabulary: Vocabulary) {
        self.vocabulary = vocabulary;
    }

    /// Returns a function that tells whether two analyzers of the same lexicon analyze a text alike,
    /// apart from the vocabulary: whether it has none of the Latin words that only one of them knows.
    pub(in crate::search) fn alike<'a>(&'a self, other: &'a Self) -> impl Fn(&str) -> bool + 'a {
        let words = self.latin_words.symmetric_difference(&other.latin_words);
        let words: Vec<&String> = words.collect();
        move |text| {
            if words.is_empty() || !may_be_latin(text) {
                return true;
            }
            // An apostrophe does not separate words.
            let text = normalize(text).replace('\'', "");
            !words.iter().any(|word| text.contains(word.as_str()))
        }
    }

    /// Analyzes a text. Takes about 20 µs for a question.
    #[must_use]
    pub fn analyze(&self, text: &str) -> Analysis {
        self.analyze_normal(text, &normalize(text))
    }

    /// Analyzes a text and its normalised form.
    pub(super) fn analyze_normal(&self, text: &str, normal: &str) -> Analysis {
        let (normalized, is_romaji) = self.filter_characters(normal);
        let is_kana = is_in_kana(&normalized);
        let is_divided = is_divided(&normalized);
        let mut tokens = self.tokenize(&normalized);
        if is_kana || is_divided {
            tokens = self.resegment(tokens, &normalized, is_kana);
        }
        let words = self.synonyms.terms(&tokens);
        let reading = tokens.iter().map(|token| token.reading.as_str()).collect();
        Analysis {
            text: text.to_owned(),
            is_phonetic: is_romaji || is_phonetic(text, &drop_punctuation(normal)),
            is_spaced: is_divided && is_spaced(text),
            quantities: quantity::of_normalized(text, normal),
            normalized,
            tokens,
            words,
            reading,
            is_kana,
        }
    }

    /// Finds the words of the vocabulary in the parts in hiragana of a normalised text, or in all parts of one
    /// in kana. No word goes across a space.
    fn resegment(&self, tokens: Vec<Token>, normalized: &str, is_kana: bool) -> Vec<Token> {
        let mut resegmented = Vec::with_capacity(tokens.len());
        let mut tokens = tokens.into_iter().peekable();
        for part in normalized.split(' ') {
            let (mut own, mut rest) = (Vec::new(), part.len());
            while let Some(token) = tokens.next_if(|token| token.surface.len() <= rest) {
                rest -= token.surface.len();
                own.push(token);
            }
            resegmented.extend(if is_kana || is_in_hiragana(part) {
                self.vocabulary.resegment(own)
            } else {
                own
            });
        }
        resegmented.extend(tokens);
        resegmented
    }

    /// Returns [`Analysis::exact_form`] of a text without tokenizing it.
    pub(in crate::search) fn exact_form(&self, text: &str) -> String {
        let (filtered, _) = self.filter_characters(&normalize(text));
        exact_form(&filtered, text)
    }

    /// Lists the tokens of a text with their byte ranges and their terms of the words field. Only
    /// single characters are normalised, so that the ranges refer to the text; some words are
    /// therefore not recognised.
    pub(in crate::search) fn spans(&self, text: &str) -> Vec<(Range<usize>, Token, Vec<String>)> {
        let mut spans = Vec::new();
        let (folded, positions) = fold_in_place(text);
        let mut from = 0;
        for word in self.tokenize(&folded) {
            let Some(start) = folded[from..].find(&word.surface) else {
                continue;
            };
            let (start, end) = (from + start, from + start + word.surface.len());
            from = end;
            let terms = self.synonyms.terms(std::slice::from_ref(&word)).into_iter();
            // In a question the token is in lower case and in its canonical spelling.
            let terms = terms.chain(self.analyze(&word.surface).words);
            let terms = terms.map(|term| term.text).collect();
            spans.push((positions[start]..positions[end], word, terms));
        }
        spans
    }

    /// Applies spellings and romaji to a normalised text; returns whether it was romaji.
    pub(super) fn filter_characters(&self, normal: &str) -> (String, bool) {
        let normal = self.replace_spellings(normal);
        let words = drop_punctuation(&normal);
        // Romaji keeps its hyphens: they are long-vowel marks (`sapo-ta-`).
        let letters = if words.is_ascii() { &normal } else { &words };
        match romaji::to_kana(letters, &self.latin_words) {
            // A spelling variant may be in kana, so spellings are replaced once more.
            Some(kana) => (drop_punctuation(&self.replace_spellings(&kana)), true),
            None => (words, false),
        }
    }

    fn replace_spellings(&self, text: &str) -> String {
        let Some((automaton, canonical)) = &self.spellings else {
            return text.to_owned();
        };
        let mut replaced = String::with_capacity(text.len());
        let mut end = 0;
        for found in automaton.find_iter(text) {
            replaced.push_str(&text[end..found.start()]);
            replaced.push_str(if is_whole_latin_word(text, found.range()) {
                &canonical[found.pattern().as_usize()]
            } else {
                &text[found.range()]
            });
            end = found.end();
        }
        replaced.push_str(&text[end..]);
        replaced
    }

    /// Cuts a normalised text into tokens, whatever the words of the knowledge.
    pub(super) fn tokenize(&self, normalized: &str) -> Vec<Token> {
        // Lindera accepts every UTF-8 text; if it fails nevertheless, the text has no terms.
        let segments = LATTICE.with_borrow_mut(|lattice| {
            let text = Cow::Borrowed(normalized);
            self.segmenter.segment_with_lattice(text, lattice)
        });
        let Ok(segments) = segments else {
            return Vec::new();
        };
        let mut tokens = Vec::with_capacity(segments.len());
        for token in segments {
            let mut details = details(&token);
            let surface = token.surface.into_owned();
            if surface.trim().is_empty() {
                continue;
            }
            if token.word_id.is_unknown()
                && let Some(words) = self.function_words(&surface)
            {
                tokens.extend(words);
                continue;
            }
            let mut detail = |skipped: usize| details.nth(skipped).unwrap_or("*");
            let (part, subpart) = (detail(0), detail(0));
            let base = match detail(INFLECTION_DETAILS) {
                "*" => surface.clone(),
                base => base.to_owned(),
            };
            let reading = match detail(0) {
                "*" => romaji::reading(&surface),
                reading => reading.to_owned(),
            };
            let base = katakana_stem(base);
            // The dictionary takes 料って in 保育料って for a verb that is no longer used.
            let (base, part, subpart) = match base.as_str() {
                "料る" => ("料".to_owned(), "名詞", "接尾"),
                _ => (base, part, subpart),
            };
            // A single kana or long-vowel mark is a fragment of a word that the dictionary lacks.
            let is_fragment = surface.chars().count() == 1 && surface.chars().all(is_kana);
            let is_content = !is_fragment
                && is_content(part, subpart, &base)
                && !self.stop_words.contains(&base);
            tokens.push(Token {
                part_of_speech: [part, subpart].join(","),
                surface,
                base,
                reading,
                is_content,
            });
        }
        tokens
    }

    /// Tokenizes an unknown katakana word as hiragana: ｼﾀｲ in ｶｲﾔｸ ｼﾀｲ is したい. Returns the tokens
    /// if all are particles or inflections; otherwise the word is a name.
    fn function_words(&self, surface: &str) -> Option<Vec<Token>> {
        let hiragana: String = surface
            .chars()
            .map(|letter| match letter {
                'ァ'..='ヶ' => char::from_u32(u32::from(letter) - KATAKANA_OFFSET),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let tokens = self.tokenize(&hiragana);
        tokens.iter().all(Token::is_grammar).then_some(tokens)
    }

    /// Cuts a term of a synonym group into tokens. It is never romaji: `no` in `no charge` is no particle.
    pub(super) fn tokenize_term(&self, term: &str) -> Vec<Token> {
        let normal = self.replace_spellings(&normalize(term));
        self.tokenize(&drop_punctuation(&normal))
    }
}

/// Returns the details of a token. Unlike the method of lindera, which lists them twice, it allocates
/// nothing.
fn details<'a>(token: &lindera::token::Token<'a>) -> DetailFields<'a> {
    let word = token.word_id.id() as usize;
    match token.user_dictionary {
        _ if token.word_id.is_unknown() => token.dictionary.unknown_word_details_iter(word),
        _ if token.word_id.is_system() => token.dictionary.word_details_iter(word),
        Some(dictionary) => dictionary.word_details_iter(word),
        None => DetailFields::unk(),
    }
}

/// Returns whether a range neither starts nor ends inside a Latin word, as `hp` does in `php`.
fn is_whole_latin_word(text: &str, range: Range<usize>) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric();
    let joins = |left: Option<char>, right: Option<char>| {
        left.is_some_and(letter) && right.is_some_and(letter)
    };
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let inside = &text[range];
    !joins(before.chars().next_back(), inside.chars().next())
        && !joins(inside.chars().next_back(), after.chars().next())
}
