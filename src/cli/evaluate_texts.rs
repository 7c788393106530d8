//! The texts of `evaluate` in both languages, side by side.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::explain_texts;
use crate::evaluate::Report;
use crate::knowledge::Language;

/// Labels of failures and comparisons.
pub(super) struct Texts {
    pub(super) expected: &'static str,
    pub(super) words: &'static str,
    pub(super) reading: &'static str,
    pub(super) confidence: &'static str,
    pub(super) answered_from: &'static str,
    pub(super) entries: &'static str,
    pub(super) suggested_from: &'static str,
    pub(super) referrals: &'static str,
    pub(super) hand_offs: &'static str,
    pub(super) small_talk: &'static str,
    pub(super) elsewhere: &'static str,
    pub(super) by: &'static str,
    pub(super) better: &'static str,
    pub(super) worse: &'static str,
}

const ENGLISH: Texts = Texts {
    expected: "expected",
    words: "words",
    reading: "reading",
    confidence: "confidence",
    answered_from: "answered from",
    entries: "entries",
    suggested_from: "suggested from",
    referrals: "referrals",
    hand_offs: "hand-offs",
    small_talk: "small talk",
    elsewhere: "elsewhere",
    by: "by",
    better: "better",
    worse: "worse",
};

const JAPANESE: Texts = Texts {
    expected: "正解",
    words: "語",
    reading: "読み",
    confidence: "確信度",
    answered_from: "回答の下限",
    entries: "項目",
    suggested_from: "候補の下限",
    referrals: "答えがない話題",
    hand_offs: "人への取り次ぎ",
    small_talk: "あいさつなど",
    elsewhere: "対象外",
    by: "手がかり",
    better: "良くなった質問",
    worse: "悪くなった質問",
};

/// Returns the texts of a language.
pub(super) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::Japanese => &JAPANESE,
        Language::English => &ENGLISH,
    }
}

/// Names a figure of [`crate::evaluate::Figures::named`].
pub(super) fn figure(name: &str, language: Language) -> &str {
    match (language, name) {
        (Language::Japanese, "hit@1") => "1位が正解",
        (Language::Japanese, "hit@3") => "3位までに正解",
        (Language::Japanese, "answered right") => "正しく回答",
        (Language::Japanese, "helped") => "役に立った",
        (Language::Japanese, "wrongly answered") => "誤って回答",
        (Language::Japanese, "routed right") => "正しい窓口",
        _ => name,
    }
}

/// Pads a text on the left to a number of terminal columns.
pub(super) fn pad_left(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(text.width());
    " ".repeat(missing) + text
}

/// Pads a text on the right to a number of terminal columns.
pub(super) fn pad_right(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(text.width());
    text.to_owned() + &" ".repeat(missing)
}

/// Writes the figures as a table, then the evidence and the speed.
pub(super) fn report(report: &Report, language: Language) -> String {
    if language == Language::English {
        return report.to_string();
    }
    let overall = report.overall();
    let mut text = pad_right("種類", 12) + &pad_left("件数", 6);
    for (name, _) in overall.named() {
        text += &pad_left(figure(name, language), 16);
    }
    text.push('\n');
    for (style, figures) in report.per_style().into_iter().chain([("全体", overall)]) {
        text += &pad_right(style, 12);
        text += &pad_left(&figures.questions.to_string(), 6);
        for (_, value) in figures.named() {
            let value = value.map_or("-".to_owned(), |value| format!("{value:.3}"));
            text += &pad_left(&value, 16);
        }
        text.push('\n');
    }
    let counts = report.per_evidence().into_iter();
    let counts = counts.map(|(evidence, count)| {
        let evidence = explain_texts::evidence(evidence, language);
        format!("{evidence} {count} 件")
    });
    let counts = counts.collect::<Vec<_>>().join("、");
    let rate = report.questions_per_second();
    let (p50, p99) = (
        report.latency(0.5).as_micros(),
        report.latency(0.99).as_micros(),
    );
    // Writing to a string cannot fail.
    let _ = writeln!(text, "順位の手がかり: {counts}");
    let _ = writeln!(
        text,
        "1スレッドで毎秒 {rate:.0} 問、p50 {p50} µs、p99 {p99} µs"
    );
    text
}
