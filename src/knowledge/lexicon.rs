//! The lexicon: spellings, synonyms and words of the organisation, for the analyzer.

use super::problem::Location;

/// Words of `lexicon.toml`, as written.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// Different spellings of one word.
    pub spellings: Vec<Spelling>,
    /// Different words for one thing.
    pub synonyms: Vec<Synonyms>,
    /// Words that the tokenizer must not split.
    pub words: Vec<Word>,
    /// Base forms that carry no meaning in a question.
    pub stop_words: Vec<String>,
    /// Whether the general synonyms of the program are not used.
    pub has_only_own_synonyms: bool,
}

/// Spellings that are replaced by one of them before tokenization.
#[derive(Debug, Clone)]
pub struct Spelling {
    /// The spelling that is kept.
    pub canonical: String,
    /// The spellings that are replaced.
    pub variants: Vec<String>,
    /// The position in the knowledge folder.
    pub location: Location,
}

/// Words with the same meaning in this organisation.
#[derive(Debug, Clone)]
pub struct Synonyms {
    /// The words, in their dictionary form.
    pub terms: Vec<String>,
    /// The position in the knowledge folder.
    pub location: Location,
}

/// A word for the tokenizer's user dictionary.
#[derive(Debug, Clone)]
pub struct Word {
    /// The word in normalised text.
    pub surface: String,
    /// Its reading in katakana.
    pub reading: String,
    /// The position in the knowledge folder.
    pub location: Location,
}
