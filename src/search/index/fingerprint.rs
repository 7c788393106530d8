//! The fingerprint of the knowledge: the name of its index folder.

use std::ffi::OsStr;

use sha2::{Digest, Sha256};

use super::schema;
use super::subject::Document;
use crate::knowledge::{Evidence, KnowledgeBase};

/// Bytes of the digest that name an index.
const FINGERPRINT_BYTES: usize = 12;

/// Sums up everything that the index depends on.
pub(in crate::search) fn fingerprint(
    knowledge: &KnowledgeBase,
    documents: &[Document<'_>],
) -> String {
    let mut hasher = Sha256::new();
    // Lengths go in too, so that no two lists of texts run together to the same bytes.
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
    // The numbers, names and days are not in the index, but whether it was accepted depends on
    // them. Each list is headed, so that no two kinds of it feed the same.
    let fitted = knowledge.fitted(Evidence::Words);
    feed(&format!(
        "numbers {} {}",
        fitted.answered_from, fitted.suggested_from
    ));
    for (name, weight) in &fitted.weights {
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

/// Tells whether a folder's name is one that we gave: somebody's other folders are not ours to
/// remove.
pub(super) fn is_fingerprint(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.len() == 2 * FINGERPRINT_BYTES && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
