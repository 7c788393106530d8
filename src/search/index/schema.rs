//! The tantivy fields, and the small tokenizer that hands analyzed terms to them.
//!
//! Three kinds of documents share the fields (beside one that holds the vocabulary): a *phrase* (one way to ask), a *profile* (all ways
//! to ask for a subject) and a *text* (question and answer).

use tantivy::schema::{
    FAST, Field, IndexRecordOption, Schema as TantivySchema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

/// Raised whenever the fields, or what goes into them, change: an index of another version is
/// built anew.
pub(in crate::search) const VERSION: u32 = 7;

/// Separates terms in the text that tantivy is given; the character filter drops it everywhere.
pub(in crate::search) const SEPARATOR: char = '\u{1f}';

/// Separates the parts of a vocabulary term.
pub(in crate::search) const READING_SEPARATOR: char = '\u{1e}';

const TOKENIZER: &str = "terms";

/// What a document of the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::search) enum Kind {
    /// One way to ask.
    Phrase = 0,
    /// All ways to ask together; how many subjects a term stands in is counted here.
    Profile = 1,
    /// Question and answer.
    Text = 2,
    /// The words of the knowledge with their readings; one document.
    Vocabulary = 3,
}

/// The fields of the index.
#[derive(Debug, Clone)]
pub(in crate::search) struct Schema {
    /// What tantivy is given.
    pub(in crate::search) tantivy: TantivySchema,
    /// Position of the subject in the list of documents.
    pub(in crate::search) subject: Field,
    /// The [`Kind`] of document.
    pub(in crate::search) kind: Field,
    /// Base forms and synonym groups.
    pub(in crate::search) words: Field,
    /// Bigrams and single characters.
    pub(in crate::search) grams: Field,
    /// Number, reading and word, joined by [`READING_SEPARATOR`]; the most frequent first.
    pub(in crate::search) vocabulary: Field,
}

impl Schema {
    /// Describes the fields.
    pub(in crate::search) fn new() -> Self {
        let mut builder = TantivySchema::builder();
        let terms = || {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(TOKENIZER)
                .set_index_option(IndexRecordOption::WithFreqs)
                .set_fieldnorms(true);
            TextOptions::default().set_indexing_options(indexing)
        };
        Self {
            subject: builder.add_u64_field("subject", FAST),
            kind: builder.add_u64_field("kind", FAST),
            words: builder.add_text_field("words", terms()),
            grams: builder.add_text_field("grams", terms()),
            vocabulary: builder.add_text_field("vocabulary", terms()),
            tantivy: builder.build(),
        }
    }

    /// Returns the tokenizers that the fields name.
    pub(in crate::search) fn tokenizers() -> TokenizerManager {
        let tokenizers = TokenizerManager::default();
        tokenizers.register(TOKENIZER, TermTokenizer);
        tokenizers
    }
}

/// Cuts a text of analyzed terms at its separators. Analysis happens before tantivy: both fields
/// come from one run of the morphological analyzer.
#[derive(Clone)]
struct TermTokenizer;

impl Tokenizer for TermTokenizer {
    type TokenStream<'a> = TermStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TermStream<'a> {
        TermStream {
            rest: Some(text).filter(|text| !text.is_empty()),
            token: Token::default(),
        }
    }
}

struct TermStream<'a> {
    rest: Option<&'a str>,
    token: Token,
}

impl TokenStream for TermStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(rest) = self.rest.take() else {
            return false;
        };
        let term = match rest.split_once(SEPARATOR) {
            Some((term, after)) => {
                self.rest = Some(after);
                term
            }
            None => rest,
        };
        self.token.text.clear();
        self.token.text.push_str(term);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
