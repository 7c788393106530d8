//! The lexicon: what the analyzer must know about the organisation's words.

use super::problem::Location;

/// Words of `lexicon.toml`, as written.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// Different spellings of one word.
    pub spellings: Vec<Spelling>,
    /// Different words for one thing.
    pub synonyms: Vec<Synonyms>,
    /// Words that the tokenizer must not cut.
    pub words: Vec<Word>,
    /// Base forms that carry no meaning of their own in a question.
    pub stop_words: Vec<String>,
}

/// Spellings that are replaced by one of them before the text is cut into tokens.
#[derive(Debug, Clone)]
pub struct Spelling {
    /// The spelling that is kept.
    pub canonical: String,
    /// The spellings that are replaced.
    pub variants: Vec<String>,
    /// Where it is written.
    pub location: Location,
}

/// Words that stand for the same thing here.
#[derive(Debug, Clone)]
pub struct Synonyms {
    /// The words, in their dictionary form.
    pub terms: Vec<String>,
    /// Where it is written.
    pub location: Location,
}

/// A word for the tokenizer's user dictionary.
#[derive(Debug, Clone)]
pub struct Word {
    /// The word as it stands in normalised text.
    pub surface: String,
    /// Its reading in katakana.
    pub reading: String,
    /// Where it is written.
    pub location: Location,
}
