//! Words beside which personal data stands, and what is masked beside each.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::text::{Text, is_digit, is_hiragana, is_kanji, is_katakana, is_stop, is_token};
use super::{names, places};

/// What is masked beside a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// A title after a name.
    Title,
    /// A title before a name in Latin letters.
    LatinTitle,
    /// The end of an introduction, after a name.
    Introduction,
    /// A label before a name.
    Name,
    /// A label before an id of letters and digits.
    Id,
    /// A label before a short number.
    Number,
    /// A mark before a postal code.
    Postal,
    /// The name of a prefecture, which may begin an address.
    Prefecture,
    /// The end of the name of a municipality, which may begin an address.
    Municipality,
}

const TITLES: [&str; 10] = [
    "さん",
    "サン",
    "さま",
    "様",
    "氏",
    "殿",
    "君",
    "くん",
    "ちゃん",
    "先生",
];

const LATIN_TITLES: [&str; 8] = ["mr.", "mrs.", "ms.", "dr.", "mr ", "mrs ", "ms ", "dr "];

const INTRODUCTIONS: [&str; 13] = [
    "と申しま",
    "と申して",
    "と申し、",
    "ともうします",
    "と言います",
    "といいます",
    "という者",
    "と申す",
    "という名前",
    "といった名前",
    "と名乗",
    "です",
    "でございます",
];

const NAMES: [&str; 11] = [
    "名前",
    "氏名",
    "名義",
    "姓名",
    "フリガナ",
    "ふりがな",
    "カナ氏名",
    "宛名",
    "申込者",
    "my name is",
    "name:",
];

const IDS: [&str; 42] = [
    "line id",
    "lineid",
    "lineのid",
    "lineアカウント",
    "line:",
    "ライン id",
    "ラインid",
    "ラインのid",
    "skype",
    "スカイプ",
    "wechat",
    "微信",
    "kakao",
    "カカオ",
    "instagram",
    "インスタ",
    "twitter",
    "discord id",
    "telegram id",
    "telegramの",
    "ユーザーid",
    "ユーザid",
    "ユーザー名",
    "ログインid",
    "会員id",
    "会員番号",
    "会員no",
    "登録番号",
    "受付番号",
    "予約番号",
    "注文番号",
    "顧客番号",
    "お客様番号",
    "パスポート",
    "旅券",
    "免許",
    "在留カード",
    "マイナンバー",
    "個人番号",
    "パスワード",
    "password",
    "passwd",
];

const NUMBERS: [&str; 13] = [
    "内線",
    "店番",
    "支店番号",
    "支店コード",
    "銀行コード",
    "金融機関コード",
    "記号",
    "暗証番号",
    "暗証",
    "pin",
    "セキュリティコード",
    "cvv",
    "cvc",
];

/// Ends of names that may begin an address. Towns and villages stand after their 郡 or prefecture.
const MUNICIPALITIES: [&str; 3] = ["市", "区", "郡"];

const POSTAL: [&str; 3] = ["〒", "郵便番号", "住所"];

/// The patterns of all labels with their kinds.
static LABELS: LazyLock<(Option<AhoCorasick>, Vec<Label>)> = LazyLock::new(|| {
    let groups: [(&[&str], Label); 9] = [
        (&TITLES, Label::Title),
        (&LATIN_TITLES, Label::LatinTitle),
        (&INTRODUCTIONS, Label::Introduction),
        (&NAMES, Label::Name),
        (&IDS, Label::Id),
        (&NUMBERS, Label::Number),
        (&POSTAL, Label::Postal),
        (&places::PREFECTURES, Label::Prefecture),
        (&MUNICIPALITIES, Label::Municipality),
    ];
    let all = groups
        .iter()
        .flat_map(|(words, label)| words.iter().map(|word| (*word, *label)));
    let (words, labels): (Vec<&str>, Vec<Label>) = all.unzip();
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(words);
    // The words are fixed and few, so the automaton can always be built; a test finds each of them.
    (automaton.ok(), labels)
});

/// Finds all labels in the plain text, with their ranges in characters.
pub(super) fn find(text: &Text) -> Vec<(usize, usize, Label)> {
    let mut plain = String::with_capacity(text.plain.len() * 3);
    plain.extend(&text.plain);
    let (Some(automaton), labels) = &*LABELS else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let (mut byte, mut index) = (0, 0);
    for hit in automaton.find_iter(&plain) {
        index += plain[byte..hit.start()].chars().count();
        byte = hit.start();
        let length = plain[hit.range()].chars().count();
        found.push((index, index + length, labels[hit.pattern().as_usize()]));
    }
    found
}

/// Masks what stands beside a label.
pub(super) fn mark(text: &mut Text, start: usize, end: usize, label: Label) {
    match label {
        Label::Title => names::mark_titled(text, start, end),
        Label::LatinTitle => names::mark_latin(text, start, end),
        Label::Introduction => names::mark_introduced(text, start, end),
        Label::Name => mark_name(text, end),
        Label::Id => mark_id(text, end),
        Label::Number => mark_number(text, end),
        Label::Postal => places::mark_postal(text, end),
        Label::Prefecture => places::mark_address(text, start, end),
        Label::Municipality => places::mark_municipality(text, start, end),
    }
}

/// Skips the words between a label and its value; returns whether there are any but spaces.
fn after_connector(text: &Text, end: usize) -> (usize, bool) {
    /// Words that may follow the label itself.
    const SUFFIXES: [&str; 8] = ["人", "番号", "no.", "no", "のid", "id", "証", "アカウント"];
    const CONNECTORS: [&str; 13] = [
        "は",
        "が",
        ":",
        "=",
        "「",
        "『",
        "\"",
        "'",
        "(",
        "→",
        "is ",
        "です、",
        "の",
    ];
    let mut index = end;
    let mut is_explicit = false;
    for _ in 0..5 {
        index = text.run_end(index, |c| c == ' ');
        let is_suffix = |word: &&&str| {
            let after = text.at(index + word.chars().count());
            text.starts(index, word) && !(word.is_ascii() && after.is_ascii_alphabetic())
        };
        if let Some(suffix) = SUFFIXES.iter().find(is_suffix) {
            index += suffix.chars().count();
        } else if let Some(word) = CONNECTORS.iter().find(|word| text.starts(index, word)) {
            index += word.chars().count();
            is_explicit |= *word != "の";
        } else {
            break;
        }
    }
    (text.run_end(index, |c| c == ' '), is_explicit)
}

/// Masks a name after its label, if the sentence ends with it.
fn mark_name(text: &mut Text, end: usize) {
    let (start, is_explicit) = after_connector(text, end);
    // A row of a bank account has only spaces: 「普通 1234567 名義 山田太郎」.
    if text.ends(end, "名義") && !is_explicit && names::mark_holder(text, start) {
        return;
    }
    let is_latin_label = text.ends(end, "is");
    let part = |c: char| {
        !is_stop(c)
            && !c.is_ascii_digit()
            && (c == ' ' || is_kanji(c) || is_katakana(c) || c.is_ascii_alphabetic())
    };
    let mut stop = text.run_end(start, part);
    if stop == start && text.before(start) != 'が' {
        stop = text.run_end(start, |c| is_hiragana(c) && !is_stop(c));
        for particle in ["です", "と", "でご"] {
            let inner = (start..stop).find(|index| text.starts(*index, particle));
            stop = inner.unwrap_or(stop);
        }
    }
    let is_ended = is_stop(text.at(stop))
        || text.starts(stop, "です") && text.at(stop + 2) != 'か'
        || text.starts(stop, "と申")
        || text.starts(stop, "でござ")
        || text.starts(stop, "になり");
    let length = stop - start;
    let is_colon = matches!(text.before(start), ':' | '=' | '「' | '『')
        || text.ends(start, ": ") && start > end;
    if is_latin_label {
        names::mark_capitalised(text, start);
    } else if is_explicit && (1..=16).contains(&length) && (is_ended || is_colon) {
        text.mark(start..stop);
    }
}

/// Masks an id after its label. Without a connector only what cannot be a word is an id.
fn mark_id(text: &mut Text, end: usize) {
    // The host of a link, such as instagram.com.
    let is_latin = |index| text.at(index).is_ascii_alphabetic();
    if is_latin(end - 1) && text.at(end) == '.' && is_latin(end + 1) {
        return;
    }
    let (start, is_explicit) = after_connector(text, end);
    let stop = text.run_end(start, |c| is_token(c) || "!#$%&*+@".contains(c));
    let token = &text.plain[start.min(stop)..stop];
    let is_word = token.iter().all(char::is_ascii_alphabetic);
    if token.len() >= 3 && (!is_word || is_explicit) {
        text.mark(start..stop);
    }
}

/// Masks a number of at least three digits after its label.
fn mark_number(text: &mut Text, end: usize) {
    let (start, _) = after_connector(text, end);
    let stop = text.run_end(start, |c| is_digit(c) || c == '-');
    if stop - start >= 3 {
        text.mark(start..stop);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_found() {
        for word in TITLES.iter().chain(&IDS).chain(&NUMBERS).chain(&NAMES) {
            let text = Text::new(&format!("「{word}」"));
            assert!(!find(&text).is_empty(), "{word}");
        }
    }
}
