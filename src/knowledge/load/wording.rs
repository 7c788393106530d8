//! Phrases that several problems of a TOML table share.

use toml::de::DeValue;

use crate::knowledge::language::{Localized, localized};

/// Writes an example of a text in both languages.
pub(super) fn localized_example(key: &str) -> String {
    format!("{key} = {{ ja = \"…\", en = \"…\" }}")
}

/// Names a value's type in words for readers who do not program.
pub(super) fn plain_type(value: &DeValue<'_>) -> Localized {
    match value {
        DeValue::String(_) => localized!(ja: "引用符で囲んだ文", en: "a text"),
        DeValue::Integer(_) | DeValue::Float(_) => localized!(ja: "数", en: "a number"),
        DeValue::Boolean(_) => localized!(ja: "true か false ", en: "true or false"),
        DeValue::Datetime(_) => localized!(ja: "日付か時刻", en: "a date or a time"),
        DeValue::Array(_) => localized!(ja: "一覧", en: "a list"),
        DeValue::Table(_) => localized!(ja: "表", en: "a table"),
    }
}

/// Writes the hint to add a missing line.
pub(super) fn add(example: &str) -> Localized {
    localized!(ja: "`{example}` を書き足してください", en: "add `{example}`")
}

/// Writes the hint to give a value another form.
pub(super) fn write(example: &str) -> Localized {
    localized!(ja: "`{example}` の形で書いてください", en: "write `{example}`")
}
