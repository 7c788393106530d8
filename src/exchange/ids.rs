//! Ids for entries that have none: readable where the question allows it, and stable.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::knowledge::EntryId;

/// Maximum length of the readable part of an id.
const MAX_READABLE_CHARS: usize = 24;

/// Number of hexadecimal digits of the question's digest.
const DIGEST_CHARS: usize = 6;

/// Maximum length of an id; see [`EntryId`].
const MAX_ID_CHARS: usize = 48;

/// Turns an id as a source writes it into a valid one: `Q-001` into `q-001`, `12` into `desk-12`.
///
/// `None` if nothing of it can be part of an id.
pub(super) fn from_written(written: &str, desk: &str) -> Option<String> {
    if EntryId::parse(written).is_ok() && !written.bytes().all(|b| b.is_ascii_digit()) {
        return Some(written.to_owned());
    }
    let slug = slug(written);
    if slug.is_empty() || !written.chars().all(|c| c.is_ascii() || c.is_whitespace()) {
        return None;
    }
    let id = if slug.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{desk}-{slug}")
    } else {
        slug
    };
    EntryId::parse(&id).is_ok().then_some(id)
}

/// Makes an id from a question: the desk, the words in Latin letters and katakana, a digest.
///
/// The same question always gets the same id, unless another entry has it already.
#[must_use]
pub fn from_question(question: &str, desk: &str, taken: &BTreeSet<String>) -> String {
    let digest = hex::encode(Sha256::digest(question.as_bytes()));
    let words = readable_words(question);
    let room = MAX_ID_CHARS - DIGEST_CHARS - 2;
    let desk = desk.get(..room.min(desk.len())).unwrap_or_default();
    let room = (room - desk.len()).min(MAX_READABLE_CHARS);
    let mut readable = String::new();
    for word in words {
        if readable.len() + word.len() < room {
            readable.push('-');
            readable.push_str(&word);
        }
    }
    (DIGEST_CHARS..=digest.len())
        .map(|length| {
            let digest = digest.get(..length).unwrap_or_default();
            let keep = MAX_ID_CHARS.saturating_sub(desk.len() + 1 + length);
            let readable = readable.get(..readable.len().min(keep)).unwrap_or_default();
            format!("{desk}{readable}-{digest}")
        })
        .find(|id| !taken.contains(id))
        .unwrap_or(digest)
}

/// Returns whether an id has the form of those that are made from questions.
pub(super) fn is_from_question(id: &str, desk: &str) -> bool {
    let desk = desk.get(..MAX_ID_CHARS - DIGEST_CHARS - 2).unwrap_or(desk);
    let digest = id.strip_prefix(desk).and_then(|rest| rest.rsplit_once('-'));
    digest.is_some_and(|(_, digest)| {
        digest.len() >= DIGEST_CHARS && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Returns the words that people outside Japan could read: Latin words, and katakana as romaji.
fn readable_words(question: &str) -> Vec<String> {
    #[derive(PartialEq, Clone, Copy)]
    enum Script {
        Latin,
        Katakana,
        Other,
    }
    /// Minimum length of a word; shorter ones identify no subject.
    const MIN_WORD_CHARS: usize = 3;
    let script = |c: char| match c {
        c if c.is_ascii_alphanumeric() => Script::Latin,
        '\u{30a1}'..='\u{30fa}' | 'ー' => Script::Katakana,
        _ => Script::Other,
    };
    let mut words: Vec<(Script, String)> = Vec::new();
    for character in question.chars() {
        let own = script(character);
        match words.last_mut() {
            Some((last, word)) if *last == own => word.push(character),
            _ => words.push((own, character.to_string())),
        }
    }
    let words = words.into_iter().filter_map(|(script, word)| match script {
        Script::Latin => Some(slug(&word)),
        Script::Katakana => Some(slug(&romaji(&word))),
        Script::Other => None,
    });
    words.filter(|word| word.len() >= MIN_WORD_CHARS).collect()
}

/// Writes kana in Latin letters.
pub(super) fn romaji(kana: &str) -> String {
    wana_kana::ConvertJapanese::to_romaji(kana)
}

/// Joins the Latin letters and digits of a text with `-`.
pub(super) fn slug(text: &str) -> String {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_valid_stable_and_unique() {
        let mut taken = BTreeSet::new();
        for question in [
            "マイナンバーカードはどこ？",
            "会費はいくら？",
            "SELAS のログイン方法",
            "",
            "😀",
        ] {
            let id = from_question(question, "kosodate", &taken);
            assert!(EntryId::parse(&id).is_ok(), "{id}");
            assert!(is_from_question(&id, "kosodate"), "{id}");
            assert_eq!(id, from_question(question, "kosodate", &taken));
            taken.insert(id.clone());
            let other = from_question(question, "kosodate", &taken);
            assert!(EntryId::parse(&other).is_ok() && other != id, "{other}");
        }
        let long = from_question("セミナー", &"d".repeat(48), &taken);
        assert!(EntryId::parse(&long).is_ok(), "{long}");
        assert!(is_from_question(&long, &"d".repeat(48)), "{long}");
        for id in ["kosodate-parking", "kosodate", "library-1a2b3c"] {
            assert!(!is_from_question(id, "kosodate"), "{id}");
        }
        assert!(from_question("ログイン方法", "a", &taken).starts_with("a-roguin-"));
    }

    #[test]
    fn ids_of_a_source_are_kept() {
        for (written, expected) in [
            ("selas-fee", Some("selas-fee")),
            ("Q-001", Some("q-001")),
            ("12", Some("city-12")),
            ("FAQ 12", Some("faq-12")),
            ("質問1", None),
            ("", None),
        ] {
            assert_eq!(
                from_written(written, "city").as_deref(),
                expected,
                "{written}"
            );
        }
    }
}
