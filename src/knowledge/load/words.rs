//! Reads `lexicon.toml`, `messages.toml` and `calibration.toml`.

use super::toml_reader::TableReader;
use crate::knowledge::messages::{Sentence, placeholders};
use crate::knowledge::{Densities, Evidence, Fitted, KnowledgeBase, Spelling, Synonyms, Word};

/// Reads the lexicon.
pub(super) fn read_lexicon(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    let lexicon = &mut knowledge.lexicon;
    let stop_words = root.texts("stop_words").into_iter();
    lexicon.stop_words.extend(stop_words.map(|word| word.text));
    for mut table in root.tables("spelling") {
        let canonical = table.text("canonical");
        if let Some(canonical) = &canonical {
            table.rename(format!("spelling \"{}\"", canonical.text));
        }
        let variants = table.texts("variants");
        if variants.is_empty() {
            let place = table.location.clone();
            let hint = "add the spellings to replace: `variants = [\"…\"]`";
            table.report(place, "`variants` has no spelling", hint);
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
        if let Some(surface) = &surface {
            table.rename(format!("word \"{}\"", surface.text));
        }
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
        if let Some(surface) = &surface
            && surface
                .text
                .contains(|c: char| c.is_whitespace() || ",，\"＂".contains(c))
        {
            let what = format!("`surface` is `{}`, expected one word", surface.text);
            let place = surface.location.clone();
            table.report(
                place,
                what,
                "write it without spaces, commas and quotation marks",
            );
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

/// Reads the sentences, each `key = { ja = "…", en = "…" }`, in place of those read before.
pub(super) fn read_messages(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    for sentence in Sentence::ALL {
        let Some(text) = root.optional_localized(sentence.key()) else {
            continue;
        };
        let allowed = sentence.placeholders();
        for used in [&text.ja, &text.en]
            .into_iter()
            .flat_map(|text| placeholders(text))
        {
            if !allowed.contains(&used) {
                let hint = if allowed.is_empty() {
                    "remove it; this sentence has no value to show".to_owned()
                } else {
                    let allowed = allowed.join("}, {");
                    format!("remove it, or write a name that this sentence knows: {{{allowed}}}")
                };
                let what = format!(
                    "`{}` uses {{{used}}}, which it does not know",
                    sentence.key()
                );
                root.report(root.location_of(sentence.key()), what, &hint);
            }
        }
        knowledge.messages.set(*sentence, text);
    }
}

/// Reads the fitted numbers.
pub(super) fn read_calibration(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    const EXAMPLE: &str = "a table [words.dense], as `madoguchi calibrate` writes it";
    for (evidence, name) in Evidence::ALL {
        // An older file lacks what is new; then the shipped numbers hold.
        let Some(mut table) = root.optional_table(name, "a table of tables", EXAMPLE) else {
            continue;
        };
        let dense = read_fitted(&mut table, "dense");
        let sparse = read_fitted(&mut table, "sparse");
        table.finish();
        if let (Some(dense), Some(sparse)) = (dense, sparse) {
            let densities = Densities { dense, sparse };
            knowledge
                .calibration
                .by_evidence
                .insert(evidence, densities);
        }
    }
}

fn read_fitted(root: &mut TableReader<'_>, key: &'static str) -> Option<Fitted> {
    let mut table = root.table(
        key,
        "a table of numbers",
        "tables `dense` and `sparse`, as `madoguchi calibrate` writes them",
    )?;
    let answered_from = table.number("answered_from");
    let suggested_from = table.number("suggested_from");
    let weights = table.numbers("weights");
    let location = table.location.clone();
    table.finish();
    Some(Fitted {
        weights,
        location: Some(location),
        answered_from: answered_from?,
        suggested_from: suggested_from?,
    })
}
