//! The fingerprint of the knowledge, which names its index folder.
//!
//! Input: the knowledge and its indexed documents. Output: a hash of everything that the index and
//! the result of its self-retrieval check depend on.

use std::ffi::OsStr;

use sha2::{Digest, Sha256};

use super::schema;
use super::subject::Document;
use crate::knowledge::{Evidence, KnowledgeBase};

/// Bytes of the digest in a folder's name.
const FINGERPRINT_BYTES: usize = 12;

/// Returns the fingerprint in hexadecimal digits.
pub(in crate::search) fn fingerprint(
    knowledge: &KnowledgeBase,
    documents: &[Document<'_>],
) -> String {
    let mut hasher = Sha256::new();
    // The length separates consecutive texts.
    let mut feed = |text: &str| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    feed(env!("CARGO_PKG_VERSION"));
    feed(&schema::VERSION.to_string());
    feed(tantivy::version_string());
    feed(madoguchi_dictionary::NOTICE);
    for document in documents {
        feed(&format!("{:?}", document.subject));
        feed(&document.phrases.len().to_string());
        document.phrases.iter().for_each(|phrase| feed(phrase));
        feed(&document.text);
    }
    // Parameters, desk names and dates are not in the index, but the self-retrieval check depends on
    // them. A prefix such as `desk` distinguishes the kinds of items.
    let parameters = knowledge.parameters(Evidence::Words);
    feed(&format!(
        "numbers {} {}",
        parameters.answered_from, parameters.suggested_from
    ));
    for (name, weight) in &parameters.weights {
        feed(name);
        feed(&weight.to_string());
    }
    for desk in &knowledge.desks {
        feed(&format!("desk {} {:?}", desk.id, desk.words));
    }
    for entry in &knowledge.entries {
        feed(&format!("{:?} {:?}", entry.valid_from, entry.valid_until));
    }
    let lexicon = &knowledge.lexicon;
    feed(&format!("stop words {:?}", lexicon.stop_words));
    for spelling in &lexicon.spellings {
        feed(&format!(
            "spelling {} {:?}",
            spelling.canonical, spelling.variants
        ));
    }
    for synonyms in &lexicon.synonyms {
        feed(&format!("synonyms {:?}", synonyms.terms));
    }
    for word in &lexicon.words {
        feed(&format!("word {} {}", word.surface, word.reading));
    }
    hex::encode(&hasher.finalize()[..FINGERPRINT_BYTES])
}

/// Returns whether a folder's name has the form of a fingerprint. Other folders are never removed.
pub(super) fn is_fingerprint(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.len() == 2 * FINGERPRINT_BYTES && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
