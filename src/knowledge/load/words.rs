//! Reads `lexicon.toml`, `messages.toml` and `calibration.toml`.

use std::collections::BTreeMap;

use super::toml_reader::TableReader;
use crate::knowledge::messages::{Messages, Sentence, placeholders};
use crate::knowledge::{Calibration, KnowledgeBase, Spelling, Synonyms, Word};

/// Reads the lexicon.
pub(super) fn read_lexicon(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    let lexicon = &mut knowledge.lexicon;
    let stop_words = root.texts("stop_words").into_iter();
    lexicon.stop_words.extend(stop_words.map(|word| word.text));
    for mut table in root.tables("spelling") {
        let canonical = table.text("canonical");
        let variants = table.texts("variants");
        if variants.is_empty() {
            let place = table.location.clone();
            table.report(place, "`variants` is empty", "add the spellings to replace");
        }
        let location = table.location.clone();
        table.finish();
        if let Some(canonical) = canonical {
            lexicon.spellings.push(Spelling {
                canonical: canonical.text,
                variants: variants.into_iter().map(|variant| variant.text).collect(),
                location,
            });
        }
    }
    for mut table in root.tables("synonyms") {
        let terms = table.texts("terms");
        if terms.len() < 2 {
            let place = table.location.clone();
            let what = "`terms` has fewer than two words";
            table.report(place, what, "a group needs two words that mean the same");
        }
        let location = table.location.clone();
        table.finish();
        lexicon.synonyms.push(Synonyms {
            terms: terms.into_iter().map(|term| term.text).collect(),
            location,
        });
    }
    for mut table in root.tables("word") {
        let surface = table.text("surface");
        let reading = table.text("reading");
        if let Some(reading) = &reading
            && !reading
                .text
                .chars()
                .all(|c| matches!(c, 'ァ'..='ヺ' | 'ー'))
        {
            let what = format!("`reading` is `{}`, expected katakana", reading.text);
            let place = reading.location.clone();
            table.report(place, what, "write how the word is read, in katakana");
        }
        let location = table.location.clone();
        table.finish();
        if let (Some(surface), Some(reading)) = (surface, reading) {
            lexicon.words.push(Word {
                surface: surface.text,
                reading: reading.text,
                location,
            });
        }
    }
}

/// Reads the sentences, each `key = { ja = "…", en = "…" }`.
pub(super) fn read_messages(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    let mut sentences = BTreeMap::new();
    for sentence in Sentence::ALL {
        let Some(text) = root.localized(sentence.key()) else {
            continue;
        };
        let allowed = sentence.placeholders();
        for used in [&text.ja, &text.en]
            .into_iter()
            .flat_map(|text| placeholders(text))
        {
            if !allowed.contains(&used) {
                let hint = if allowed.is_empty() {
                    "this sentence has no placeholders".to_owned()
                } else {
                    format!("this sentence knows {{{}}}", allowed.join("}, {"))
                };
                let what = format!(
                    "`{}` uses an unknown placeholder {{{used}}}",
                    sentence.key()
                );
                root.report(root.location_of(sentence.key()), what, &hint);
            }
        }
        sentences.insert(*sentence, text);
    }
    knowledge.messages = Messages::new(sentences);
}

/// Reads the fitted numbers.
pub(super) fn read_calibration(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    let answered_from = root.number("answered_from");
    let suggested_from = root.number("suggested_from");
    let dense = root.numbers("dense");
    let sparse = root.numbers("sparse");
    if let (Some(answered_from), Some(suggested_from)) = (answered_from, suggested_from) {
        knowledge.calibration = Calibration {
            dense,
            sparse,
            answered_from,
            suggested_from,
        };
    }
}
