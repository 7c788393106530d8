//! How wide a text is where every character has its place, as on a terminal or in a block of code.

/// How many columns a text takes: two for what East Asian fonts draw square.
#[must_use]
pub fn width(text: &str) -> usize {
    let is_square = |letter: char| {
        matches!(letter,
            '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}'
            | '\u{20000}'..='\u{3fffd}')
    };
    let widths = text
        .chars()
        .map(|letter| if is_square(letter) { 2 } else { 1 });
    widths.sum()
}
