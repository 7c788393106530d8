//! Fingerprints: of what is in the index, and of what else the self-retrieval check depends on.
//!
//! Input: the knowledge and its indexed documents. Output: the [`fingerprint`] that names the index
//! folder, and the [`acceptance`] that the folder's index is marked with once the check has passed.
//! They are separate so that a date or a threshold only repeats the check, and builds nothing.

use std::ffi::OsStr;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::schema;
use super::subject::{Document, Subject, default_documents, documents};
use crate::knowledge::{Evidence, KnowledgeBase, Lexicon};
use crate::search::analysis::GENERAL_SYNONYMS;

/// Bytes of the digest in a folder's name.
const FINGERPRINT_BYTES: usize = 12;

/// Hashes a list of texts.
struct Hasher(Sha256);

impl Hasher {
    fn new() -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.feed(env!("CARGO_PKG_VERSION"));
        hasher
    }

    fn feed(&mut self, text: &str) {
        // The length separates consecutive texts.
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    fn feed_documents<'a>(&mut self, documents: impl Iterator<Item = &'a Document<'a>>) {
        for document in documents {
            self.feed(&format!("{:?}", document.subject));
            self.feed(&document.phrases.len().to_string());
            document.phrases.iter().for_each(|phrase| self.feed(phrase));
            self.feed(&document.text);
        }
    }

    fn feed_lexicon(&mut self, lexicon: &Lexicon) {
        if !lexicon.has_only_own_synonyms {
            self.feed(GENERAL_SYNONYMS);
        }
        self.feed(&format!("stop words {:?}", lexicon.stop_words));
        for spelling in &lexicon.spellings {
            self.feed(&format!(
                "spelling {} {:?}",
                spelling.canonical, spelling.variants
            ));
        }
        for synonyms in &lexicon.synonyms {
            self.feed(&format!("synonyms {:?}", synonyms.terms));
        }
        for word in &lexicon.words {
            self.feed(&format!("word {} {}", word.surface, word.reading));
        }
    }

    /// Feeds what the decision depends on and the index does not contain, except for the entries.
    fn feed_decision(&mut self, knowledge: &KnowledgeBase) {
        let parameters = knowledge.parameters(Evidence::Words);
        for parameters in [&parameters.well_covered, &parameters.thinly_covered] {
            self.feed(&format!(
                "thresholds {} {}",
                parameters.answered_from, parameters.suggested_from
            ));
            for (name, weight) in &parameters.weights {
                self.feed(&format!("weight {name} {weight}"));
            }
        }
        for desk in &knowledge.desks {
            self.feed(&format!("desk {} {:?}", desk.id, desk.words));
        }
        for referral in &knowledge.referrals {
            self.feed(referral.desk.as_str());
        }
        self.feed_documents(default_documents(knowledge).iter());
        for danger in &knowledge.safety.dangers {
            let (variants, exceptions) = (danger.variants.iter(), danger.exceptions.iter());
            for variant in variants.chain(exceptions) {
                self.feed(&format!("danger {} {}", danger.id, variant.pattern()));
            }
            self.feed(&danger.exceptions.len().to_string());
        }
    }

    fn finish(self) -> String {
        hex::encode(&self.0.finalize()[..FINGERPRINT_BYTES])
    }
}

/// Returns the fingerprint of the index in hexadecimal digits: texts, lexicon, dictionary, fields.
pub(in crate::search) fn fingerprint(
    knowledge: &KnowledgeBase,
    documents: &[Document<'_>],
) -> String {
    let mut hasher = Hasher::new();
    hasher.feed(&schema::VERSION.to_string());
    hasher.feed(tantivy::version_string());
    hasher.feed(madoguchi_dictionary::NOTICE);
    hasher.feed(madoguchi_dictionary::EXTRA_WORDS);
    hasher.feed_documents(documents.iter());
    hasher.feed_lexicon(&knowledge.lexicon);
    hasher.finish()
}

/// Returns the fingerprint of the lexicon.
pub(in crate::search) fn lexicon(lexicon: &Lexicon) -> String {
    let mut hasher = Hasher::new();
    hasher.feed_lexicon(lexicon);
    hasher.finish()
}

/// Returns the fingerprint of everything that the self-retrieval check depends on and the index does
/// not contain: weights, thresholds, the words of desks, the desk of each subject, dangers, and
/// the entries that are valid on a day.
///
/// The phrases of the knowledge are exact matches, which are ranked by words: the weights for
/// embeddings do not matter.
pub(in crate::search) fn acceptance(knowledge: &KnowledgeBase, day: Date) -> String {
    let mut hasher = Hasher::new();
    hasher.feed_decision(knowledge);
    for entry in &knowledge.entries {
        hasher.feed(&format!("{} {}", entry.desk, entry.is_valid_on(day)));
    }
    hasher.finish()
}

/// Returns the fingerprint of everything but the entries that the self-retrieval check of an entry
/// depends on.
pub(in crate::search) fn surroundings(knowledge: &KnowledgeBase) -> String {
    let mut hasher = Hasher::new();
    hasher.feed_decision(knowledge);
    hasher.feed_lexicon(&knowledge.lexicon);
    let documents = documents(knowledge);
    let is_entry = |document: &&Document<'_>| matches!(document.subject, Subject::Entry(_));
    hasher.feed_documents(documents.iter().filter(|document| !is_entry(document)));
    hasher.finish()
}

/// Returns whether a folder's name has the form of a fingerprint. Other folders are never removed.
pub(super) fn is_fingerprint(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.len() == 2 * FINGERPRINT_BYTES && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
