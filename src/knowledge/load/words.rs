//! Reads `lexicon.toml`, `messages.toml` and `calibration.toml`.

use super::toml_reader::TableReader;
use crate::knowledge::language::localized;
use crate::knowledge::messages::{Sentence, placeholders};
use crate::knowledge::{
    ByCoverage, Evidence, FittedParameters, KnowledgeBase, Spelling, Synonyms, Word,
};

/// Reads the lexicon.
pub(super) fn read_lexicon(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    let lexicon = &mut knowledge.lexicon;
    lexicon.has_only_own_synonyms = root.flag("only_own_synonyms");
    let stop_words = root.texts("stop_words").into_iter();
    lexicon.stop_words.extend(stop_words.map(|word| word.text));
    for mut table in root.tables("spelling") {
        let canonical = table.text("canonical");
        if let Some(canonical) = &canonical {
            table.rename(format!("spelling \"{}\"", canonical.text));
        }
        let variants = table.texts("variants");
        if variants.is_empty() {
            table.report(
                table.location.clone(),
                localized!(
                    ja: "`variants` に書き方がありません",
                    en: "`variants` has no spelling",
                ),
                localized!(
                    ja: "置き換える書き方を書き足してください: `variants = [\"…\"]`",
                    en: "add the spellings to replace: `variants = [\"…\"]`",
                ),
            );
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
            table.report(
                table.location.clone(),
                localized!(
                    ja: "`terms` の語が二つ未満です",
                    en: "`terms` has fewer than two words",
                ),
                localized!(
                    ja: "同じ意味の語を二つ以上書いてください",
                    en: "write at least two words with the same meaning",
                ),
            );
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
            let text = &reading.text;
            table.report(
                reading.location.clone(),
                localized!(
                    ja: "`reading` の `{text}` がカタカナではありません",
                    en: "`reading` is `{text}`, expected katakana",
                ),
                localized!(
                    ja: "語の読みをカタカナで書いてください",
                    en: "write how the word is read, in katakana",
                ),
            );
        }
        if let Some(surface) = &surface
            && surface
                .text
                .contains(|c: char| c.is_whitespace() || ",，\"＂".contains(c))
        {
            let text = &surface.text;
            table.report(
                surface.location.clone(),
                localized!(
                    ja: "`surface` の `{text}` が一つの語ではありません",
                    en: "`surface` is `{text}`, expected one word",
                ),
                localized!(
                    ja: "空白、コンマ、引用符を入れずに書いてください",
                    en: "write it without spaces, commas and quotation marks",
                ),
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

/// Reads sentences, each `key = { ja = "…", en = "…" }`; later ones replace earlier ones.
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
                let key = sentence.key();
                let names = allowed.join("}, {");
                let hint = if allowed.is_empty() {
                    localized!(
                        ja: "消してください。この文に差し込める値はありません",
                        en: "remove it; this sentence has no placeholders",
                    )
                } else {
                    localized!(
                        ja: "消すか、この文で使える名前にしてください: {{{names}}}",
                        en: "remove it, or use a placeholder of this sentence: {{{names}}}",
                    )
                };
                let mistake = localized!(
                    ja: "`{key}` では {{{used}}} を使えません",
                    en: "`{key}` uses the unknown placeholder {{{used}}}",
                );
                root.report(root.location_of(key), mistake, hint);
            }
        }
        knowledge.messages.set(*sentence, text);
    }
}

/// Reads the fitted parameters.
pub(super) fn read_calibration(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    const EXAMPLE: &str = "a table [words.dense], as `madoguchi calibrate` writes it";
    for (evidence, name) in Evidence::ALL {
        // An older file may lack a kind of evidence; the shipped parameters then stay.
        let expected = localized!(ja: "表の表", en: "a table of tables");
        let Some(mut table) = root.optional_table(name, &expected, EXAMPLE) else {
            continue;
        };
        let well_covered = read_parameters(&mut table, "dense");
        let thinly_covered = read_parameters(&mut table, "sparse");
        table.finish();
        if let (Some(well_covered), Some(thinly_covered)) = (well_covered, thinly_covered) {
            let parameters = ByCoverage {
                well_covered,
                thinly_covered,
            };
            knowledge
                .calibration
                .by_evidence
                .insert(evidence, parameters);
        }
    }
}

fn read_parameters(root: &mut TableReader<'_>, key: &'static str) -> Option<FittedParameters> {
    let expected = localized!(ja: "数の表", en: "a table of numbers");
    let mut table = root.table(
        key,
        &expected,
        "tables `dense` and `sparse`, as `madoguchi calibrate` writes them",
    )?;
    let answered_from = table.number("answered_from");
    let suggested_from = table.number("suggested_from");
    let weights = table.numbers("weights");
    let location = table.location.clone();
    table.finish();
    Some(FittedParameters {
        weights,
        location: Some(location),
        answered_from: answered_from?,
        suggested_from: suggested_from?,
    })
}
