//! Names of persons: before a title, in an introduction, after an English title.

use super::name_words::{HIRAGANA_ROLES, ROLES, SURNAMES};
use super::text::{Text, is_hiragana, is_kanji, is_katakana, is_stop};

/// Greatest length of a name, in characters.
const MAX_NAME_CHARS: usize = 12;

/// Kanji before 様 in other words: 仕様, 同様, 模様, 多様, 異様, 有様.
const BEFORE_SAMA: &str = "仕同模異";

/// Masks the name before a title.
pub(super) fn mark_titled(text: &mut Text, title: usize, end: usize) {
    if title == 0 || is_other_word(text, title, end) {
        return;
    }
    let last = text.before(title);
    let name_end = if last == ' ' { title - 1 } else { title };
    let last = text.before(name_end);
    let start = if is_kanji(last) {
        kanji_start(text, name_end, is_kanji)
    } else if is_katakana(last) {
        kanji_start(text, name_end, is_katakana)
    } else if last.is_ascii_alphabetic() {
        latin_start(text, name_end)
    } else if is_hiragana(last) && name_end == title {
        hiragana_start(text, name_end).unwrap_or(name_end)
    } else {
        name_end
    };
    let start = start.max(name_end.saturating_sub(MAX_NAME_CHARS));
    let is_role = ROLES.iter().any(|role| text.ends(name_end, role))
        && !SURNAMES.iter().any(|name| text.ends(name_end, name));
    let is_teacher = text.starts(title, "先生") && start == name_end;
    if !is_role && !is_teacher {
        text.mark(start..name_end);
    }
}

/// Returns whether a title is part of another word, such as in 仕様, 様子, 氏名 and ちゃんと.
fn is_other_word(text: &Text, title: usize, end: usize) -> bool {
    let next = text.at(end);
    let before = text.before(title);
    match text.at(title) {
        '様' => {
            "々子式態相".contains(next)
                || BEFORE_SAMA.contains(before)
                || before == '多' && "化性な".contains(next)
                || before == '一' && next == 'に'
        }
        '氏' => "名族神".contains(next) || matches!(before, '華' | '摂' | '姓'),
        '殿' => is_kanji(next) || "神宮御".contains(before),
        '君' => is_kanji(next) || !is_kanji(before) && !is_katakana(before) || before == '諸',
        'く' => "でだじな".contains(next) || !is_kanji(before) && !is_katakana(before),
        'サ' => is_katakana(next) || is_kanji(next),
        'ち' => next == 'と' || is_hiragana(before),
        _ => false,
    }
}

/// Returns the start of a name of kanji or katakana, also of two parts with a space between them.
fn kanji_start(text: &Text, end: usize, is_part: fn(char) -> bool) -> usize {
    let start = text.run_start(end, is_part);
    let given = end - start;
    if given <= 4 && text.before(start) == ' ' {
        let family = text.run_start(start - 1, is_part);
        if (1..=4).contains(&(start - 1 - family)) {
            return family;
        }
    }
    start
}

fn latin_start(text: &Text, end: usize) -> usize {
    let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '\'' | '-');
    let start = text.run_start(end, letter);
    if text.before(start) == ' ' {
        return text.run_start(start - 1, letter);
    }
    start
}

/// Returns the start of a name of hiragana; `None` if the words before the title are no name.
fn hiragana_start(text: &Text, end: usize) -> Option<usize> {
    let run = text.run_start(end, is_hiragana);
    // The particle before a name, as in 窓口のやまださん.
    let start = (run..end)
        .rev()
        .find(|index| {
            matches!(text.at(*index), 'の' | 'は' | 'を' | 'と' | 'が' | 'に') && end - index > 2
        })
        .map_or(run, |particle| particle + 1);
    let length = end - start;
    let is_role = HIRAGANA_ROLES.iter().any(|role| text.ends(end, role));
    let before = text.before(start);
    let is_begun = start > run || is_stop(before) || before == ' ';
    let is_small = "ぁぃぅぇぉっゃゅょん".contains(text.at(start));
    // 「つきさんぜんえん」 is no name.
    let next = text.at(end + 2);
    let is_ended = is_stop(next) || !is_hiragana(next) || "にをはがのとかよもへで".contains(next);
    ((2..=6).contains(&length) && !is_role && is_begun && !is_small && is_ended).then_some(start)
}

/// Masks the name before the end of an introduction: 「山田と申します」.
pub(super) fn mark_introduced(text: &mut Text, start: usize, end: usize) {
    if text.starts(start, "で") {
        mark_surname(text, start, end);
        return;
    }
    let last = text.before(start);
    let part = |c: char| is_kanji(c) || is_katakana(c) || c.is_ascii_alphabetic() || c == '.';
    let from = if is_hiragana(last) {
        let run = text.run_start(start, is_hiragana);
        let particle = (run..start)
            .rev()
            .find(|index| matches!(text.at(*index), 'は' | 'の' | 'が') && start - index > 2);
        particle.map_or(run, |particle| particle + 1)
    } else {
        let given = text.run_start(start, part);
        match text.before(given) {
            ' ' => text.run_start(given - 1, part),
            _ => given,
        }
    };
    let is_certain = text.starts(start, "と申") || text.starts(start, "ともう");
    let before = text.before(from);
    let is_start = is_stop(before) || matches!(before, 'は' | 'の' | ' ' | 'が');
    let is_name = (1..=MAX_NAME_CHARS).contains(&(start - from));
    let is_thing = [
        "何",
        "なん",
        "もの",
        "こと",
        "こう",
        "そう",
        "どう",
        "エラー",
    ];
    let is_thing = is_thing.iter().any(|word| text.ends(start, word));
    if is_name && (is_certain || is_start && !is_thing) {
        text.mark(from..start);
    }
}

/// Masks a common surname, and the given name after it, before です at the end of a sentence.
fn mark_surname(text: &mut Text, start: usize, end: usize) {
    let next = text.at(end);
    if !(is_stop(next) || matches!(next, 'が' | 'け' | ' ')) || next == '?' {
        return;
    }
    let run = kanji_start(text, start, |c| is_kanji(c) || is_katakana(c));
    let is_begun = is_stop(text.before(run)) || matches!(text.before(run), 'の' | 'は' | ' ');
    let has_surname = SURNAMES.iter().any(|name| text.starts(run, name));
    if has_surname && is_begun && start - run <= 7 {
        text.mark(run..start);
    }
}

/// Masks a name that begins with a common surname, or is in katakana; returns whether there is one.
pub(super) fn mark_holder(text: &mut Text, start: usize) -> bool {
    if text.before(start) != ' ' {
        return false;
    }
    let is_surname = SURNAMES.iter().any(|name| text.starts(start, name));
    let part = if is_surname { is_kanji } else { is_katakana };
    let family = text.run_end(start, part);
    let given = match text.at(family) {
        ' ' => text.run_end(family + 1, part),
        _ => family,
    };
    let stop = if given > family + 1 { given } else { family };
    let is_name = (2..=MAX_NAME_CHARS).contains(&(stop - start));
    if is_name {
        text.mark(start..stop);
    }
    is_name
}

/// Masks the name after an English title: a word or an initial, and the capitalised words after it.
pub(super) fn mark_latin(text: &mut Text, start: usize, end: usize) {
    /// Words of a name, such as in Mr. John F. Kennedy.
    const MAX_WORDS: usize = 3;
    if text.before(start).is_ascii_alphanumeric() {
        return;
    }
    let letter = |c: char| c.is_alphabetic() && c < '\u{2E80}' || matches!(c, '\'' | '-');
    let from = text.run_end(end, |c| c == ' ');
    let mut stop = from;
    for word in 0..MAX_WORDS {
        let next = text.run_end(stop, |c| c == ' ');
        let is_name = word == 0 || next > stop && text.is_upper(next);
        let word_end = text.run_end(next, letter);
        if !is_name || word_end == next {
            break;
        }
        let is_initial = word_end == next + 1 && text.at(word_end) == '.';
        stop = word_end + usize::from(is_initial);
    }
    text.mark(from..stop);
}

/// Masks up to two words after `my name is`.
pub(super) fn mark_capitalised(text: &mut Text, start: usize) {
    let letter = |c: char| c.is_alphabetic() || matches!(c, '\'' | '-' | '.');
    let first = text.run_end(start, letter);
    let second = match text.at(first) {
        ' ' => text.run_end(first + 1, letter),
        _ => first,
    };
    text.mark(start..second);
}
