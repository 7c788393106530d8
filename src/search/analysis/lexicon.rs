//! Builds the parts of the analyzer that depend on the knowledge: tokenizer, spellings, Latin words.

use aho_corasick::{AhoCorasick, MatchKind};
use lindera::mode::Mode;
use lindera::segmenter::Segmenter;
use lindera_dictionary::builder::DictionaryBuilder;
use rustc_hash::FxHashSet;

use super::normalize::normalize;
use super::romaji::is_japanese_too;
use super::synonyms::general_latin_words;
use crate::knowledge::{KnowledgeBase, Lexicon};
use crate::search::error::Error;

/// Builds the tokenizer: IPADIC with the words of the lexicon as the user dictionary.
pub(super) fn segmenter(lexicon: &Lexicon) -> Result<Segmenter, Error> {
    let dictionary = madoguchi_dictionary::load().map_err(Error::dictionary)?;
    let words: String = lexicon
        .words
        .iter()
        // The user dictionary is CSV.
        .filter(|word| !word.surface.contains([',', '"', '\n']))
        .map(|word| format!("{},名詞,{}\n", normalize(&word.surface), word.reading))
        .collect();
    let user_dictionary = if words.is_empty() {
        None
    } else {
        let builder = DictionaryBuilder::new((*dictionary.metadata).clone());
        let built = builder.build_user_dict_from_reader(words.as_bytes());
        Some(built.map_err(Error::dictionary)?)
    };
    Ok(Segmenter::new(Mode::Normal, dictionary, user_dictionary))
}

/// Builds the search for spelling variants, and lists the canonical spelling of each pattern. The
/// longest match wins: `alibaba.com` over `alibaba`.
pub(super) fn spellings(lexicon: &Lexicon) -> Result<Option<(AhoCorasick, Vec<String>)>, Error> {
    let mut patterns = Vec::new();
    let mut canonical = Vec::new();
    for spelling in &lexicon.spellings {
        let replacement = normalize(&spelling.canonical);
        for variant in spelling.variants.iter().chain([&spelling.canonical]) {
            let variant = normalize(variant);
            if !variant.is_empty() {
                patterns.push(variant);
                canonical.push(replacement.clone());
            }
        }
    }
    if patterns.is_empty() {
        return Ok(None);
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(&patterns)
        .map_err(Error::dictionary)?;
    Ok(Some((automaton, canonical)))
}

/// Lists the Latin words of the knowledge and of the general synonyms, which are never read as romaji.
pub(super) fn latin_words(knowledge: &KnowledgeBase) -> FxHashSet<String> {
    let lexicon = &knowledge.lexicon;
    let entries = knowledge.entries.iter().flat_map(|entry| {
        let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
        [&entry.question, &entry.answer.text]
            .into_iter()
            .chain(variants)
    });
    let spellings = lexicon.spellings.iter();
    let spellings =
        spellings.flat_map(|spelling| [&spelling.canonical].into_iter().chain(&spelling.variants));
    let synonyms = lexicon.synonyms.iter().flat_map(|group| &group.terms);
    let mut words: FxHashSet<String> = if lexicon.has_only_own_synonyms {
        FxHashSet::default()
    } else {
        let general = general_latin_words().filter(|word| !is_japanese_too(word));
        general.map(str::to_owned).collect()
    };
    let texts = entries.chain(spellings).chain(synonyms);
    for text in texts.filter(|text| may_be_latin(text)) {
        for word in normalize(text).split(|c: char| !c.is_ascii_alphanumeric()) {
            // A single letter may be romaji: `i` is い.
            if word.len() > 1 {
                words.insert(word.to_owned());
            }
        }
    }
    words
}

/// Returns whether a text may have Latin letters or digits when it is normalised.
pub(super) fn may_be_latin(text: &str) -> bool {
    !text.chars().all(is_never_latin)
}

/// Returns whether a character is neither a Latin letter or digit nor becomes one when it is
/// normalised. A quick answer for most characters of Japanese texts.
fn is_never_latin(letter: char) -> bool {
    match letter {
        '\u{3000}'..='\u{30ff}' | '一'..='鿿' | '！' | '？' => true,
        letter => letter.is_ascii() && !letter.is_ascii_alphanumeric(),
    }
}
