//! The words of a report in Japanese and English.

use crate::knowledge::Language;
use crate::records::HELP_CENTRE;

/// The headings of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading {
    Title,
    Period,
    Desk,
    AllDesks,
    Turns,
    Conversations,
    Ratings,
    Helpful,
    NotHelpful,
    PerDay,
    Channels,
    Outcomes,
    MostAsked,
    LeastHelpful,
    Unanswered,
    Rerouted,
    Abandoned,
    Escalations,
    Unused,
    Shown,
    Times,
    Question,
    Examples,
    From,
    To,
    Open,
    Closed,
    WithoutHours,
    None,
}

impl Heading {
    /// Returns the heading in a language.
    pub(super) fn text(self, language: Language) -> &'static str {
        let (ja, en) = match self {
            Self::Title => ("お問い合わせの記録", "What members asked"),
            Self::Period => ("期間", "Period"),
            Self::Desk => ("窓口", "Desk"),
            Self::AllDesks => ("すべて", "all"),
            Self::Turns => ("質問と選択", "Messages and choices"),
            Self::Conversations => ("会話", "Conversations"),
            Self::Ratings => ("評価", "Ratings"),
            Self::Helpful => ("役に立った", "helped"),
            Self::NotHelpful => ("役に立たなかった", "did not help"),
            Self::PerDay => ("日ごとの件数", "By day"),
            Self::Channels => ("経路", "Channels"),
            Self::Outcomes => ("結果", "Outcomes"),
            Self::MostAsked => ("よく見られた項目", "Most shown entries"),
            Self::LeastHelpful => ("役に立たなかった項目", "Least helpful entries"),
            Self::Unanswered => (
                "答えのない質問（似たものごと）",
                "Questions without an answer, grouped by likeness",
            ),
            Self::Rerouted => (
                "別の項目で解決した質問",
                "Questions whose members found another entry",
            ),
            Self::Abandoned => (
                "候補を見て、そこで終わった質問",
                "Questions that ended at a list of entries",
            ),
            Self::Escalations => ("窓口へのご案内", "Escalations by desk"),
            Self::Unused => ("一度も見られなかった項目", "Entries that were never shown"),
            Self::Shown => ("表示", "Shown"),
            Self::Times => ("回数", "Times"),
            Self::Question => ("質問", "Question"),
            Self::Examples => ("例", "Examples"),
            Self::From => ("はじめの答え", "First answer"),
            Self::To => ("解決した項目", "Entry found"),
            Self::Open => ("受付時間内", "Open"),
            Self::Closed => ("受付時間外", "Closed"),
            Self::WithoutHours => ("受付時間なし", "No hours"),
            Self::None => ("なし", "none"),
        };
        match language {
            Language::Japanese => ja,
            Language::English => en,
        }
    }
}

/// Writes a whole number with commas between thousands.
#[must_use]
pub fn number(count: impl ToString) -> String {
    let digits = count.to_string();
    let mut written = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// Returns the name of an outcome or a channel; unknown ones keep their own.
#[must_use]
pub fn name(key: &str, language: Language) -> &str {
    let (ja, en) = match key {
        "answered" => ("回答", "answered"),
        "suggested" => ("候補", "suggested"),
        "escalated" => ("窓口をご案内", "led to a desk"),
        "small_talk" => ("あいさつなど", "small talk"),
        "safety" => (
            "命の危険（文は残しません）",
            "danger to a life (no text kept)",
        ),
        "web" => ("ウェブ", "web"),
        HELP_CENTRE => ("ヘルプセンター", "help centre"),
        "telegram" => ("Telegram", "Telegram"),
        "discord" => ("Discord", "Discord"),
        "line" => ("LINE", "LINE"),
        "" => ("（すべての窓口）", "(all desks)"),
        other => (other, other),
    };
    match language {
        Language::Japanese => ja,
        Language::English => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (count, expected) in [
            (0_u64, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (20_000, "20,000"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(count), expected);
        }
    }
}
