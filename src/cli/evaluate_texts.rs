//! The texts of `evaluate` in both languages, side by side.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::explain_texts;
use crate::evaluate::{Report, Table};
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
    pub(super) got: &'static str,
    pub(super) gained: &'static str,
    pub(super) lost: &'static str,
    pub(super) changed: &'static str,
    pub(super) before: &'static str,
    pub(super) in_one_run: &'static str,
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
    got: "got",
    gained: "gained",
    lost: "lost",
    changed: "changed otherwise",
    before: "before:",
    in_one_run: "in only one of the runs",
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
    got: "結果",
    gained: "良くなった質問",
    lost: "悪くなった質問",
    changed: "そのほかに変わった質問",
    before: "以前は",
    in_one_run: "一方の結果だけにある質問",
};

/// Returns the texts of a language.
pub(super) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::Japanese => &JAPANESE,
        Language::English => &ENGLISH,
    }
}

/// Names a figure: a column of a [`crate::evaluate::Table`].
pub(super) fn figure(name: &str, language: Language) -> &str {
    match (language, name) {
        (Language::Japanese, "hit@1") => "1位が正解",
        (Language::Japanese, "hit@3") => "3位までに正解",
        (Language::Japanese, "answered right") => "正しく回答",
        (Language::Japanese, "right") => "正しい",
        (Language::Japanese, "helped") => "役に立った",
        (Language::Japanese, "wrongly answered") => "誤って回答",
        (Language::Japanese, "routed right") => "正しい窓口",
        (Language::Japanese, "all parts right") => "すべて正しい",
        (Language::Japanese, "one part right") => "一つは正しい",
        (Language::Japanese, "all parts helped") => "すべて役に立った",
        (Language::Japanese, "a wrong part") => "誤りを含む",
        (Language::Japanese, "answered") => "回答",
        (Language::Japanese, "suggested") => "候補",
        (Language::Japanese, "escalated to desk") => "窓口を案内",
        (Language::Japanese, "escalated, no desk") => "窓口なしで案内",
        (Language::Japanese, "safety") => "相談窓口",
        (Language::Japanese, "given no entry") => "項目を出さない",
        _ => self::name(name, language),
    }
}

/// Names a heading or a row of a [`crate::evaluate::Table`]. A style has no other name.
pub(super) fn name(name: &str, language: Language) -> &str {
    match (language, name) {
        (Language::Japanese, "style") => "種類",
        (Language::Japanese, "all") => "全体",
        (Language::Japanese, "conversations") => "会話",
        (Language::Japanese, "several requests") => "複数の質問",
        (Language::Japanese, "without an entry") => "項目のない質問",
        (Language::Japanese, "first turns") => "最初の発言",
        (Language::Japanese, "later turns") => "2番目からの発言",
        (Language::Japanese, "entry") => "項目",
        (Language::Japanese, "desk") => "窓口",
        (Language::Japanese, "choice") => "候補からの選択",
        (Language::Japanese, "contact") => "連絡先",
        (Language::Japanese, "small talk") => "あいさつなど",
        (Language::Japanese, "unclear") => "聞き返し",
        (Language::Japanese, "did not help") => "解決しない",
        (Language::Japanese, "off-topic") => "対象外",
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

/// Writes the figures as tables, then the evidence and the speed.
pub(super) fn report(report: &Report, language: Language) -> String {
    let mut text = String::new();
    for table in report.tables() {
        write_table(&table, language, &mut text);
        text.push('\n');
    }
    let counts = report.per_evidence().into_iter();
    let counts = counts.map(|(evidence, count)| match language {
        Language::Japanese => {
            let evidence = explain_texts::evidence(evidence, language);
            format!("{evidence} {count} 件")
        }
        Language::English => format!("{} {count}", evidence.name()),
    });
    let counts: Vec<String> = counts.collect();
    let rate = report.questions_per_second();
    let (p50, p99) = (
        report.latency(0.5).as_micros(),
        report.latency(0.99).as_micros(),
    );
    // Writing to a string cannot fail.
    let _ = match language {
        Language::Japanese => writeln!(
            text,
            "順位の手がかり: {}\n1スレッドで毎秒 {rate:.0} 問、p50 {p50} µs、p99 {p99} µs",
            counts.join("、")
        ),
        Language::English => writeln!(
            text,
            "ranked by: {}\n{rate:.0} questions/s on one thread, p50 {p50} µs, p99 {p99} µs",
            counts.join(", ")
        ),
    };
    text
}

fn write_table(table: &Table, language: Language, text: &mut String) {
    let count = match language {
        Language::Japanese => "件数",
        Language::English => "n",
    };
    *text += &pad_right(name(table.heading, language), 18);
    *text += &pad_left(count, 6);
    for column in &table.columns {
        *text += &pad_left(figure(column, language), 20);
    }
    text.push('\n');
    for row in &table.rows {
        *text += &pad_right(name(&row.name, language), 18);
        *text += &pad_left(&row.count.to_string(), 6);
        for cell in &row.cells {
            *text += &pad_left(&cell.to_string(), 20);
        }
        text.push('\n');
    }
}
