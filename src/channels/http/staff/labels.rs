//! The names of form fields in place of the keys of files, for people who do not open the files.

use crate::knowledge::{Language, Problem};

/// A key with the labels of its field.
type Label = (&'static str, &'static str, &'static str);

/// The fields of a desk.
const DESK: &[Label] = &[
    ("name", "窓口の名前", "Name of the desk"),
    ("programme", "サービスの名前", "Name of the service"),
    ("words", "この窓口を表すことば", "Words for this desk"),
    ("featured", "はじめに見せる項目", "Entries shown first"),
    ("[[contact_point]]", "連絡先", "Contact points"),
    ("contact_point", "連絡先", "Contact points"),
    ("kind", "種類", "Kind"),
    ("label", "見出し", "Heading"),
    ("value", "番号や宛先", "Number or address"),
    ("url", "リンク先", "Link"),
    ("[hours]", "受付時間", "Hours"),
    ("hours", "受付時間", "Hours"),
    ("text", "会員に見せる受付時間", "Hours as members read them"),
    ("time_zone", "時間帯", "Time zone"),
    ("closed_on_holidays", "祝日は休み", "Closed on holidays"),
    ("monday", "月曜日", "Monday"),
    ("tuesday", "火曜日", "Tuesday"),
    ("wednesday", "水曜日", "Wednesday"),
    ("thursday", "木曜日", "Thursday"),
    ("friday", "金曜日", "Friday"),
    ("saturday", "土曜日", "Saturday"),
    ("sunday", "日曜日", "Sunday"),
    ("closed", "休みの日", "Closed days"),
];

/// The fields of entries, referrals and out-of-scope subjects.
const ENTRY: &[Label] = &[
    ("question", "質問", "Question"),
    ("title", "英語の題", "English title"),
    ("answer", "答え", "Answer"),
    ("variants", "言い換え", "Other wordings"),
    ("category", "分類", "Category"),
    ("document", "出典の文書", "Source document"),
    ("section", "出典の章や番号", "Section of the source"),
    ("source", "出典", "Source"),
    ("related", "あわせて読む項目", "Related entries"),
    (
        "contact",
        "答えに出てくる連絡先",
        "Contact point of the answer",
    ),
    ("valid_from", "この日から有効", "Valid from"),
    ("valid_until", "この日まで有効", "Valid until"),
    ("review_by", "この日までに見直す", "Review by"),
    ("topic", "話題", "Subject"),
    ("[[entry]]", "項目", "entry"),
    ("[[referral]]", "案内", "referral"),
    ("[[out_of_scope]]", "扱わない話題", "out-of-scope subject"),
];

/// The fields of the lexicon.
const LEXICON: &[Label] = &[
    ("canonical", "そろえる書き方", "Spelling to use"),
    ("variants", "ほかの書き方", "Other spellings"),
    ("terms", "同じ意味のことば", "Words with the same meaning"),
    ("surface", "ことば", "Word"),
    ("reading", "読み", "Reading"),
    ("stop_words", "検索で無視することば", "Words to ignore"),
];

/// The fields of the brand.
const BRAND: &[Label] = &[
    ("organisation", "組織の名前", "Name of the organisation"),
    ("logo", "ロゴ", "Logo"),
    ("accent", "色（明るい画面）", "Colour on a light background"),
    (
        "accent_dark",
        "色（暗い画面）",
        "Colour on a dark background",
    ),
    (
        "notice",
        "質問の欄のそばの注意書き",
        "Notice beside the question",
    ),
    ("privacy", "個人情報の扱いのページ", "Privacy policy"),
    ("link", "下に並べるリンク", "Footer links"),
    ("label", "リンクの文字", "Text of the link"),
    ("url", "リンク先", "Address"),
];

/// A form whose fields have labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Desk,
    Entry,
    Lexicon,
    Brand,
}

impl Form {
    fn labels(self) -> &'static [Label] {
        match self {
            Self::Desk => DESK,
            Self::Entry => ENTRY,
            Self::Lexicon => LEXICON,
            Self::Brand => BRAND,
        }
    }

    /// Returns the label of the field for a key, else the key.
    pub(super) fn label(self, key: &'static str, language: Language) -> &'static str {
        let mut labels = self.labels().iter();
        let found = labels.find(|(known, ..)| *known == key);
        found.map_or(key, |(_, ja, en)| match language {
            Language::Japanese => ja,
            Language::English => en,
        })
    }
}

/// Returns the mistake of a problem with the labels of the form.
pub(super) fn mistake(problem: &Problem, language: Language) -> String {
    labelled(problem, problem.mistake.get(language), language)
}

/// Returns the hint of a problem with the labels of the form.
pub(super) fn hint(problem: &Problem, language: Language) -> String {
    labelled(problem, problem.hint.get(language), language)
}

/// Replaces the keys between backquotes by labels; `key = "…"` is how a file writes it.
fn labelled(problem: &Problem, text: &str, language: Language) -> String {
    let file = problem.location.file.file_name();
    let form = match file.and_then(|name| name.to_str()) {
        Some("desk.toml") => Form::Desk,
        Some("lexicon.toml") => Form::Lexicon,
        Some("brand.toml") => Form::Brand,
        _ => Form::Entry,
    };
    if text.matches('`').count() % 2 == 1 {
        return text.to_owned();
    }
    let mut written = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 0 {
            written.push_str(part);
            continue;
        }
        let key = part.split(" =").next().unwrap_or(part).trim();
        let found = form.labels().iter().find(|(known, ..)| *known == key);
        match (found, language) {
            (Some((_, ja, _)), Language::Japanese) => written.push_str(&format!("「{ja}」")),
            (Some((.., en)), Language::English) => written.push_str(&format!("“{en}”")),
            (None, _) => written.push_str(&format!("`{part}`")),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Localized, Location};

    #[test]
    fn keys_become_the_labels_of_the_form() {
        let said = |file: &str, text: &str| {
            let text = Localized {
                ja: text.to_owned(),
                en: text.to_owned(),
            };
            let problem = Problem::error(Location::new(file, 1), text.clone(), text);
            mistake(&problem, Language::Japanese)
        };
        for (file, text, expected) in [
            (
                "a/desk.toml",
                "`monday`: `9-17` は",
                "「月曜日」: `9-17` は",
            ),
            ("a/desk.toml", "`url` の `x` は", "「リンク先」 の `x` は"),
            ("a/b.toml", "`variants = [\"…\"]` を", "「言い換え」 を"),
            ("lexicon.toml", "`variants` に", "「ほかの書き方」 に"),
            ("a/b.toml", "閉じていない ` が", "閉じていない ` が"),
        ] {
            assert_eq!(said(file, text), expected);
        }
    }
}
