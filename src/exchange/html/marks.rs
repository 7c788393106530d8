//! Letters before questions and answers: `Q.`, `Q1：`, `A.`, `回答：`.

/// The letter before a question or an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// `Q.` or `質問：`.
    Question,
    /// `A.` or `回答：`.
    Answer,
}

/// Returns the letter before a text.
pub(super) fn mark(text: &str) -> Option<Mark> {
    let (mark, rest) = split_mark(text)?;
    (!rest.is_empty()).then_some(mark)
}

/// Splits `Q.`, `Q1:`, `質問：`, `A.` or `回答：` from a text.
fn split_mark(text: &str) -> Option<(Mark, &str)> {
    let text = text.trim_start();
    let marks = [
        (Mark::Question, ["Q", "Ｑ", "質問", "問"]),
        (Mark::Answer, ["A", "Ａ", "回答", "答"]),
    ];
    for (mark, names) in marks {
        for name in names {
            let Some(rest) = text.strip_prefix(name) else {
                continue;
            };
            let number = rest.trim_start_matches(|c: char| c.is_numeric() || c == '-');
            let signs = ['.', '．', ':', '：', '、', ')', '）', '】'];
            let after = number.trim_start_matches('\\').strip_prefix(signs);
            // `A 社` and `A4 の紙` start with a letter and a blank, too.
            let has_number = number.len() < rest.len();
            let blanks: &[char] = if has_number && mark == Mark::Question {
                &[' ', '\u{3000}']
            } else {
                &['\u{3000}']
            };
            if let Some(after) = after.or_else(|| number.strip_prefix(blanks)) {
                return Some((mark, after.trim_start()));
            }
        }
    }
    None
}

/// Removes `Q.` or `A.` from the start of a text.
pub(crate) fn without_mark(text: &str) -> &str {
    split_mark(text)
        .map(|(_, rest)| rest)
        .filter(|rest| !rest.is_empty())
        .unwrap_or(text)
}

/// Returns whether a text asks something.
pub(crate) fn is_question(text: &str) -> bool {
    let text = text.trim_end_matches(['。', '」', '.', ' ']);
    let ends = [
        "?",
        "？",
        "か",
        "たい",
        "ください",
        "下さい",
        "について",
        "とは",
        "には",
        "方法",
    ];
    ends.iter().any(|end| text.ends_with(end)) || mark(text) == Some(Mark::Question)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_of_a_text_is_no_mark() {
        for text in [
            "A社の製品",
            "Q&A の使い方",
            "AI とは",
            "QRコード",
            "問い合わせ先",
            "A4 の紙",
        ] {
            assert_eq!(without_mark(text), text);
        }
        assert_eq!(without_mark("Q12．会員とは"), "会員とは");
        assert_eq!(without_mark("A　はい"), "はい");
    }
}
