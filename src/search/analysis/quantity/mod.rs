//! Quantities: numbers that mean something, as values with units.
//!
//! Input: a text. Output: [`Quantity`]s that are equal in every notation: 六ヶ月 and 6か月,
//! 五千五百円 and 5,500円, 1/29 and 1月29日, 午後3時 and 15:00, 手順二 and ステップ2. Ranges and
//! bounds contain values: 65歳以上 contains 70歳. The terms of a text do not change, so that equal
//! texts still have equal terms.
//!
//! The grammar is written by hand rather than taken from the tokenizer's parts of speech: the
//! phrases of the knowledge are not tokenized when an index is opened, and IPADIC splits 六ヶ月 and
//! 五千五百円 differently from 6か月 and 5,500円.
//!
//! Invariant: never panics; a text without digits, numerals or number words costs one pass over it.

mod bounds;
mod calendar;
mod interrogative;
mod number;
mod point;
mod scan;
mod units;
mod value;

use std::borrow::Cow;

pub use interrogative::{MONEY, asked_units, is_indefinite, states_unit};
pub(in crate::search) use value::compare;
pub use value::{CLOCK, Quantity, QuantityFit};

use super::normalize::normalize;

/// Finds the quantities of a text; `normal` is its normalised form.
pub(super) fn of_normalized(text: &str, normal: &str) -> Vec<Quantity> {
    if !has_number(normal) {
        return Vec::new();
    }
    let letters: Vec<char> = match mark_circled(text) {
        Cow::Borrowed(_) => normal.chars().collect(),
        Cow::Owned(marked) => normalize(&marked).chars().collect(),
    };
    scan::scan(&letters)
}

/// Finds the quantities of a text of the knowledge, in order and each once.
pub(in crate::search) fn of_text(text: &str) -> Vec<Quantity> {
    // Before the text is normalised, because most texts have no number.
    if !has_number(text) {
        return Vec::new();
    }
    let mut found = of_normalized(text, &normalize(text));
    found.sort_unstable();
    found.dedup();
    found
}

/// Returns whether a text may have a quantity.
fn has_number(text: &str) -> bool {
    let mut is_latin = false;
    let has_numeral = text.chars().any(|letter| {
        is_latin |= letter.is_ascii_alphabetic();
        match letter {
            '\0'..='\u{7f}' => letter.is_ascii_digit(),
            'ぁ'..='ー' => false,
            '〇' | '一'..='鿿' => is_kanji_numeral(letter),
            _ => letter.is_numeric(),
        }
    });
    has_numeral || (is_latin && has_number_word(text))
}

fn is_kanji_numeral(letter: char) -> bool {
    matches!(
        letter,
        '〇' | '一'
            | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '千'
            | '万'
            | '壱'
            | '弐'
            | '拾'
            | '半'
            | '元'
            | '正'
    )
}

/// Returns whether a text has an English number word or a Roman numeral.
fn has_number_word(text: &str) -> bool {
    let words = text.split(|letter: char| !letter.is_ascii_alphabetic());
    words.filter(|word| !word.is_empty()).any(|word| {
        let is_number = |number: &str| word.eq_ignore_ascii_case(number);
        scan::ENGLISH.iter().any(|number| is_number(number))
            || word.bytes().all(|letter| b"ivxIVX".contains(&letter))
    })
}

/// Puts a sign before each circled digit, because NFKC makes it a plain one.
fn mark_circled(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|letter| circled(letter).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut marked = String::with_capacity(text.len());
    for letter in text.chars() {
        match circled(letter) {
            Some(value) => {
                marked.push(scan::CIRCLED);
                marked.push_str(&value.to_string());
                // ①23 is not #123.
                marked.push(')');
            }
            None => marked.push(letter),
        }
    }
    Cow::Owned(marked)
}

/// Returns the value of a circled digit: ①, ❷, ➂, ⓵, ㉑. The keycap 2️⃣ is a digit with a mark.
fn circled(letter: char) -> Option<u32> {
    let code = u32::from(letter);
    match code {
        0x2460..=0x2473 => Some(code - 0x245f),
        0x24f5..=0x24fe => Some(code - 0x24f4),
        0x24eb..=0x24f4 => Some(code - 0x24e0),
        0x2776..=0x277f => Some(code - 0x2775),
        0x2780..=0x2789 => Some(code - 0x277f),
        0x278a..=0x2793 => Some(code - 0x2789),
        0x3251..=0x325f => Some(code - 0x323c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantities(text: &str) -> Vec<String> {
        let found = of_normalized(text, &normalize(text)).into_iter();
        found.map(|quantity| quantity.to_string()).collect()
    }

    #[test]
    fn notations_of_one_quantity_are_equal() {
        for notations in [
            "6か月 ６ヶ月 六ヶ月 六カ月 6箇月 6ヵ月間 半年 6_months six_months",
            "1年 一年 12か月 十二ヶ月 one_year",
            "1年半 18か月",
            "2週間 二週間 14日間 2_weeks",
            "1時間30分 90分 一時間半 1.5時間",
            "5,500円 5500円 ￥5,500 ¥5500 五千五百円 5千5百円 5,500えん 5500_yen 5'500円",
            "20,000円 2万円 二万円 弐万円 2.0万円 2万",
            "1億2,000万円 120,000,000円",
            "10% １０％ 10パーセント 一割 10_percent",
            "1月29日 1/29 01/29 1月の29日 一月二十九日 １／２９ 1-29",
            "12月29日 12/29 12.29 12-29 十二月二十九日 12月29",
            "2026年1月2日 2026/1/2 2026-01-02 2026.1.2 令和8年1月2日 R8.1.2",
            "令和8年 2026年 R8 令和八年度 二〇二六年",
            "午後3時 15時 15:00 十五時 3pm 3_p.m. 3:00pm 夜3時 午後三時",
            "午後3時半 15時30分 15:30 3:30pm",
            "午前10時 10am 朝10時",
            "手順2 手順② 手順(2) 手順⑵ 手順❷ 手順Ⅱ 手順二 ステップ2 step_2 ② 2️⃣ 手順2️⃣",
            "第7号 7号 第七号",
            "様式第1号 様式第一号 様式1号",
            "第2回 2回目 二回目",
            "65歳以上 65才以上 六十五歳以上 65歳から at_least_65_years_old",
            "18歳未満 18才未満 under_18_years_old",
            "3〜5日 3日から5日 3-5日 3日〜5日 三日から五日 3_to_5_days",
            "9時から17時 9:00〜17:00 午前9時〜午後5時 9時〜17時 9時から午後5時 9〜17時",
            "100㎡ 100m2 100平米 100平方メートル １００平方メートル",
            "5.5kg 5500g 5.5キログラム",
            "30cm 300mm 30センチ 0.3m",
            "3人 3名 三名 ３名様 3_people three_people",
            "3〜5万円 3万円〜5万円 30,000〜50,000円",
            "$20 20ドル 20_dollars",
        ] {
            let mut notations = notations.split(' ').map(|text| text.replace('_', " "));
            let first = notations.next().unwrap_or_default();
            let expected = quantities(&first);
            assert!(!expected.is_empty(), "{first}");
            for notation in notations {
                assert_eq!(quantities(&notation), expected, "{notation} and {first}");
            }
        }
    }

    #[test]
    fn other_words_are_no_quantities() {
        for text in [
            "一番 一般 一部 一度 一覧 一緒 一時的 一方",
            "三重県 四国 千葉 六本木 三日月 四日市 二階堂 百科",
            "十分 万一 手順一覧 プラン一覧 数十人 何人 二度と",
            "電話 0120-279-338 03-1234-5678 09012345678",
            "〒123-4567 3つ 2つ目 20代 1対1 I can do it, mix it",
        ] {
            assert_eq!(quantities(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn quantities_fit_if_they_have_a_value_in_common() {
        use QuantityFit::{Apart, Equal, Partly, Within};
        for (question, entry, expected) in [
            ("12か月", "3か月", Some(Apart)),
            ("12か月", "1年", Some(Equal)),
            ("12か月", "5,000円", None),
            ("64歳", "65歳以上", Some(Apart)),
            ("65歳", "65歳以上", Some(Within)),
            ("70歳", "65歳以上", Some(Within)),
            ("64歳以下", "65歳以上", Some(Apart)),
            ("18歳", "18歳未満", Some(Apart)),
            ("17歳", "18歳未満", Some(Within)),
            ("30cm", "30cmを超える", Some(Apart)),
            ("4日以内", "3〜5日", Some(Within)),
            ("6日で", "3〜5日", Some(Apart)),
            // A day of a month, and a number of days.
            ("20日に", "2週間", None),
            ("一週間", "3日以内", Some(Apart)),
            ("5時", "午後5時", Some(Equal)),
            ("5時", "午後3時", Some(Apart)),
            ("10時", "9時〜17時", Some(Within)),
            ("15時", "午後1時〜5時", Some(Within)),
            ("23時", "22時〜翌5時", Some(Within)),
            ("15時", "22時〜翌5時", Some(Apart)),
            ("午前10時", "午後10時〜午前5時", Some(Apart)),
            ("18時", "9時〜17時", Some(Apart)),
            ("1月2日", "12月29日〜1月3日", Some(Within)),
            ("12/31", "12月29日〜1月3日", Some(Within)),
            ("1月4日", "12月29日〜1月3日", Some(Apart)),
            ("12月", "12月29日", Some(Within)),
            ("12/9", "1/29", Some(Apart)),
            ("3か月と6か月", "6か月", Some(Partly)),
            ("3か月と6か月", "3か月と6か月", Some(Equal)),
            ("3人で12か月", "3人で6か月", Some(Apart)),
            ("第7号様式", "様式第1号", Some(Apart)),
            ("手順3", "①申込②支払③受取", Some(Equal)),
            ("手順4", "①申込②支払③受取", Some(Apart)),
        ] {
            let found = compare(&of_text(question), &of_text(entry), |_| true);
            assert_eq!(found, expected, "{question} and {entry}");
        }
    }
}
