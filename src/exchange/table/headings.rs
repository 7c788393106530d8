//! The headings of columns: those that are recognised, and those of exported tables.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::exchange::record::Field;

/// The lines of `headings.txt`: the field, whether its headings are certain, the headings.
static HEADINGS: LazyLock<Vec<(&str, bool, Vec<&str>)>> = LazyLock::new(|| {
    let lines = include_str!("headings.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines = lines.map(|line| {
        let (field, is_certain) = match line.strip_prefix('?') {
            Some(line) => (line, false),
            None => (line, true),
        };
        let mut words = field.split_whitespace();
        let name = words.next().unwrap_or_default();
        (name, is_certain, words.collect())
    });
    lines.collect()
});

/// Returns the headings of a field, folded.
pub(super) fn names(field: Field, is_certain: bool) -> impl Iterator<Item = &'static str> {
    let lines = HEADINGS.iter();
    let lines =
        lines.filter(move |(name, certain, _)| *name == field.name() && *certain == is_certain);
    lines.flat_map(|(.., headings)| headings.iter().copied())
}

/// Folds a heading: width, case, blanks, signs, and notes such as 「必須」.
pub(super) fn fold(heading: &str) -> String {
    let folded = heading.nfkc().flat_map(char::to_lowercase);
    let folded: String = folded
        .filter(|c| c.is_alphanumeric() || *c == 'ー')
        .collect();
    let notes = ["必須", "任意", "必要", "欄"];
    let mut text = folded.as_str();
    for note in notes {
        text = text.strip_suffix(note).unwrap_or(text);
    }
    text.to_owned()
}

/// Returns the heading of a column in exported tables.
pub(in crate::exchange) fn heading(field: Field, is_japanese: bool) -> &'static str {
    if !is_japanese {
        return match field {
            Field::AnswerMarkdown => "answer (Markdown)",
            other => other.name(),
        };
    }
    match field {
        Field::Id => "ID",
        Field::Desk => "窓口",
        Field::Category => "カテゴリ",
        Field::Question => "質問",
        Field::EnglishTitle => "英語の題",
        Field::Variants => "別の聞き方",
        Field::Answer => "回答",
        Field::AnswerMarkdown => "回答（Markdown）",
        Field::Document => "出典",
        Field::Section => "出典の箇所",
        Field::Related => "関連項目",
        Field::Contact => "連絡先",
        Field::ValidFrom => "有効開始日",
        Field::ValidUntil => "有効期限",
        Field::ReviewBy => "見直し期限",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_is_folded_and_belongs_to_one_field() {
        let mut seen = std::collections::BTreeSet::new();
        for (field, _, headings) in HEADINGS.iter() {
            assert!(Field::ALL.iter().any(|(_, name)| name == field), "{field}");
            for heading in headings {
                assert_eq!(fold(heading), *heading);
                assert!(seen.insert(heading), "`{heading}` is listed twice");
            }
        }
    }

    #[test]
    fn exported_headings_are_recognised() {
        for (field, _) in Field::ALL {
            for is_japanese in [true, false] {
                let heading = fold(heading(field, is_japanese));
                let is_known = names(field, true).any(|name| name == heading);
                assert!(is_known, "{heading}");
            }
        }
    }
}
