//! Finds the subjects that a question may be about: analysis, index, ranking.
//!
//! Input: a question. Output: a [`Ranking`] of the subjects that match it best, with probabilities. The folders are in the order of processing: `analysis` turns text into
//! terms, `index` stores the terms of the knowledge, `ranking` scores and weighs the subjects. Only
//! this folder uses tantivy and lindera.

mod acceptance;
mod affected;
mod analysis;
mod dangers;
mod defaults;
mod desks;
mod error;
mod exact_match;
mod highlight;
mod index;
mod lexical_index;
mod rank;
mod ranking;
mod snippet;

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use futures_util::future::join_all;
use tracing::{Instrument, Span};

pub use acceptance::acceptance;
pub use analysis::{
    Analysis, Analyzer, CLOCK, MONEY, Quantity, QuantityFit, Token, WordTerm, asked_units,
    is_indefinite, states_unit,
};
pub use error::Error;
pub use highlight::{Highlighter, Marked};
pub use index::{IndexOrigin, Subject, remove_all};
pub use ranking::features::{FEATURE_COUNT, Features, NAMES as WEIGHT_NAMES};
pub use ranking::{
    BlendedModel, Candidate, Candidates, MIN_ANSWER_SHARE, Model, QuantityMatch, Ranked, Ranking,
    RivalBounds, Scores, WeightError, check_weights, softmax,
};
pub use snippet::{Hit, MIN_HIT_SHARE, Snippets};

use crate::embedding::{Embedding, Vector};
use crate::knowledge::{DeskId, Evidence, KnowledgeBase};
use analysis::{PhraseFinder, Terms};
use defaults::Defaults;
use desks::Desks;
use index::{Former, Schema};
use lexical_index::LexicalIndex;
use ranking::{QuantityScorer, SemanticScorer};

/// Weight of the terms of the previous question: context breaks ties and never outweighs the
/// question itself.
const CONTEXT_WEIGHT: f32 = 0.4;

/// An opened index with its analyzer and its ranking model.
pub struct Searcher {
    analyzer: Analyzer,
    lexical: LexicalIndex,
    /// The shipped topics; absent if the knowledge has its own.
    defaults: Option<Defaults>,
    quantities: QuantityScorer,
    semantic: Option<SemanticScorer>,
    /// The weights for rankings by words alone.
    words_model: BlendedModel,
    /// The weights for rankings with embeddings.
    semantic_model: BlendedModel,
    desks: Desks,
    knowledge: Arc<KnowledgeBase>,
    dangers: PhraseFinder,
    fingerprint: String,
    rankings: AtomicU64,
}

impl Searcher {
    /// Opens the index of the knowledge under a folder, and builds it first if it is missing or
    /// stale. Without a folder the index is held in memory. With an encoder the knowledge is
    /// embedded too. The index is built from that of `served`, which the new one will replace, if both
    /// have the same lexicon.
    ///
    /// # Errors
    /// [`Error`] if the dictionary, the lexicon's words, the weights or the folder cannot be used.
    pub fn open(
        knowledge: &Arc<KnowledgeBase>,
        folder: Option<&Path>,
        embedding: Option<Embedding>,
        served: Option<&Self>,
    ) -> Result<(Self, IndexOrigin), Error> {
        let schema = Schema::new();
        let documents = index::documents(knowledge);
        // In parallel, because both read all texts.
        let (analyzer, fingerprint) = thread::scope(|scope| {
            let analyzer = scope.spawn(|| Analyzer::new(knowledge));
            let fingerprint = index::fingerprint(knowledge, &documents);
            let analyzer = analyzer.join();
            (
                analyzer.unwrap_or_else(|panic| resume_unwind(panic)),
                fingerprint,
            )
        });
        let mut analyzer = analyzer?;
        let (index, origin) = match folder {
            Some(folder) => {
                let lexicon = |knowledge: &KnowledgeBase| index::lexicon(&knowledge.lexicon);
                let alike =
                    served.filter(|served| lexicon(&served.knowledge) == lexicon(knowledge));
                let former = alike.map(|served| Former {
                    knowledge: &served.knowledge,
                    fingerprint: &served.fingerprint,
                    analyzer: &served.analyzer,
                });
                let texts = documents.as_slice();
                index::open_or_build(
                    folder,
                    &fingerprint,
                    &schema,
                    texts,
                    &analyzer,
                    former.as_ref(),
                )?
            }
            None => (
                index::build_in_memory(&schema, &documents, &analyzer)?,
                IndexOrigin::InMemory,
            ),
        };
        let reader = index::searcher(&index)?;
        let default_documents = index::default_documents(knowledge);
        // In parallel, because reading the index takes about as long as the rest.
        let (lexical, semantic, default_lexical, quantities) = thread::scope(|scope| {
            let lexical = scope.spawn(|| LexicalIndex::read(&reader, &schema, &documents));
            let default_lexical =
                scope.spawn(|| defaults::index(&schema, &default_documents, &analyzer));
            let lists = [documents.as_slice(), default_documents.as_slice()];
            let semantic =
                embedding.and_then(|embedding| SemanticScorer::open(embedding, lists, folder));
            let quantities = QuantityScorer::new(&documents);
            let lexical = lexical.join();
            let default_lexical = default_lexical.join();
            (
                lexical.unwrap_or_else(|panic| resume_unwind(panic)),
                semantic,
                default_lexical.unwrap_or_else(|panic| resume_unwind(panic)),
                quantities,
            )
        });
        let (lexical, vocabulary) = lexical?;
        let (semantic, default_semantic) = semantic.map(|[own, defaults]| (own, defaults)).unzip();
        analyzer.set_vocabulary(vocabulary);
        let model = |evidence| -> Result<BlendedModel, Error> {
            Ok(BlendedModel::new(knowledge.parameters(evidence))?)
        };
        let evidence = semantic.as_ref().map(SemanticScorer::evidence);
        let searcher = Self {
            words_model: model(Evidence::Words)?,
            semantic_model: model(evidence.unwrap_or_default())?,
            semantic,
            desks: Desks::new(knowledge, &analyzer),
            dangers: dangers::finder(knowledge, &analyzer)?,
            analyzer,
            lexical,
            defaults: default_lexical?.map(|lexical| Defaults::new(lexical, default_semantic)),
            quantities,
            knowledge: Arc::clone(knowledge),
            fingerprint,
            rankings: AtomicU64::new(0),
        };
        Ok((searcher, origin))
    }

    /// Makes every search retrieve subjects, also in small knowledge; see
    /// `Assistant::search_by_retrieval`.
    pub(crate) fn search_by_retrieval(&mut self) {
        self.lexical.scorer.retrieve();
    }

    /// Makes every search score all subjects in full; see
    /// `Assistant::search_exhaustively`.
    pub(crate) fn search_exhaustively(&mut self) {
        self.lexical.scorer.score_all();
        if let Some(semantic) = &mut self.semantic {
            semantic.scan_all();
        }
    }

    /// Returns the kind of evidence that rankings use where words alone are not decisive.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let semantic = self.semantic.as_ref();
        semantic.map_or(Evidence::Words, SemanticScorer::evidence)
    }

    /// Returns how many rankings were computed since the index was opened.
    #[must_use]
    pub fn rankings(&self) -> u64 {
        self.rankings.load(Ordering::Relaxed)
    }

    /// Analyzes a text with the analyzer of the index.
    #[must_use]
    pub fn analyze(&self, text: &str) -> Analysis {
        self.analyzer.analyze(text)
    }

    /// Returns the subject one of whose phrases equals a text after normalisation; that of a shipped topic
    /// only if no other has the phrase.
    #[must_use]
    pub fn exact_subject(&self, text: &str) -> Option<Subject> {
        let form = self.analyzer.exact_form(text);
        let own = self.phrase_of_form(&form);
        if let Some((subject, _)) = own.and_then(|phrase| self.lexical.scorer.phrase(phrase)) {
            return Some(subject);
        }
        let defaults = self.defaults.as_ref()?;
        defaults.exact_subject(&form, &self.knowledge, &self.analyzer)
    }

    /// Scores the subjects that match a question best by the terms that they share with it. The terms
    /// of `context`, an earlier question, count at a fraction of their weight.
    #[must_use]
    pub fn score(&self, question: &Analysis, context: Option<&Analysis>) -> Candidates {
        let terms_of = |text| Terms::of_question(text, |word| self.desks.is_name(word));
        let mut terms = terms_of(question);
        if let Some(context) = context {
            terms.blend(&terms_of(context), CONTEXT_WEIGHT);
        }
        let exact = self.exact_phrase(question);
        let mut candidates = self.lexical.scorer.score(&terms, exact);
        candidates.quantities.clone_from(&question.quantities);
        self.quantities.add(&mut candidates);
        // The own phrase of a subject wins over any shipped topic.
        if let Some(defaults) = self.defaults.as_ref().filter(|_| exact.is_none()) {
            let form = question.exact_form();
            let found = defaults.score(&terms, &form, &self.knowledge, &self.analyzer);
            candidates.defaults = Some(Box::new(found));
        }
        candidates
    }

    /// Returns the number of the first phrase that equals the question, or that only adds は:
    /// 「開館日」 asks 「開館日は？」.
    fn exact_phrase(&self, question: &Analysis) -> Option<u32> {
        let mut form = question.exact_form();
        if form.is_empty() {
            return None;
        }
        self.phrase_of_form(&form).or_else(|| {
            form.push('は');
            self.phrase_of_form(&form)
        })
    }

    fn phrase_of_form(&self, form: &str) -> Option<u32> {
        let (knowledge, analyzer) = (&self.knowledge, &self.analyzer);
        self.lexical.phrase_of_form(form, knowledge, analyzer)
    }

    /// Returns whether to embed a question: the knowledge is embedded, and the question is neither a
    /// phrase of the knowledge nor in hiragana, romaji or words with spaces between them.
    ///
    /// Embeddings do not help for such spelling. By cross-validation on the project's own sets, hit@1 of 105
    /// questions in kana is 0.943 with and without them. Of 29 questions in kana or with spaces to a city's FAQ for
    /// parents, 21 have the right entry first with the built-in model and 24 by words alone (2026-11-30, before the
    /// present weights of entries without variants).
    #[must_use]
    pub fn wants_embedding(&self, question: &Analysis, candidates: &Candidates) -> bool {
        self.semantic.is_some()
            && !question.is_phonetic
            && !question.is_spaced
            && !candidates.has_exact()
    }

    /// Embeds a question; `None` without embeddings of the knowledge, or if the embeddings server
    /// does not answer before its deadline.
    pub async fn embed(&self, question: &str) -> Option<Vector> {
        self.semantic
            .as_ref()?
            .encoder()
            .embed_question(question)
            .await
    }

    /// Embeds several texts at once, as [`Searcher::embed`]; keeps the order, and skips `None`.
    pub async fn embed_all(&self, texts: &[Option<&str>]) -> Vec<Option<Vector>> {
        let embeddings = texts.iter().map(async |text| match text {
            Some(text) => self.embed(text).await,
            None => None,
        });
        let is_traced = !Span::current().is_disabled();
        let span = match is_traced && texts.iter().any(Option::is_some) {
            true => tracing::trace_span!("embed"),
            false => Span::none(),
        };
        join_all(embeddings).instrument(span).await
    }

    /// Embeds a question with the model in the process; `None` if there is none.
    #[must_use]
    pub fn embed_in_process(&self, question: &str) -> Option<Vector> {
        self.semantic.as_ref()?.encoder().embed_in_process(question)
    }

    /// Adds the similarity between a question and each subject to the candidates. `context` must be
    /// a phrase of the knowledge: its embedding is looked up, not computed.
    pub fn add_embedding(
        &self,
        candidates: &mut Candidates,
        embedding: &Vector,
        context: Option<&Analysis>,
    ) {
        let Some(semantic) = &self.semantic else {
            return;
        };
        let context = context.and_then(|context| self.exact_phrase(context));
        let context = context.and_then(|phrase| semantic.vector(phrase));
        let blended = context.map(|context| embedding.blend(&context, CONTEXT_WEIGHT));
        let embedding = blended.as_ref().unwrap_or(embedding);
        semantic.add(candidates, embedding, &self.lexical.scorer);
        self.quantities.add(candidates);
        if let (Some(defaults), Some(found)) = (&self.defaults, &mut candidates.defaults) {
            defaults.add_embedding(found, embedding);
        }
    }

    /// Scores a question by words and, if [`Searcher::wants_embedding`], by its embedding.
    pub async fn find(&self, question: &Analysis) -> Candidates {
        let mut candidates = self.score(question, None);
        if self.wants_embedding(question, &candidates)
            && let Some(embedding) = self.embed(&question.text).await
        {
            self.add_embedding(&mut candidates, &embedding, None);
        }
        candidates
    }

    /// As [`Searcher::find`], but without an embeddings server and so without waiting.
    #[must_use]
    pub fn find_now(&self, question: &Analysis) -> Candidates {
        let mut candidates = self.score(question, None);
        if self.wants_embedding(question, &candidates)
            && let Some(embedding) = self.embed_in_process(&question.text)
        {
            self.add_embedding(&mut candidates, &embedding, None);
        }
        candidates
    }

    /// Returns the desks that a question names.
    #[must_use]
    pub fn named_desks(&self, question: &Analysis) -> Vec<&DeskId> {
        self.desks.named_in(question)
    }

    /// Returns whether a word is a part of the name of a desk.
    #[must_use]
    pub fn is_desk_name(&self, word: &str) -> bool {
        self.desks.is_name(word)
    }

    /// Returns the desk of a question that consists of the desk's name alone.
    #[must_use]
    pub fn named_alone(&self, question: &Analysis) -> Option<&DeskId> {
        self.desks.named_alone(question)
    }

    /// As [`Searcher::named_alone`], but words of the desk's title and programme may stand beside the
    /// name.
    #[must_use]
    pub fn names_only_desk(&self, question: &Analysis) -> Option<&DeskId> {
        self.desks.names_only(question)
    }

    /// Returns a phrase by its number, such as [`Candidate::best_phrase`].
    #[must_use]
    pub fn phrase(&self, number: u32) -> Option<&str> {
        // The phrases of the shipped topics are numbered after the others.
        match number.checked_sub(self.lexical.phrase_count) {
            Some(number) => self.defaults.as_ref()?.phrase(number, &self.knowledge),
            None => self.lexical.phrase(number, &self.knowledge),
        }
    }

    /// Returns the desk responsible for a subject; `None` unless it is an entry or a
    /// referral.
    #[must_use]
    pub fn desk(&self, subject: Subject) -> Option<&DeskId> {
        self.desks.of(subject)
    }

    /// Returns the analyzer of the index.
    #[must_use]
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }
}
