//! Postal codes and addresses.

use super::numbers;
use super::text::{Text, is_digit, is_hiragana, is_kanji, is_katakana, is_stop};

/// The prefectures.
pub(super) const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

/// Ends of the names of municipalities.
const MUNICIPALITIES: &str = "市区町村郡";

/// Words that begin like the end of the name of a municipality.
const OTHER_WORDS: [&str; 16] = [
    "市場",
    "市販",
    "市民",
    "市況",
    "市価",
    "市議",
    "市役所",
    "市町村",
    "市区町村",
    "区分",
    "区間",
    "区別",
    "区画",
    "区切",
    "区民",
    "区役所",
];

/// Characters after a range of numbers, such as 2-3回, which is no house number.
const UNITS: &str = "回名人年月日件個円時分秒枚台点度週割倍泊歳才本社千万か%:";

/// Words of buildings.
const BUILDINGS: [&str; 8] = [
    "ビル",
    "マンション",
    "アパート",
    "ハイツ",
    "コーポ",
    "荘",
    "号室",
    "階",
];

/// Greatest number of characters of the name of a municipality.
const MAX_MUNICIPALITY_CHARS: usize = 8;

/// Greatest number of characters of an address without its building.
const MAX_ADDRESS_CHARS: usize = 40;

/// Masks the code after a mark, and the address after the code.
pub(super) fn mark_postal(text: &mut Text, end: usize) {
    let connector = |c: char| c == ' ' || matches!(c, ':' | 'は' | 'が' | '〒' | 'の' | '=');
    let start = text.run_end(end, connector);
    let code_end = text.run_end(start, |c| is_digit(c) || c == '-' || c == 'ー');
    let digits = text.plain[start..code_end]
        .iter()
        .filter(|c| is_digit(**c))
        .count();
    if digits >= 3 {
        text.mark(start..code_end);
        let gap = text.run_end(code_end, |c| {
            c.is_whitespace() || matches!(c, ')' | '、' | ',')
        });
        let stop = address_end(text, gap);
        let is_address = text.plain[gap..stop]
            .iter()
            .any(|c| MUNICIPALITIES.contains(*c) || is_digit(*c));
        if is_address {
            text.mark(code_end..stop);
        }
        return;
    }
    // 「住所は…」 without a code.
    let stop = address_end(text, start);
    let has_number = text.plain[start..stop].iter().any(|c| is_digit(*c));
    let has_place = text.plain[start..stop]
        .iter()
        .any(|c| MUNICIPALITIES.contains(*c));
    if has_number && has_place {
        text.mark(start..stop);
    }
}

/// Masks an address that begins with a prefecture, if it has a house number.
pub(super) fn mark_address(text: &mut Text, start: usize, end: usize) {
    let stop = address_end(text, end);
    let rest = &text.plain[end..stop];
    let has_place = rest.iter().any(|c| MUNICIPALITIES.contains(*c));
    // Kanji digits are also parts of names, such as 三木市.
    let is_number = |at: usize| {
        text.at(at).is_ascii_digit()
            || is_digit(text.at(at)) && "丁番号条".contains(text.at(at + 1))
    };
    if has_place && (end..stop).any(is_number) {
        text.mark(start..stop);
    }
}

/// Masks an address that begins with a municipality, if a house number follows: 「横浜市中区本町6-50-10」.
pub(super) fn mark_municipality(text: &mut Text, start: usize, end: usize) {
    let name = name_start(text, start);
    let street = text.at(text.run_end(end, |c| c == ' '));
    let has_street =
        street != 'の' && (is_kanji(street) || is_katakana(street) || is_hiragana(street));
    let is_other = OTHER_WORDS.iter().any(|word| text.starts(start, word));
    if name == start || !has_street || is_other {
        return;
    }
    let stop = address_end(text, end);
    if (end..stop).any(|at| is_house_number(text, at)) {
        text.mark(name..stop);
    }
}

/// Returns the start of the name of a municipality, in kanji and katakana or in hiragana.
fn name_start(text: &Text, end: usize) -> usize {
    let start = if is_hiragana(text.before(end)) {
        let run = text.run_start(end, is_hiragana);
        // The particle before a name, as in 「住所はつくば市」.
        let particle = (run..end)
            .rev()
            .find(|index| "のはをとがにへで".contains(text.at(*index)) && end - index > 2);
        particle.map_or(run, |particle| particle + 1)
    } else {
        text.run_start(end, |c| is_kanji(c) || is_katakana(c))
    };
    start.max(end.saturating_sub(MAX_MUNICIPALITY_CHARS))
}

/// Returns whether a house number begins at a position: 2-11, 2-11-1, 2丁目, 11番1, 1番地, 1号. Without a
/// prefecture before it, a single number or a range with a unit is none.
fn is_house_number(text: &Text, start: usize) -> bool {
    let before = text.before(start);
    let is_inner = is_digit(before) || matches!(before, '-' | 'ー' | '.');
    if !is_digit(text.at(start)) || is_inner || text.at(start) == '0' {
        return false;
    }
    let mut end = text.run_end(start, is_digit);
    if text.starts(end, "号") {
        return before != '第';
    }
    if text.starts(end, "丁目") || text.starts(end, "番地") {
        return true;
    }
    if text.starts(end, "番") {
        return is_digit(text.at(end + 1));
    }
    let mut parts = 1;
    while matches!(text.at(end), '-' | 'ー' | 'の') && is_digit(text.at(end + 1)) {
        end = text.run_end(end + 1, is_digit);
        parts += 1;
    }
    let number: String = text.plain[start..end].iter().collect();
    let next = text.at(text.run_end(end, |c| c == ' '));
    let is_range = parts == 2 && UNITS.contains(next);
    parts >= 2 && !is_range && !numbers::is_calendar(&number)
}

/// Returns the end of an address that begins at a position: kanji, katakana, numbers and the hiragana of
/// names of places, and a building after a space.
fn address_end(text: &Text, start: usize) -> usize {
    let mut end = start;
    let mut has_number = false;
    while end < text.plain.len() && end < start + MAX_ADDRESS_CHARS {
        let c = text.plain[end];
        if c == ' ' {
            let next = text.run_end(end, |c| c == ' ');
            let token = text.run_end(next, |c| !is_hiragana(c) && !is_stop(c) && c != ' ');
            let characters = &text.plain[next..token];
            let is_building = characters.iter().any(|c| is_digit(*c))
                || BUILDINGS
                    .iter()
                    .any(|word| (next..token).any(|at| text.starts(at, word)));
            if token == next || has_number && !is_building {
                break;
            }
            end = if has_number { token } else { next };
            continue;
        }
        if is_hiragana(c) && !matches!(c, 'の') {
            // Part of a name of a place, such as つくば市.
            let run = text.run_end(end, is_hiragana);
            let place = text.run_end(run, is_kanji).min(run + 4);
            let is_place = (run..place).any(|at| MUNICIPALITIES.contains(text.at(at)));
            // A street, such as みなとみらい2-3 or ひばりが丘1-2; shorter words are particles.
            let number = text.run_end(run, is_kanji).min(run + 2);
            let is_street = run - end >= 3 && is_house_number(text, number);
            if has_number || !is_place && !is_street || run - end > 6 {
                break;
            }
            end = run;
            continue;
        }
        let is_between_numbers =
            c == 'の' && is_digit(text.before(end)) && is_digit(text.at(end + 1));
        let is_name =
            c == 'の' && !has_number && is_kanji(text.at(end + 1)) && is_kanji(text.before(end));
        if c == 'の' && !is_between_numbers && !is_name {
            break;
        }
        if is_digit(c) {
            has_number = true;
        } else if !(is_kanji(c)
            || is_katakana(c)
            || c == '-'
            || c == 'の'
            || c.is_ascii_alphanumeric())
        {
            break;
        }
        end += 1;
    }
    end
}
