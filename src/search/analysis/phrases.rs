//! Finds given phrases in a text whatever their inflection: 死にたい in 死んでしまいたかった.
//!
//! A phrase with a kanji is a sequence of words, compared by their base forms; particles, adverbs
//! and verbs such as しまう may stand between them. Every phrase is also compared character by
//! character, without spaces, long vowels and the difference of hiragana and katakana. A phrase in
//! Latin letters is a sequence of whole words. A phrase whose end is negated is not found, nor is
//! one that overlaps an exception of its group.
//!
//! Invariants: a phrase starts and ends where a token of the text does; a text without the first
//! characters of a phrase costs one search and no tokenization.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::analyzed::Analysis;
use super::analyzer::Analyzer;
use super::normalize::{KATAKANA_OFFSET, drop_punctuation, normalize};
use super::token::{ASPECT_VERBS, Token};
use crate::search::error::Error;

/// Maximum number of tokens between two words of a phrase.
const MAX_TOKENS_BETWEEN: usize = 4;

/// Particles of a phrase that a text may lack or replace: リスカを|は|もした.
const FREE_PARTICLES: &[&str] = &[
    "が",
    "を",
    "に",
    "は",
    "も",
    "へ",
    "で",
    "の",
    "て",
    "って",
    "なんか",
    "なんて",
];

/// Negations after a phrase.
const NEGATIONS: &[&str] = &["ない", "ぬ", "ん", "ず"];

/// Phrases in groups. Expensive to build: build it once and share it.
pub(in crate::search) struct PhraseFinder {
    automaton: AhoCorasick,
    /// The phrase of each pattern of the automaton.
    phrases: Vec<Phrase>,
    exceptions: Vec<Phrase>,
}

/// A phrase, analyzed.
struct Phrase {
    group: usize,
    form: Form,
    /// The phrase as [`fold`] makes it; for Latin letters, the words between spaces.
    folded: String,
}

enum Form {
    /// Whole words in Latin letters.
    Latin,
    /// Characters only.
    Kana,
    /// Characters, or words by their base forms.
    Words(Vec<Word>),
}

/// A word of a phrase.
struct Word {
    base: String,
    surface: String,
    /// The start that all its forms share.
    stem: String,
}

/// A text to search, tokenized.
struct Text {
    /// The text as [`fold`] makes it, then its Latin words.
    folded: String,
    /// The tokens with their ranges in `folded`.
    tokens: Vec<(Range<usize>, Token)>,
}

impl PhraseFinder {
    /// Analyzes phrases; each has the number of its group.
    ///
    /// # Errors
    /// [`Error::Dictionary`] if there are too many phrases to search for.
    pub(in crate::search) fn new<'a>(
        analyzer: &Analyzer,
        phrases: impl Iterator<Item = (usize, &'a str)>,
        exceptions: impl Iterator<Item = (usize, &'a str)>,
    ) -> Result<Self, Error> {
        let analyze = |(group, text)| Phrase::new(analyzer, group, text);
        // A phrase without letters would be found in every text.
        let has_letters = |phrase: &Phrase| !phrase.folded.trim().is_empty();
        let analyzed: Vec<Phrase> = phrases.map(analyze).filter(has_letters).collect();
        let patterns = analyzed.iter().map(Phrase::prefilter);
        let automaton = AhoCorasick::new(patterns).map_err(Error::dictionary)?;
        Ok(Self {
            automaton,
            phrases: analyzed,
            exceptions: exceptions.map(analyze).filter(has_letters).collect(),
        })
    }

    /// Returns the lowest group of which a text contains a phrase.
    #[must_use]
    pub(in crate::search) fn find(&self, analyzer: &Analyzer, text: &str) -> Option<usize> {
        let normal = normalize(text);
        let (normalized, _) = analyzer.filter_characters(&normal);
        self.find_normalized(analyzer, &normal, &normalized)
    }

    /// As [`PhraseFinder::find`], and analyzes the text, which costs less than both by themselves.
    pub(in crate::search) fn analyze_and_find(
        &self,
        analyzer: &Analyzer,
        text: &str,
    ) -> (Analysis, Option<usize>) {
        let normal = normalize(text);
        let analysis = analyzer.analyze_normal(text, &normal);
        let found = self.find_normalized(analyzer, &normal, &analysis.normalized);
        (analysis, found)
    }

    /// Searches a text before and after [`Analyzer::filter_characters`].
    fn find_normalized(
        &self,
        analyzer: &Analyzer,
        normal: &str,
        normalized: &str,
    ) -> Option<usize> {
        let latin = latin_words(normal);
        let folded = fold(normalized);
        let mut candidates: BTreeSet<usize> = BTreeSet::new();
        for text in [&folded, &latin] {
            let found = self.automaton.find_overlapping_iter(text);
            candidates.extend(found.map(|found| found.pattern().as_usize()));
        }
        if candidates.is_empty() {
            return None;
        }
        let text = Text::new(analyzer.tokenize(normalized), &latin);
        let phrases = candidates.into_iter().map(|index| &self.phrases[index]);
        let found = phrases.filter(|phrase| {
            let spans = text.spans(phrase);
            spans
                .into_iter()
                .any(|span| !self.is_excepted(phrase.group, &span, &text))
        });
        found.map(|phrase| phrase.group).min()
    }

    fn is_excepted(&self, group: usize, span: &Range<usize>, text: &Text) -> bool {
        let mut exceptions = self.exceptions.iter().filter(|own| own.group == group);
        exceptions.any(|exception| {
            let mut spans = text.spans(exception).into_iter();
            spans.any(|other| other.start < span.end && span.start < other.end)
        })
    }
}

impl Phrase {
    fn new(analyzer: &Analyzer, group: usize, text: &str) -> Self {
        let normal = normalize(text);
        if normal.is_ascii() {
            return Self {
                group,
                form: Form::Latin,
                folded: latin_words(&normal),
            };
        }
        let normalized = drop_punctuation(&normal);
        let tokens = analyzer.tokenize(&normalized);
        let last = tokens.len().saturating_sub(1);
        let words = tokens.iter().enumerate().filter(|(index, token)| {
            let is_free = FREE_PARTICLES.contains(&token.surface.as_str());
            *index == last || !(is_particle(token) && is_free)
        });
        let words: Vec<Word> = words
            .map(|(_, token)| Word {
                base: token.base.clone(),
                surface: token.surface.clone(),
                stem: stem(token).to_owned(),
            })
            .collect();
        let is_anchored = words.iter().any(|word| has_kanji(&word.base));
        Self {
            group,
            form: if is_anchored {
                Form::Words(words)
            } else {
                Form::Kana
            },
            folded: fold(&normalized),
        }
    }

    /// Returns characters that every text with the phrase contains.
    fn prefilter(&self) -> String {
        let Form::Words(words) = &self.form else {
            return self.folded.clone();
        };
        let stems = words.iter().map(|word| word.stem.as_str());
        let stems = stems.filter(|stem| has_kanji(stem));
        // The first of the longest.
        let longest = stems.rev().max_by_key(|stem| stem.chars().count());
        fold(longest.unwrap_or_default())
    }
}

impl Text {
    fn new(tokens: Vec<Token>, latin: &str) -> Self {
        let mut folded = String::new();
        let tokens = tokens.into_iter().map(|token| {
            let start = folded.len();
            fold_into(&token.surface, &mut folded);
            (start..folded.len(), token)
        });
        let tokens = tokens.collect();
        folded.push_str(latin);
        Self { folded, tokens }
    }

    /// Lists the ranges in which the text has a phrase.
    fn spans(&self, phrase: &Phrase) -> Vec<Range<usize>> {
        let found = self.folded.match_indices(&phrase.folded);
        let mut spans: Vec<Range<usize>> = found
            .map(|(start, found)| start..start + found.len())
            .collect();
        match &phrase.form {
            // The spaces around each word are its boundaries.
            Form::Latin => {}
            Form::Kana => spans.retain(|span| self.is_bounded(span)),
            Form::Words(words) => {
                spans.retain(|span| self.is_bounded(span));
                let starts = 0..self.tokens.len();
                spans.extend(starts.filter_map(|start| self.span_of_words(start, words)));
            }
        }
        spans
    }

    /// Returns whether tokens start and end where a range does, and no negation follows.
    fn is_bounded(&self, span: &Range<usize>) -> bool {
        let mut tokens = self.tokens.iter();
        let starts = tokens.any(|(range, _)| range.start == span.start);
        let end = self
            .tokens
            .iter()
            .position(|(range, _)| range.end == span.end);
        starts && end.is_some_and(|end| !self.is_negated(end + 1))
    }

    /// Finds the words of a phrase from a token on.
    fn span_of_words(&self, start: usize, words: &[Word]) -> Option<Range<usize>> {
        let (first, rest) = words.split_first()?;
        let (range, token) = &self.tokens[start];
        if !first.is(token) {
            return None;
        }
        let mut next = start + 1;
        for word in rest {
            let mut between = 0;
            while !word.is(&self.tokens.get(next)?.1) {
                between += 1;
                if between > MAX_TOKENS_BETWEEN || !may_stand_between(&self.tokens[next].1) {
                    return None;
                }
                next += 1;
            }
            next += 1;
        }
        let end = self.tokens[next - 1].0.end;
        (!self.is_negated(next)).then_some(range.start..end)
    }

    /// Returns whether a negation follows: at a token or after particles and verbs of aspect.
    fn is_negated(&self, from: usize) -> bool {
        let after = self.tokens.iter().skip(from).map(|(_, token)| token);
        let mut after = after.skip_while(|token| may_stand_between(token));
        after.next().is_some_and(|token| {
            let is_auxiliary = token.part_of_speech.starts_with("助動詞")
                || token.part_of_speech.starts_with("形容詞");
            is_auxiliary && NEGATIONS.contains(&token.base.as_str())
        })
    }
}

impl Word {
    fn is(&self, token: &Token) -> bool {
        token.base == self.base || token.surface == self.surface
    }
}

fn is_particle(token: &Token) -> bool {
    token.part_of_speech.starts_with("助詞")
}

fn may_stand_between(token: &Token) -> bool {
    let part = token.part_of_speech.as_str();
    is_particle(token)
        || part.starts_with("副詞")
        || part.starts_with("フィラー")
        || (part == "動詞,非自立" && ASPECT_VERBS.contains(&token.base.as_str()))
}

fn has_kanji(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '一'..='鿿'))
}

/// Returns the start that all forms of a word share: without the last kana of a verb or adjective.
fn stem(token: &Token) -> &str {
    let (base, part) = (token.base.as_str(), token.part_of_speech.as_str());
    let inflects = part.starts_with("動詞") || part.starts_with("形容詞");
    match base.char_indices().next_back() {
        Some((last, _)) if inflects => &base[..last],
        _ => base,
    }
}

/// Returns the Latin words of a normalised text, each between spaces.
fn latin_words(normal: &str) -> String {
    let mut words = String::from(" ");
    for word in normal.split(|c: char| !c.is_ascii_alphanumeric()) {
        if word.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            words.push_str(word);
            words.push(' ');
        }
    }
    words
}

/// Folds a normalised text: hiragana for katakana, no spaces, no lengthened vowels.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

fn fold_into(text: &str, folded: &mut String) {
    for letter in text.chars() {
        let letter = match letter {
            ' ' => continue,
            'ァ'..='ヶ' => char::from_u32(u32::from(letter) - KATAKANA_OFFSET).unwrap_or(letter),
            other => other,
        };
        if !matches!(letter, 'ー' | 'あ' | 'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ') {
            folded.push(letter);
            continue;
        }
        let row = folded.chars().next_back().and_then(vowel);
        match (letter, row) {
            // てぇ, てー and てえ are the same; たぁ, たー and た too.
            ('ー' | 'ぇ', Some('え')) => folded.push('え'),
            ('ー', _) | ('ぁ' | 'あ', Some('あ')) | ('ぃ', Some('い')) => {}
            ('ぅ', Some('う')) | ('ぉ', Some('お')) => {}
            ('ぁ', _) => folded.push('あ'),
            ('ぃ', _) => folded.push('い'),
            ('ぅ', _) => folded.push('う'),
            ('ぇ', _) => folded.push('え'),
            ('ぉ', _) => folded.push('お'),
            (other, _) => folded.push(other),
        }
    }
}

/// Returns the vowel in which a hiragana ends.
fn vowel(letter: char) -> Option<char> {
    const ROWS: [(char, &str); 5] = [
        ('あ', "あかがさざただなはばぱまやらわゃ"),
        ('い', "いきぎしじちぢにひびぴみり"),
        ('う', "うくぐすずつづぬふぶぷむゆるゅ"),
        ('え', "えけげせぜてでねへべぺめれ"),
        ('お', "おこごそぞとどのほぼぽもよろをょ"),
    ];
    let row = ROWS.iter().find(|(_, row)| row.contains(letter));
    row.map(|(vowel, _)| *vowel)
}
