//! The tantivy fields, and the tokenizer that splits analyzed terms.
//!
//! The documents are, in this order: the *phrases* of all subjects, one *text* per subject with an
//! entry's question and answer (empty for other subjects), and one document with the vocabulary.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, Schema as TantivySchema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

/// Version of the fields and their content, a part of the fingerprint. Increase it with every
/// change: an index of another version is not opened.
pub(in crate::search) const VERSION: u32 = 11;

/// Separates terms in the indexed text; the character filter removes it from texts.
pub(in crate::search) const SEPARATOR: char = '\u{1f}';

/// Separates the parts of a vocabulary term.
pub(in crate::search) const READING_SEPARATOR: char = '\u{1e}';

/// Name of the field with the hashes of exact forms.
pub(super) const EXACT_NAME: &str = "exact";

const TOKENIZER: &str = "terms";

/// The fields of the index.
#[derive(Debug, Clone)]
pub(in crate::search) struct Schema {
    /// The schema in tantivy's form.
    pub(in crate::search) tantivy: TantivySchema,
    /// Hash of a phrase's exact form; absent if the form is empty.
    pub(in crate::search) exact: Field,
    /// Base forms and synonym groups.
    pub(in crate::search) words: Field,
    /// Bigrams and single characters.
    pub(in crate::search) grams: Field,
    /// Rank by frequency, reading, word and frequency, joined by [`READING_SEPARATOR`].
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
            exact: builder.add_u64_field(EXACT_NAME, FAST),
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
