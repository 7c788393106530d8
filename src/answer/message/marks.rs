//! Finds the marks of lists: ①, 1., (1), 一点目, ・.

/// A mark before an item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Byte range in the message.
    pub(super) start: usize,
    pub(super) end: usize,
    style: Style,
    /// 1 to 9; 0 for a bullet.
    number: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// ①
    Circled,
    /// 1. or (1)
    Numbered,
    /// 一点目, 1つ目
    Counted,
    /// ・ or -
    Bullet,
}

/// Finds the marks of lists, in order. A single mark is no list: 「手順②」 names a step.
pub(super) fn marks(text: &str) -> Vec<Mark> {
    let mut found: Vec<Mark> = Vec::new();
    let mut previous = '\n';
    for (index, letter) in text.char_indices() {
        found.extend(mark_at(text, index, previous));
        previous = letter;
    }
    let mut kept = Vec::new();
    for style in [
        Style::Circled,
        Style::Numbered,
        Style::Counted,
        Style::Bullet,
    ] {
        let mut next = 1;
        let of_style = found.iter().filter(|mark| mark.style == style);
        let in_order = of_style.filter(|mark| {
            let is_next = mark.number == 0 || mark.number == next;
            next += usize::from(is_next && mark.number > 0);
            is_next
        });
        let list: Vec<Mark> = in_order.copied().collect();
        if list.len() >= 2 {
            kept.extend(list);
        }
    }
    kept.sort_by_key(|mark| mark.start);
    kept
}

fn mark_at(text: &str, start: usize, previous: char) -> Option<Mark> {
    let rest = &text[start..];
    let first = rest.chars().next()?;
    let mark = |length: usize, style, number| {
        Some(Mark {
            start,
            end: start + length,
            style,
            number,
        })
    };
    let is_start = previous.is_whitespace() || "。、，：:？?！!」".contains(previous);
    match first {
        '①'..='⑨' => {
            let number = u32::from(first) - u32::from('①') + 1;
            return mark(first.len_utf8(), Style::Circled, number as usize);
        }
        '・' | '●' | '■' | '◆' | '※' | '•' if is_start => {
            return mark(first.len_utf8(), Style::Bullet, 0);
        }
        '-' if previous == '\n' => return mark(1, Style::Bullet, 0),
        _ => {}
    }
    let (open, digits) = match rest.strip_prefix(['(', '（']) {
        Some(inner) => (first.len_utf8(), inner),
        None => (0, rest),
    };
    let digit = digits.chars().next()?;
    let number = number_of(digit)?;
    let after = &digits[digit.len_utf8()..];
    let at = open + digit.len_utf8();
    let count = counter(after).filter(|_| !previous.is_numeric());
    if let Some(length) = count {
        return mark(at + length, Style::Counted, number);
    }
    let close = after.chars().next()?;
    let next = after[close.len_utf8()..].chars().next();
    let is_mark = matches!(close, ')' | '）') || open == 0 && matches!(close, '.' | '．');
    let is_decimal = next.is_some_and(char::is_numeric);
    let is_digit = !"一二三四五".contains(digit);
    if is_start && is_mark && is_digit && !is_decimal {
        return mark(at + close.len_utf8(), Style::Numbered, number);
    }
    None
}

/// Returns the length of a counter with its particle: 「点目は」.
fn counter(text: &str) -> Option<usize> {
    let units = ["点目", "つ目", "個目", "番目", "件目"];
    let unit = units.iter().find(|unit| text.starts_with(**unit))?;
    let rest = &text[unit.len()..];
    let particles = ["ですが、", "ですが", "として", "に", "は", "が", "、"];
    let particle = particles.iter().find(|word| rest.starts_with(**word))?;
    Some(unit.len() + particle.len())
}

fn number_of(digit: char) -> Option<usize> {
    let digits = ["1１一", "2２二", "3３三", "4４四", "5５五"];
    let position = digits.iter().position(|same| same.contains(digit))?;
    Some(position + 1)
}
