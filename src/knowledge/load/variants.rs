//! Reads `variants` and other lists in their notation, each expanded.

use super::toml_reader::TableReader;
use crate::knowledge::language::{Localized, localized};
use crate::knowledge::variant::{self, MAX_EXPANSIONS, Variant, VariantError};

/// Reads the variants of a table; reports those that cannot be expanded.
pub(super) fn read_variants(table: &mut TableReader<'_>) -> Vec<Variant> {
    read_texts(table, "variants")
}

/// Reads a list of texts in the notation of variants; reports those that cannot be expanded.
pub(super) fn read_texts(table: &mut TableReader<'_>, key: &'static str) -> Vec<Variant> {
    let mut variants = Vec::new();
    for written in table.texts(key) {
        let pattern = written.text;
        match variant::expand(&pattern) {
            Ok(texts) => {
                if texts.iter().any(|text| text.contains(['|', '｜'])) {
                    table.report(
                        written.location.clone(),
                        localized!(
                            ja: "言い換え `{pattern}` の `|` が ( と ) の間にありません",
                            en: "the variant `{pattern}` has a `|` that is not between ( and )",
                        ),
                        localized!(
                            ja: "まとめ書きは (a|b) の形で、三つの記号を半角で書いてください",
                            en: "write alternatives as (a|b), with all three signs half-width",
                        ),
                    );
                }
                variants.push(Variant::new(&pattern, texts, written.location));
            }
            Err(error) => {
                let (mistake, hint) = describe(&pattern, error);
                table.report(written.location, mistake, hint);
            }
        }
    }
    variants
}

fn describe(pattern: &str, error: VariantError) -> (Localized, Localized) {
    match error {
        VariantError::Empty if pattern.trim().is_empty() => (
            localized!(ja: "空の言い換えがあります", en: "a variant is empty"),
            localized!(
                ja: "尋ね方を書くか、消してください",
                en: "write how people ask, or remove it",
            ),
        ),
        VariantError::Empty => (
            localized!(
                ja: "言い換え `{pattern}` は、選択肢の組み合わせによって空になります",
                en: "the variant `{pattern}` can expand to an empty text",
            ),
            localized!(
                ja: "( ) の外に語を残すか、空の選択肢を消してください",
                en: "keep a word outside ( and ), or remove an empty alternative",
            ),
        ),
        VariantError::Unbalanced => (
            localized!(
                ja: "言い換え `{pattern}` のかっこが対になっていません",
                en: "the variant `{pattern}` has an unmatched parenthesis",
            ),
            localized!(
                ja: "(a|b) の形で書いてください。( と ) は半角で、数をそろえます",
                en: "write (a|b), with matching half-width parentheses",
            ),
        ),
        VariantError::Nested => (
            localized!(
                ja: "言い換え `{pattern}` では、かっこの中にかっこがあります",
                en: "the variant `{pattern}` has a group within a group",
            ),
            localized!(
                ja: "選択肢を一つの (a|b|c) に並べるか、言い換えを二つに分けてください",
                en: "write all alternatives in one (a|b|c), or split it into two variants",
            ),
        ),
        VariantError::TooMany(count) => (
            localized!(
                ja: "言い換え `{pattern}` は {count} 通りになります。{MAX_EXPANSIONS} 通りまでにしてください",
                en: "the variant `{pattern}` expands to {count} texts, expected at most {MAX_EXPANSIONS}",
            ),
            localized!(
                ja: "言い換えを二つに分けるか、助詞や丁寧さだけが違う選択肢を消してください",
                en: "split it into two variants, or remove alternatives that differ only in a particle or in politeness",
            ),
        ),
    }
}
