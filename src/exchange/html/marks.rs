//! Letters before questions and answers: `Q.`, `Q1：`, `A.`, `回答：`.

/// The letter before a question or an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// `Q.` or `質問：`.
    Question,
    /// `A.` or `回答：`.
    Answer,
}

/// A text with the letter before it.
#[derive(Clone, Copy)]
pub(super) struct Marked<'a> {
    /// The kind of the letter.
    pub(super) mark: Mark,
    /// The number after the letter; may be empty.
    pub(super) number: &'a str,
    /// The text without the letter, its number and its sign; not empty.
    pub(super) rest: &'a str,
}

/// Returns the letter before a text.
pub(super) fn mark(text: &str) -> Option<Mark> {
    marked(text).map(|marked| marked.mark)
}

/// Splits `Q.`, `Q1:`, `質問：`, `A.` or `回答：` from a text.
pub(super) fn marked(text: &str) -> Option<Marked<'_>> {
    let text = text.trim_start();
    let marks = [
        (Mark::Question, ["Q", "Ｑ", "質問", "問"]),
        (Mark::Answer, ["A", "Ａ", "回答", "答"]),
    ];
    for (mark, names) in marks {
        for name in names {
            let Some(after_name) = text.strip_prefix(name) else {
                continue;
            };
            let after_number = after_name.trim_start_matches(|c: char| c.is_numeric() || c == '-');
            let (number, _) = after_name.split_at(after_name.len() - after_number.len());
            let has_number = number.contains(char::is_numeric);
            // `A、B、C` and `質問、要望` are lists of words.
            let signs: &[char] = if has_number {
                &['.', '．', ':', '：', '】', '、', ')', '）']
            } else {
                &['.', '．', ':', '：', '】']
            };
            // `A 社` and `A4 の紙` start with a letter and a blank, too.
            let blanks: &[char] = if has_number && mark == Mark::Question {
                &[' ', '\u{3000}']
            } else {
                &['\u{3000}']
            };
            let after_sign = after_number.trim_start_matches('\\').strip_prefix(signs);
            let Some(rest) = after_sign.or_else(|| after_number.strip_prefix(blanks)) else {
                continue;
            };
            if rest.trim_start().is_empty() || is_abbreviation(rest) {
                return None;
            }
            let rest = rest.trim_start();
            return Some(Marked { mark, number, rest });
        }
    }
    None
}

/// Returns whether a text goes on like `A.M.` after its first letter and full stop.
fn is_abbreviation(rest: &str) -> bool {
    let mut characters = rest.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic()) && characters.next() == Some('.')
}

/// The letters that a list of questions and answers has before its texts.
///
/// A letter before one text of many, or without the number of the others, belongs to the text:
/// 「A:Bは1:2です」. The letters of questions and answers support each other; without the other's, one
/// text alone proves nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Series {
    questions: Option<Form>,
    answers: Option<Form>,
}

/// The form of the letters of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `Q.`
    Plain,
    /// `Q1.`
    Numbered,
}

impl Series {
    /// Finds the letters that most questions and most answers have.
    pub(crate) fn of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut questions, mut answers) = (Count::default(), Count::default());
        for (question, answer) in pairs {
            questions.add(question, Mark::Question);
            answers.add(answer, Mark::Answer);
        }
        let is_paired = questions.is_most() && answers.is_most();
        let form = |count: &Count| count.form().filter(|_| is_paired || count.marked() > 1);
        Self {
            questions: form(&questions),
            answers: form(&answers),
        }
    }

    /// Removes the letter of the series from a question.
    pub(crate) fn question(self, text: &str) -> &str {
        without_form(text, Mark::Question, self.questions)
    }

    /// Removes the letter of the series from an answer.
    pub(crate) fn answer(self, text: &str) -> &str {
        without_form(text, Mark::Answer, self.answers)
    }
}

/// The number of texts with a letter.
#[derive(Default)]
struct Count {
    plain: usize,
    numbered: usize,
    all: usize,
}

impl Count {
    fn add(&mut self, text: &str, own: Mark) {
        self.all += usize::from(!text.trim().is_empty());
        match marked(text).filter(|marked| marked.mark == own) {
            Some(marked) if marked.number.is_empty() => self.plain += 1,
            Some(_) => self.numbered += 1,
            None => {}
        }
    }

    fn marked(&self) -> usize {
        self.plain + self.numbered
    }

    fn is_most(&self) -> bool {
        self.marked() * 2 > self.all
    }

    fn form(&self) -> Option<Form> {
        let form = if self.numbered > self.plain {
            Form::Numbered
        } else {
            Form::Plain
        };
        self.is_most().then_some(form)
    }
}

fn without_form(text: &str, own: Mark, form: Option<Form>) -> &str {
    let has_form = |marked: &Marked<'_>| match form {
        Some(Form::Plain) => marked.number.is_empty(),
        Some(Form::Numbered) => !marked.number.is_empty(),
        None => false,
    };
    marked(text)
        .filter(|marked| marked.mark == own && has_form(marked))
        .map_or(text, |marked| marked.rest)
}

/// Removes a letter of one kind from the start of a text.
pub(super) fn without_mark(text: &str, own: Mark) -> &str {
    marked(text)
        .filter(|marked| marked.mark == own)
        .map_or(text, |marked| marked.rest)
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
            "A、B、Cの三種類",
            "A) と B) のどちらか",
            "A.M. 9:00 からです",
            "質問、要望は窓口へ",
            "回答、結果は郵送します",
            "A.",
        ] {
            assert!(marked(text).is_none(), "{text}");
        }
        for (text, own, number, rest) in [
            ("Q12．会員とは", Mark::Question, "12", "会員とは"),
            ("Q1、会員とは", Mark::Question, "1", "会員とは"),
            ("問2) 会員とは", Mark::Question, "2", "会員とは"),
            ("A　はい", Mark::Answer, "", "はい"),
            ("A.PDFです", Mark::Answer, "", "PDFです"),
        ] {
            let found = marked(text).expect(text);
            assert!(found.mark == own, "{text}");
            assert_eq!((found.number, found.rest), (number, rest), "{text}");
        }
    }

    #[test]
    fn only_the_letters_of_most_texts_are_removed() {
        let pairs = [("Q. 比率は？", "A. 半々です"), ("Q. 単位は？", "A. gです")];
        let series = Series::of(pairs.into_iter());
        assert_eq!(series.question("Q. 比率は？"), "比率は？");
        assert_eq!(series.answer("A. 半々です"), "半々です");
        // The letter of the other field is text.
        assert_eq!(series.answer("Q: と書きます"), "Q: と書きます");
        let pairs = [
            ("比率は？", "A:Bは1:2"),
            ("単位は？", "gです"),
            ("色は？", "赤です"),
        ];
        assert_eq!(Series::of(pairs.into_iter()), Series::default());
        let numbered = [("Q1. 何？", "A1. 紙"), ("Q2. 比は？", "A2. 半々")];
        let numbered = Series::of(numbered.into_iter());
        assert_eq!(numbered.answer("A2. 半々"), "半々");
        assert_eq!(numbered.answer("A:Bは1:2"), "A:Bは1:2");
        let alone = Series::of([("比率は？", "A:Bは1:2")].into_iter());
        assert_eq!(alone, Series::default());
    }
}
