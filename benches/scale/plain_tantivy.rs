//! What a user of tantivy would write: one document per phrase, words of lindera or bigrams as terms,
//! BM25.
//!
//! The dictionary is the same as that of Madoguchi. A question is searched as the disjunction of its
//! tokens, by block-max WAND; the entry of the best phrase is the answer.

use std::time::Instant;

use lindera::mode::Mode;
use lindera::segmenter::Segmenter;
use madoguchi::knowledge::KnowledgeBase;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value as _,
};
use tantivy::tokenizer::{NgramTokenizer, TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, TantivyDocument, Term};

use super::answers::{Figures, measure};

/// Memory of the index writer, as in tantivy's examples.
const WRITER_MEMORY_BYTES: usize = 256_000_000;

#[derive(Clone)]
struct Lindera(Segmenter);

struct Tokens {
    tokens: std::vec::IntoIter<Token>,
    current: Token,
}

impl Tokenizer for Lindera {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let segments = self.0.segment(text.into()).unwrap_or_default();
        let tokens = segments.iter().enumerate().map(|(position, token)| Token {
            text: token.surface.to_string(),
            position,
            ..Token::default()
        });
        Tokens {
            tokens: tokens.collect::<Vec<_>>().into_iter(),
            current: Token::default(),
        }
    }
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.tokens.next().is_some_and(|token| {
            self.current = token;
            true
        })
    }

    fn token(&self) -> &Token {
        &self.current
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}

/// Cuts texts into words.
pub(crate) fn words() -> TextAnalyzer {
    let dictionary = madoguchi_dictionary::load().expect("the dictionary");
    TextAnalyzer::from(Lindera(Segmenter::new(Mode::Normal, dictionary, None)))
}

/// Cuts texts into bigrams of characters, which are most of Madoguchi's terms too.
pub(crate) fn bigrams() -> TextAnalyzer {
    TextAnalyzer::from(NgramTokenizer::new(2, 2, false).expect("valid lengths"))
}

/// Indexes the phrases of the entries in memory, and searches the questions for the `count` best
/// phrases.
pub(crate) fn figures(
    knowledge: &KnowledgeBase,
    questions: &[(String, String)],
    mut tokenizer: TextAnalyzer,
    count: usize,
) -> Figures {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("own")
        .set_index_option(IndexRecordOption::WithFreqs);
    let options = TextOptions::default().set_indexing_options(indexing);
    let phrase = schema.add_text_field("phrase", options);
    let entry = schema.add_text_field("entry", STRING | STORED);
    let start = Instant::now();
    let index = Index::create_in_ram(schema.build());
    index.tokenizers().register("own", tokenizer.clone());
    let mut writer = index.writer(WRITER_MEMORY_BYTES).expect("a writer");
    for own in &knowledge.entries {
        let variants = own.variants.iter().flat_map(|variant| &variant.texts);
        for text in [&own.question].into_iter().chain(variants) {
            let mut document = TantivyDocument::new();
            document.add_text(phrase, text);
            document.add_text(entry, own.id.as_str());
            writer.add_document(document).expect("a document");
        }
    }
    writer.commit().expect("a commit");
    let searcher = index.reader().expect("a reader").searcher();
    let build = start.elapsed();
    let (times, hit_at_1) = measure(questions, |text| {
        let query = query(&mut tokenizer, phrase, text);
        let best = searcher.search(&query, &TopDocs::with_limit(count).order_by_score());
        let (_, address) = best.ok()?.into_iter().next()?;
        let found: TantivyDocument = searcher.doc(address).ok()?;
        Some(found.get_first(entry)?.as_str()?.to_owned())
    });
    Figures {
        build,
        times,
        hit_at_1,
    }
}

fn query(tokenizer: &mut TextAnalyzer, field: Field, text: &str) -> BooleanQuery {
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    tokenizer.token_stream(text).process(&mut |token| {
        let term = Term::from_field_text(field, &token.text);
        let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
        clauses.push((Occur::Should, Box::new(query)));
    });
    BooleanQuery::new(clauses)
}
