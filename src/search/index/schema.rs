//! The tantivy fields, and the tokenizer that splits analyzed terms.
//!
//! Each subject has one *phrase* document per way to ask, one *profile* with the terms of all
//! phrases, and one *text* with question and answer. One more document holds the vocabulary.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, Schema as TantivySchema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

/// Version of the fields and their content, a part of the fingerprint. Increase it with every
/// change: an index of another version is not opened.
pub(in crate::search) const VERSION: u32 = 8;

/// Separates terms in the indexed text; the character filter removes it from texts.
pub(in crate::search) const SEPARATOR: char = '\u{1f}';

/// Separates the parts of a vocabulary term.
pub(in crate::search) const READING_SEPARATOR: char = '\u{1e}';

const TOKENIZER: &str = "terms";

/// The kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::search) enum Kind {
    /// A phrase: one way to ask.
    Phrase = 0,
    /// All phrases of a subject. There is one per subject, so a count of profiles counts subjects.
    Profile = 1,
    /// An entry's question and answer; empty for other subjects.
    Text = 2,
    /// The words of the knowledge with their readings; one document.
    Vocabulary = 3,
}

/// The fields of the index.
#[derive(Debug, Clone)]
pub(in crate::search) struct Schema {
    /// The schema in tantivy's form.
    pub(in crate::search) tantivy: TantivySchema,
    /// Position of the subject in the list of documents.
    pub(in crate::search) subject: Field,
    /// The [`Kind`] of document.
    pub(in crate::search) kind: Field,
    /// Base forms and synonym groups.
    pub(in crate::search) words: Field,
    /// Bigrams and single characters.
    pub(in crate::search) grams: Field,
    /// Rank by frequency, reading and word, joined by [`READING_SEPARATOR`].
    pub(in crate::search) vocabulary: Field,
}

impl Schema {
    /// Creates the fields.
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

    /// Returns the tokenizers of the fields.
    pub(in crate::search) fn tokenizers() -> TokenizerManager {
        let tokenizers = TokenizerManager::default();
        tokenizers.register(TOKENIZER, TermTokenizer);
        tokenizers
    }
}

/// Splits a text at [`SEPARATOR`]. Texts are analyzed before they are added, once for both fields.
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
