//! Fingerprints: of what is in the index, and of what else the self-retrieval check depends on.
//!
//! Input: the knowledge and its indexed documents. Output: the [`fingerprint`] that names the index
//! folder, and the [`acceptance`] that the folder's index is marked with once the check has passed.
//! They are separate so that a date or a threshold only repeats the check, and builds nothing.

use std::ffi::OsStr;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::schema;
use super::subject::Document;
use crate::knowledge::{Evidence, KnowledgeBase};

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
    for document in documents {
        hasher.feed(&format!("{:?}", document.subject));
        hasher.feed(&document.phrases.len().to_string());
        document
            .phrases
            .iter()
            .for_each(|phrase| hasher.feed(phrase));
        hasher.feed(&document.text);
    }
    let lexicon = &knowledge.lexicon;
    hasher.feed(&format!("stop words {:?}", lexicon.stop_words));
    for spelling in &lexicon.spellings {
        hasher.feed(&format!(
            "spelling {} {:?}",
            spelling.canonical, spelling.variants
        ));
    }
    for synonyms in &lexicon.synonyms {
        hasher.feed(&format!("synonyms {:?}", synonyms.terms));
    }
    for word in &lexicon.words {
        hasher.feed(&format!("word {} {}", word.surface, word.reading));
    }
    hasher.finish()
}

/// Returns the fingerprint of everything that the self-retrieval check depends on and the index does
/// not contain: weights, thresholds, the words of desks, the desk of each subject, and the entries
/// that are valid on a day.
///
/// The phrases of the knowledge are exact matches, which are ranked by words: the weights for
/// embeddings do not matter.
pub(in crate::search) fn acceptance(knowledge: &KnowledgeBase, day: Date) -> String {
    let mut hasher = Hasher::new();
    let parameters = knowledge.parameters(Evidence::Words);
    hasher.feed(&format!(
        "thresholds {} {}",
        parameters.answered_from, parameters.suggested_from
    ));
    for (name, weight) in &parameters.weights {
        hasher.feed(&format!("weight {name} {weight}"));
    }
    for desk in &knowledge.desks {
        hasher.feed(&format!("desk {} {:?}", desk.id, desk.words));
    }
    for entry in &knowledge.entries {
        hasher.feed(&format!("{} {}", entry.desk, entry.is_valid_on(day)));
    }
    for referral in &knowledge.referrals {
        hasher.feed(referral.desk.as_str());
    }
    hasher.finish()
}

/// Returns whether a folder's name has the form of a fingerprint. Other folders are never removed.
pub(super) fn is_fingerprint(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.len() == 2 * FINGERPRINT_BYTES && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
