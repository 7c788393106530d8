//! text -> terms: the character filter, lindera's tokenizer with IPADIC and the lexicon's words,
//! and the token filters. One analyzer for the index and for questions.
//!
//! Invariant: equal texts give equal terms whichever side they come from; no text is an error.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use aho_corasick::AhoCorasick;
use lindera::segmenter::Segmenter;
use lindera_dictionary::viterbi::Lattice;

use super::lexicon::{latin_words, segmenter, spellings};
use super::negation;
use super::normalize::{drop_punctuation, is_kana, normalize};
use super::romaji;
use super::token::{Token, is_content, katakana_stem};
use super::vocabulary::Vocabulary;
use crate::knowledge::KnowledgeBase;
use crate::search::error::Error;

/// What the analyzer makes of a text.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// The text as it was written.
    pub text: String,
    /// The text after the character filter, spelling variants and romaji.
    pub normalized: String,
    /// Every token, those that the token filters drop too.
    pub tokens: Vec<Token>,
    /// Terms of the words field.
    pub words: Vec<WordTerm>,
    /// The katakana reading of the whole text.
    pub reading: String,
    /// Whether the text is written in kana alone, so that its words cannot be trusted.
    pub is_kana: bool,
    /// Whether the text as it was written is sounds alone, hiragana or romaji, even if some are a
    /// known spelling of a word.
    pub(in crate::search) is_sounds: bool,
}

/// A term of the words field.
#[derive(Debug, Clone, PartialEq)]
pub struct WordTerm {
    /// The base form, or the name of a synonym group.
    pub text: String,
    /// Its share of its word's weight: a word in a synonym group stands for two terms.
    pub weight: f32,
}

/// The weight that a synonym group takes of a word's weight; the rest is left to the exact word.
const SYNONYM_WEIGHT: f32 = 0.7;

/// Marks the term of a synonym group, so that no word can be mistaken for one.
const SYNONYM_MARK: char = '≈';

thread_local! {
    /// The tokenizer's working memory, kept between texts: making it anew costs more than the
    /// cutting of a short question.
    static LATTICE: RefCell<Lattice> = RefCell::default();
}

/// Turns texts into terms. Cheap to share, costly to make.
pub struct Analyzer {
    segmenter: Segmenter,
    spellings: Option<(AhoCorasick, Vec<String>)>,
    synonyms: HashMap<String, Vec<(Vec<String>, String)>>,
    stop_words: HashSet<String>,
    latin_words: HashSet<String>,
    vocabulary: Vocabulary,
}

impl Analyzer {
    /// Builds the analyzer for a knowledge base: its lexicon, and the Latin words it uses.
    ///
    /// # Errors
    /// [`Error::Dictionary`] if the dictionary or the lexicon's words cannot be used.
    pub fn new(knowledge: &KnowledgeBase) -> Result<Self, Error> {
        let lexicon = &knowledge.lexicon;
        let mut analyzer = Self {
            segmenter: segmenter(lexicon)?,
            spellings: spellings(lexicon)?,
            synonyms: HashMap::new(),
            stop_words: HashSet::new(),
            latin_words: latin_words(knowledge),
            vocabulary: Vocabulary::default(),
        };
        for word in &lexicon.stop_words {
            analyzer.stop_words.insert(normalize(word));
        }
        // Groups are analyzed like any text, so that what they hold is what questions hold.
        for group in &lexicon.synonyms {
            let Some(name) = group.terms.first() else {
                continue;
            };
            let name = format!("{SYNONYM_MARK}{name}");
            for term in &group.terms {
                let tokens = analyzer.content_words(term);
                if let Some(first) = tokens.first() {
                    let sequences = analyzer.synonyms.entry(first.clone()).or_default();
                    sequences.push((tokens, name.clone()));
                }
            }
        }
        for sequences in analyzer.synonyms.values_mut() {
            sequences.sort_by_key(|(tokens, _)| std::cmp::Reverse(tokens.len()));
        }
        Ok(analyzer)
    }

    /// Teaches the words of the knowledge by their readings, for texts in kana.
    pub(in crate::search) fn learn(&mut self, vocabulary: Vocabulary) {
        self.vocabulary = vocabulary;
    }

    /// Analyzes a text. Costs some 50 µs for a question: a third of an answer.
    #[must_use]
    pub fn analyze(&self, text: &str) -> Analysis {
        let normal = normalize(text);
        let (normalized, is_romaji) = self.filter_characters(&normal);
        let is_kana = is_in_kana(&normalized);
        let mut tokens = self.tokenize(&normalized);
        if is_kana {
            tokens = self.vocabulary.recut(tokens);
        }
        let words = self.word_terms(&tokens);
        let reading = tokens.iter().map(|token| token.reading.as_str()).collect();
        Analysis {
            text: text.to_owned(),
            is_sounds: is_romaji || is_in_sounds(text, &drop_punctuation(&normal)),
            normalized,
            tokens,
            words,
            reading,
            is_kana,
        }
    }

    /// Brings a text to the form in which two that are the same to the letter are equal.
    pub(in crate::search) fn exact_form(&self, text: &str) -> String {
        let (filtered, _) = self.filter_characters(&normalize(text));
        filtered.split(' ').collect()
    }

    /// Lists a text's tokens with the bytes they stand at and the words terms they give. For
    /// texts of the knowledge: what normalisation would change is matched less well.
    pub(in crate::search) fn spans(&self, text: &str) -> Vec<(Range<usize>, Token, Vec<String>)> {
        let mut spans = Vec::new();
        let mut from = 0;
        for word in self.tokenize(text) {
            let Some(start) = text[from..].find(&word.surface) else {
                continue;
            };
            let span = from + start..from + start + word.surface.len();
            from = span.end;
            let terms = self.word_terms(std::slice::from_ref(&word));
            let mut terms: Vec<String> = terms.into_iter().map(|term| term.text).collect();
            // The token as a question would have it: lower case, in its canonical spelling.
            terms.extend(
                self.analyze(&word.surface)
                    .words
                    .into_iter()
                    .map(|t| t.text),
            );
            spans.push((span, word, terms));
        }
        spans
    }

    /// Filters a normalised text, and tells whether it was romaji.
    fn filter_characters(&self, normal: &str) -> (String, bool) {
        let normal = self.replace_spellings(normal);
        let words = drop_punctuation(&normal);
        // Romaji is read with its hyphens: they are long-vowel marks (`sapo-ta-`).
        let letters = if words.is_ascii() { &normal } else { &words };
        match romaji::to_kana(letters, &self.latin_words) {
            // Converted text may hold spellings that only kana show.
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
            let whole_word = is_whole_latin_word(text, found.start(), found.end());
            if whole_word {
                replaced.push_str(&canonical[found.pattern().as_usize()]);
            } else {
                replaced.push_str(&text[found.start()..found.end()]);
            }
            end = found.end();
        }
        replaced.push_str(&text[end..]);
        replaced
    }

    fn tokenize(&self, normalized: &str) -> Vec<Token> {
        // Lindera fails on no text that is UTF-8; if it ever did, no terms is the honest answer.
        let cut = LATTICE.with_borrow_mut(|lattice| {
            let text = Cow::Borrowed(normalized);
            self.segmenter.segment_with_lattice(text, lattice)
        });
        let Ok(cut) = cut else {
            return Vec::new();
        };
        let mut tokens = Vec::with_capacity(cut.len());
        for mut token in cut {
            let surface = token.surface.to_string();
            if surface.trim().is_empty() {
                continue;
            }
            if token.word_id.is_unknown()
                && let Some(words) = self.function_words(&surface)
            {
                tokens.extend(words);
                continue;
            }
            let details = token.details();
            let detail = |index: usize| details.get(index).copied().unwrap_or("*");
            let (part, subpart) = (detail(0), detail(1));
            let base = match detail(6) {
                "*" => surface.clone(),
                base => base.to_owned(),
            };
            let reading = match detail(7) {
                "*" => romaji::reading(&surface),
                reading => reading.to_owned(),
            };
            let base = katakana_stem(base);
            // A lone kana or long-vowel mark is a splinter of a word that the dictionary lacks.
            let is_splinter = surface.chars().count() == 1 && surface.chars().all(is_kana);
            let is_content = !is_splinter
                && is_content(part, subpart, &base)
                && !self.stop_words.contains(&base);
            tokens.push(Token {
                part_of_speech: format!("{part},{subpart}"),
                surface,
                base,
                reading,
                is_content,
            });
        }
        tokens
    }

    /// Reads katakana that is no word as hiragana: ｶｲﾔｸ ｼﾀｲ is 解約したい typed in another width.
    /// Only if nothing but inflection and particles comes of it; else it is a name.
    fn function_words(&self, surface: &str) -> Option<Vec<Token>> {
        let hiragana: String = surface
            .chars()
            .map(|letter| match letter {
                // Hiragana and katakana stand in the same order, 96 apart.
                'ァ'..='ヶ' => char::from_u32(u32::from(letter) - 96),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let tokens = self.tokenize(&hiragana);
        tokens.iter().all(Token::is_grammar).then_some(tokens)
    }

    fn content_words(&self, text: &str) -> Vec<String> {
        let tokens = self.tokenize(&self.filter_characters(&normalize(text)).0);
        let content = tokens.into_iter().filter(|token| token.is_content);
        content.map(|token| token.base).collect()
    }

    /// Content words, beside each that stands in a synonym group the group's own term, and beside
    /// each that is negated a term that says so.
    fn word_terms(&self, tokens: &[Token]) -> Vec<WordTerm> {
        let content = tokens.iter().filter(|token| token.is_content);
        let words: Vec<&str> = content.map(|token| token.base.as_str()).collect();
        let negated = negation::negated(tokens);
        let mut terms: Vec<WordTerm> = Vec::with_capacity(words.len() * 2);
        let mut push = |text: &str, weight: f32| {
            terms.push(WordTerm {
                text: text.to_owned(),
                weight,
            });
        };
        let mut index = 0;
        while index < words.len() {
            let group = self.synonyms.get(words[index]).and_then(|sequences| {
                let mut sequences = sequences.iter();
                sequences.find(|(sequence, _)| starts_with(&words[index..], sequence))
            });
            let (length, name) = match group {
                Some((sequence, name)) => {
                    push(name, SYNONYM_WEIGHT);
                    for word in &words[index..index + sequence.len()] {
                        push(word, 1.0 - SYNONYM_WEIGHT);
                    }
                    (sequence.len(), name.as_str())
                }
                None => {
                    push(words[index], 1.0);
                    (1, words[index])
                }
            };
            let mut span = negated.iter().skip(index).take(length);
            if span.any(|is_negated| *is_negated) {
                push(&format!("{}{name}", negation::MARK), negation::WEIGHT);
            }
            index += length;
        }
        terms
    }
}

/// Tells whether a text has no kanji and is kana for the most part.
fn is_in_kana(normalized: &str) -> bool {
    let (mut kana, mut latin) = (0, 0);
    for letter in normalized.chars() {
        match letter {
            ' ' => {}
            letter if is_kana(letter) => kana += 1,
            letter if letter.is_ascii() => latin += 1,
            _ => return false,
        }
    }
    kana > latin
}

/// Tells whether a text stands for its sounds: hiragana alone, or the half-width kana of old
/// terminals. Katakana beside hiragana are words as anybody writes them (ネットはありますか).
fn is_in_sounds(text: &str, normalized: &str) -> bool {
    let is_katakana = |letter| matches!(letter, 'ァ'..='ヺ');
    let is_half_width = |letter| matches!(letter, '\u{ff66}'..='\u{ff9d}');
    is_in_kana(normalized) && (!text.contains(is_katakana) || text.contains(is_half_width))
}

/// Returns an analyzed text in the form of [`Analyzer::exact_form`].
pub(in crate::search) fn exact_form(analysis: &Analysis) -> String {
    analysis.normalized.split(' ').collect()
}

fn starts_with(words: &[&str], sequence: &[String]) -> bool {
    words.len() >= sequence.len() && words.iter().zip(sequence).all(|(a, b)| a == b)
}

/// A spelling in Latin letters is replaced only where it is a word of its own: `hp`, not `php`.
fn is_whole_latin_word(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric();
    let joins = |left: Option<char>, right: Option<char>| {
        left.is_some_and(letter) && right.is_some_and(letter)
    };
    let inside = &text[start..end];
    !joins(text[..start].chars().next_back(), inside.chars().next())
        && !joins(inside.chars().next_back(), text[end..].chars().next())
}
