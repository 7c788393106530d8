//! Recognises a choice from the list that was offered, by number, position, desk, or 「はい」.
//!
//! A choice by name (「商談会のほう」) is ranked; see `context`.

use unicode_normalization::UnicodeNormalization;

use super::words::{AFTER_POSITION, BEFORE_POSITION, MIDDLE, POSITIONS, YES};
use super::{Act, Message, joined};
use crate::knowledge::EntryId;

/// A place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// From the start; the first is 1.
    FromStart(usize),
    /// From the end; the last is 1.
    FromEnd(usize),
    Middle,
}

impl Position {
    /// Returns the index in a list, if the list has this place.
    fn index(self, length: usize) -> Option<usize> {
        let index = match self {
            Self::FromStart(number) => number.checked_sub(1)?,
            Self::FromEnd(number) => length.checked_sub(number)?,
            Self::Middle if length % 2 == 1 => length / 2,
            Self::Middle => return None,
        };
        (index < length).then_some(index)
    }
}

impl Message<'_> {
    /// Recognises a choice from the list that is or was offered, or from the related entries that are
    /// shown with an answer. For a position that the list does not have, offers the list again; if it
    /// has fewer than two entries, the message is unreadable.
    pub(super) fn choice(&self) -> Option<Act> {
        let list = self.list();
        if let Some(chosen) = self.numbered_choice(&list) {
            return Some(chosen);
        }
        // 「間違えました、2番です」
        let position = parse(self.text).or_else(|| {
            let rest = self
                .conversation
                .is_choosing
                .then(|| self.without_social_clauses());
            parse(rest.flatten()?.text)
        });
        if let Some(position) = position {
            let chosen = position.index(list.len()).map(|index| list[index]);
            return chosen
                .map(Act::Choose)
                .or_else(|| narrow(list).filter(|act| matches!(act, Act::Narrow(_))))
                .or(Some(Act::Unreadable));
        }
        if !self.conversation.is_choosing {
            return None;
        }
        if YES.contains(&joined(&self.analysis.normalized).as_str()) {
            return narrow(list);
        }
        // The name of a desk alone keeps the entries of that desk.
        let desk = self.desk_alone(self.analysis)?;
        let entries = &self.assistant.knowledge.entries;
        narrow(
            list.into_iter()
                .filter(|entry| entries[*entry].desk == *desk)
                .collect(),
        )
    }

    /// Recognises a choice by number and name: 「②支払い方法」. The entry at that place must have a word of
    /// the name, since 「②支払い方法」 may also be an item of the member's own list.
    fn numbered_choice(&self, list: &[usize]) -> Option<Act> {
        let (position, name) = numbered(self.text)?;
        let chosen = *list.get(position.index(list.len())?)?;
        let analyze = |text: &str| self.assistant.searcher.analyze(text).words;
        let words = analyze(name);
        let entry = &self.assistant.knowledge.entries[chosen];
        let own = analyze(&entry.question);
        let mut words = words.iter();
        let is_meant = words.any(|word| own.iter().any(|known| known.text == word.text));
        is_meant.then_some(Act::Choose(chosen))
    }

    /// Returns the list that a position refers to.
    fn list(&self) -> Vec<usize> {
        let shown = |id: &EntryId| {
            let today = self.assistant.today(self.now);
            let (position, _) = self.assistant.knowledge.shown(id, today)?;
            Some(position)
        };
        let list = self.conversation.list();
        if !list.is_empty() {
            return list.iter().filter_map(shown).collect();
        }
        let last = self.last_entry().into_iter();
        let related = last.flat_map(|last| &self.assistant.knowledge.entries[last].related);
        related.filter_map(shown).collect()
    }
}

/// Splits a text that begins with a position and goes on: 「②支払い方法」, 「2. 支払い方法」, 「2番の支払い方法」.
pub(super) fn numbered(text: &str) -> Option<(Position, &str)> {
    let text = text.trim();
    let first = text.chars().next()?;
    let after = &text[first.len_utf8()..];
    let (number, after) = match first {
        '①'..='⑨' => (u32::from(first) - u32::from('①') + 1, after),
        _ => {
            let digit = first.nfkc().next()?.to_digit(10)?;
            let counters = [
                "番目の",
                "番の",
                "つ目の",
                "番、",
                "番 ",
                ". ",
                "．",
                "、",
                ") ",
                "）",
                ":",
                "：",
            ];
            let counter = counters
                .iter()
                .find(|counter| after.starts_with(**counter))?;
            (digit, &after[counter.len()..])
        }
    };
    let name = after.trim_start_matches([' ', '\u{3000}', '、', '.', ':', '：']);
    // With a further number it is the member's own list.
    let is_list = name.contains(char::is_numeric);
    let has_name = name.contains(char::is_alphabetic) && !is_list && parse(text).is_none();
    let position = Position::FromStart(usize::try_from(number).ok()?);
    (has_name && number > 0).then_some((position, name))
}

fn narrow(entries: Vec<usize>) -> Option<Act> {
    match entries.as_slice() {
        [] => None,
        [only] => Some(Act::Choose(*only)),
        _ => Some(Act::Narrow(entries)),
    }
}

/// Parses a text that is only a position: `2`, `２番`, `②`, 「上のやつ」, 「下から2番目」, `the last one`.
fn parse(text: &str) -> Option<Position> {
    let normal: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, 'ー' | ' ' | '#');
    let kept: String = normal.chars().filter(|c| is_word(*c)).collect();
    let mut rest = kept.trim();
    let mut from_end = false;
    loop {
        if let Some(position) = exact_position(rest) {
            return Some(match position {
                Position::FromStart(number) if from_end => Position::FromEnd(number),
                other => other,
            });
        }
        if let Some(after) = rest.strip_prefix("下から") {
            from_end = true;
            rest = after;
            continue;
        }
        let shorter = BEFORE_POSITION
            .iter()
            .find_map(|before| rest.strip_prefix(before))
            .or_else(|| {
                AFTER_POSITION
                    .iter()
                    .find_map(|after| rest.strip_suffix(after))
            });
        rest = shorter.filter(|shorter| !shorter.is_empty())?.trim();
    }
}

fn exact_position(text: &str) -> Option<Position> {
    if let Ok(number) = text.parse::<usize>() {
        return (1..=9)
            .contains(&number)
            .then_some(Position::FromStart(number));
    }
    if MIDDLE.contains(&text) {
        return Some(Position::Middle);
    }
    let (_, place) = POSITIONS.iter().find(|(word, _)| *word == text)?;
    let number = usize::from(place.unsigned_abs());
    Some(if *place < 0 {
        Position::FromEnd(number)
    } else {
        Position::FromStart(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_in_every_notation() {
        for (text, index) in [
            ("2", 1),
            ("２番", 1),
            ("③", 2),
            (" 1 ", 0),
            ("1番目", 0),
            ("2番目のやつ", 1),
            ("三つ目でお願いします", 2),
            ("真ん中", 1),
            ("まんなかのほう", 1),
            ("最後の", 2),
            ("一番下のやつです。", 2),
            ("じゃあ上ので", 0),
            ("下から2番目", 1),
            ("The last one, please.", 2),
            ("the second one", 1),
            ("後者について教えて", 2),
        ] {
            let position = parse(text).and_then(|position| position.index(3));
            assert_eq!(position, Some(index), "{text}");
        }
    }

    #[test]
    fn a_position_may_be_followed_by_a_name() {
        let rows = [
            ("②支払い方法", Some((1, "支払い方法"))),
            ("３．返却の期限", Some((2, "返却の期限"))),
            ("1番の貸出カード", Some((0, "貸出カード"))),
            ("2", None),
            ("②", None),
            ("①貸出②返却", None),
            ("2番目のやつ", None),
            ("3月の返却", None),
            ("2名で参加したい", None),
        ];
        for (text, expected) in rows {
            let found = numbered(text);
            let found = found.and_then(|(place, name)| Some((place.index(9)?, name)));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_text_with_other_words_is_no_position() {
        for text in [
            "25日",
            "0",
            "2名で参加したい",
            "上司に相談",
            "最後の支払い日",
            "下書き",
            "はい",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
