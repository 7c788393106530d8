//! Numbers: masks those that may identify a person, keeps prices, counts, dates, times and codes.

use std::ops::Range;

use super::text::{Text, is_digit, is_kanji, is_katakana};

/// Numbers of at least this many digits may identify a person: telephone, card, account.
const MIN_MASKED_DIGITS: usize = 6;

/// Dates of before this year are taken for dates of birth.
const FIRST_EVENT_YEAR: u32 = 2010;

/// Words before a date of birth.
const BIRTH_BEFORE: [&str; 9] = [
    "生年月日",
    "誕生日",
    "生まれ",
    "うまれ",
    "dob",
    "birth",
    "born",
    "年齢",
    "生日",
];

/// Words after a date of birth.
const BIRTH_AFTER: [&str; 5] = ["生まれ", "うまれ", "生 ", "生。", "産まれ"];

/// Words before the code of a product.
const CODES: [&str; 14] = [
    "jan",
    "ean",
    "upc",
    "isbn",
    "gtin",
    "hs",
    "バーコード",
    "型番",
    "品番",
    "商品コード",
    "商品番号",
    "製品番号",
    "品目番号",
    "品目コード",
];

/// Units after a price.
const CURRENCY_UNITS: [&str; 7] = ["円", "ドル", "ユーロ", "ウォン", "usd", "jpy", "eur"];

/// Units after a count. 元 is also a word of its own, so it is no proof of a price.
const COUNTERS: [&str; 15] = [
    "元", "名", "人", "件", "個", "点", "回", "部", "枚", "台", "本", "社", "kg", "g", "%",
];

/// Kanji between a number and its unit, or in place of a unit.
const MAGNITUDES: &str = "万億千百";

/// Words that continue a unit; another kanji after a unit makes it part of a word, such as in 個人,
/// 本日 and 名義.
const UNIT_SUFFIXES: [&str; 14] = [
    "以上", "以下", "以内", "未満", "程度", "前後", "相当", "分", "台", "超", "余", "弱", "強",
    "目",
];

/// Signs and words before a price.
const CURRENCIES: [&str; 8] = ["¥", "\\", "$", "€", "usd", "jpy", "eur", "金額"];

/// Words before the number of an account or a telephone, which is no count whatever follows it.
const CONTACTS: [&str; 12] = [
    "口座",
    "普通",
    "当座",
    "電話",
    "携帯",
    "連絡先",
    "番号",
    "tel",
    "℡",
    "phone",
    "fax",
    "account",
];

/// Eras, whose first year is 元.
const ERAS: [&str; 5] = ["明治", "大正", "昭和", "平成", "令和"];

/// Words before a date in an era whose years are those of a birth.
const OLD_ERAS: [&str; 3] = ["明治", "大正", "昭和"];

/// Marks numbers and dates of birth.
pub(super) fn mark(text: &mut Text) {
    let mut index = 0;
    while index < text.plain.len() {
        let (run, digits) = if is_digit(text.plain[index]) {
            run(text, index)
        } else if text.at(index) == '十' || is_first_year(text, index) {
            // Only the beginning of a date.
            (index..index + 1, 1)
        } else {
            index += 1;
            continue;
        };
        index = run.end;
        if let Some(date) = birth(text, &run) {
            index = index.max(date.end);
            text.mark(date);
        } else if digits >= MIN_MASKED_DIGITS && !is_kept(text, &run) {
            let token = |c: char| c.is_ascii_alphanumeric();
            let start = text.run_start(run.start, token);
            text.mark(start..text.run_end(run.end, token));
        }
    }
}

/// Returns the number that begins at a position with the separators in it, and its digits.
fn run(text: &Text, start: usize) -> (Range<usize>, usize) {
    let (mut digits, mut end) = (0, start);
    for (index, c) in text.plain.iter().enumerate().skip(start) {
        if is_digit(*c) {
            digits += 1;
            end = index + 1;
        } else if !is_separator(*c) {
            break;
        }
    }
    (start..end, digits)
}

/// Returns whether 元 stands for the year 1.
fn is_first_year(text: &Text, index: usize) -> bool {
    text.at(index) == '元' && ERAS.iter().any(|era| text.ends(index, era))
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || "-ー_~()+.／/・*,、:の".contains(c)
}

/// Returns whether a long number is a price, a count, a date, a time or a code.
fn is_kept(text: &Text, run: &Range<usize>) -> bool {
    let number: String = text.plain[run.clone()].iter().collect();
    is_code(text, run, &number) || is_amount(text, run, &number) || is_calendar(&number)
}

fn is_code(text: &Text, run: &Range<usize>, number: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let is_plain = number
        .chars()
        .all(|c| c.is_ascii_digit() || "-. ".contains(c));
    // Telephone numbers; codes of goods have 8, 12 or 13 digits, or begin with another digit.
    let is_telephone = number.starts_with('0') && (10..=11).contains(&digits);
    is_plain && digits <= 13 && !is_telephone && text.is_word_near_before(run.start, 9, &CODES)
}

/// Returns whether a number is a price or a count.
fn is_amount(text: &Text, run: &Range<usize>, number: &str) -> bool {
    // A telephone number has a leading zero or more parts.
    let parts: Vec<&str> = number.split(['~', '-']).map(str::trim).collect();
    let is_number = |part: &&str| {
        let is_plain = part.chars().all(|c| is_digit(c) || matches!(c, ',' | '.'));
        is_plain && !part.is_empty() && !part.starts_with('0') && part.len() <= 15
    };
    if parts.len() > 2 || !parts.iter().all(is_number) {
        return false;
    }
    let before = text.run_start(run.start, |c| c == ' ');
    let after = text.run_end(run.end, |c| c == ' ');
    let unit = text.run_end(after, |c| MAGNITUDES.contains(c));
    let begins = |words: &[&str]| words.iter().any(|word| text.starts(unit, word));
    let is_unit = |words: &[&str]| {
        let mut words = words.iter().filter(|word| text.starts(unit, word));
        words.any(|word| is_unit_end(text, unit + word.chars().count()))
    };
    let has_magnitude = unit > after;
    if CURRENCIES
        .iter()
        .any(|sign| text.ends_with_word(before, sign))
        || is_unit(&CURRENCY_UNITS)
    {
        return true;
    }
    // Numbers of accounts and telephones have no thousands separators.
    if parts.iter().all(|part| is_grouped(part)) {
        return has_magnitude || begins(&CURRENCY_UNITS) || begins(&COUNTERS);
    }
    // 「300000円払った」: no space and a currency.
    let is_price = unit == run.end && begins(&CURRENCY_UNITS);
    let is_magnitude = has_magnitude && is_unit_end(text, unit) && !text.starts(after, "万が一");
    (is_price || is_unit(&COUNTERS) || is_magnitude)
        && !text.is_word_near_before(run.start, 8, &CONTACTS)
}

/// Returns whether a unit that ends at a position is not the mere beginning of a longer word.
fn is_unit_end(text: &Text, end: usize) -> bool {
    let is_longer = |end: usize| {
        let (last, next) = (text.before(end), text.at(end));
        is_kanji(last) && is_kanji(next)
            || is_katakana(last) && is_katakana(next) && next != '・'
            || last.is_ascii_alphabetic() && next.is_ascii_alphabetic()
    };
    let mut suffixes = UNIT_SUFFIXES.iter().filter(|word| text.starts(end, word));
    !is_longer(end) || suffixes.any(|word| !is_longer(end + word.chars().count()))
}

/// Returns whether a number has thousands separators.
fn is_grouped(number: &str) -> bool {
    let mut groups = number.split(',');
    let first = groups.next().map_or(0, str::len);
    let mut rest = groups.peekable();
    (1..=3).contains(&first) && rest.peek().is_some() && rest.all(|group| group.len() == 3)
}

/// Returns whether a number consists of dates, times and years only.
pub(super) fn is_calendar(number: &str) -> bool {
    let mut rest = number.trim();
    let mut items = 0;
    while !rest.is_empty() {
        let Some(length) = calendar_item(rest) else {
            return false;
        };
        items += 1;
        let after = &rest[length..];
        rest = after.trim_start_matches([' ', '~', '-', ',', '、', '.', '・', '(', ')']);
        if rest.len() == after.len() && !rest.is_empty() {
            return false;
        }
    }
    (1..=4).contains(&items)
}

/// Returns the length of the date, time or year at the start of a text.
fn calendar_item(text: &str) -> Option<usize> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let first = digits(text);
    let number: u32 = text[..first].parse().ok()?;
    let rest = &text[first..];
    let second = rest.get(1..).map_or(0, digits);
    let value = |at: usize, length: usize| rest.get(at..at + length)?.parse::<u32>().ok();
    if rest.starts_with(':') && second == 2 && first <= 2 && number <= 24 {
        return (value(1, 2)? < 60).then_some(first + 3);
    }
    if first != 4 || !(FIRST_EVENT_YEAR..2100).contains(&number) {
        return None;
    }
    let separator = rest.chars().next().filter(|c| matches!(c, '/' | '-' | '.'));
    let Some(separator) = separator.filter(|_| (1..=2).contains(&second)) else {
        return Some(first);
    };
    if !(1..=12).contains(&value(1, second)?) {
        return None;
    }
    let day = &rest[1 + second..];
    let third = day.strip_prefix(separator).map_or(0, digits);
    if !(1..=2).contains(&third) {
        return Some(first + 1 + second);
    }
    let is_day = (1..=31).contains(&day[1..=third].parse::<u32>().ok()?);
    is_day.then_some(first + 1 + second + 1 + third)
}

/// Returns the range of a date of birth that begins with a number.
fn birth(text: &Text, run: &Range<usize>) -> Option<Range<usize>> {
    let is_date = |c: char| is_digit(c) || "年月日/-. 十元".contains(c);
    let mut end = text.run_end(run.start, is_date).max(run.end);
    while end > run.end && text.before(end) == ' ' {
        end -= 1;
    }
    let date: String = text.plain[run.start..end].iter().collect();
    let parts = date.split(|c: char| !is_digit(c) && c != '十');
    let is_first_year = is_first_year(text, run.start);
    let parts = parts.filter(|part| !part.is_empty()).count() + usize::from(is_first_year);
    let era = OLD_ERAS.iter().find(|era| text.ends(run.start, era));
    let letter = |c: &char| matches!(c, 's' | 't' | 'm');
    let era_letter = Some(text.before(run.start))
        .filter(letter)
        .filter(|_| run.start < 2 || !text.plain[run.start - 2].is_alphanumeric());
    let start = match (era, era_letter) {
        (Some(era), _) => run.start - era.chars().count(),
        (None, Some(_)) => run.start - 1,
        _ => run.start,
    };
    let is_born = text.is_near_before(start, 8, &BIRTH_BEFORE)
        || BIRTH_AFTER.iter().any(|word| text.starts(end, word))
        || text.starts(end, "生") && text.at(end + 1) == '\n';
    let year: u32 = date
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|year| year.parse().ok())
        .unwrap_or(u32::from(is_first_year));
    let is_heisei = text.ends(run.start, "平成") && (1..=22).contains(&year);
    let is_old = (1880..FIRST_EVENT_YEAR).contains(&year) || era.is_some() || is_heisei;
    let is_compact = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    let compact_year = date.get(..4).and_then(|year| year.parse().ok());
    let is_whole = parts >= 3 || is_compact;
    let is_dated = parts == 3 && (is_old || era_letter.is_some());
    let is_compact_old =
        is_compact && compact_year.is_some_and(|year| (1880..FIRST_EVENT_YEAR).contains(&year));
    let is_masked = is_born && (is_whole || parts >= 2) || is_dated || is_compact_old;
    is_masked.then_some(start..end)
}
