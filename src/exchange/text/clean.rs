//! Removes unintended characters from a text: invisible ones, and stray blanks.

/// Returns a text of one line: blanks become one blank, and a line break between Japanese characters
/// becomes nothing.
pub(crate) fn clean_line(text: &str) -> String {
    let mut joined = String::new();
    for line in clean_block(text).lines() {
        let ends = (joined.chars().next_back(), line.trim().chars().next());
        if !matches!(ends, (Some(last), Some(first)) if is_japanese(last) && is_japanese(first)) {
            joined.push(' ');
        }
        joined.push_str(line.trim());
    }
    let words = joined.split(' ').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Returns a text with its line breaks, without invisible characters, blanks around lines, and
/// more than one empty line in a row.
pub(crate) fn clean_block(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace("_x000D_\n", "\n");
    let mut lines: Vec<String> = Vec::new();
    for line in text.split([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ]) {
        let line = without_invisible(line);
        let blanks = line.chars().map(|c| {
            if matches!(c, '\t' | '\u{a0}' | '\u{202f}') {
                ' '
            } else {
                c
            }
        });
        let line: String = blanks.collect();
        let content = line.trim();
        let indent = if lines.is_empty() {
            ""
        } else {
            item_indent(&line, content)
        };
        let line = format!("{indent}{}", close_up(content));
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

/// Returns the indent of a list item below another one, as one full-width blank, which Markdown keeps.
fn item_indent(line: &str, content: &str) -> &'static str {
    let is_item = content.starts_with(['・', '-', '–', '•', '○', '●', '※', '*']);
    if is_item && !line.starts_with(content) {
        "\u{3000}"
    } else {
        ""
    }
}

/// Removes controls and zero-width characters; line breaks and tabs are kept.
pub(crate) fn without_invisible(text: &str) -> String {
    text.chars()
        .filter(|c| *c == '\n' || !is_invisible(*c))
        .collect()
}

/// Returns whether a character is shown nowhere: controls and zero-width characters. The joiners
/// inside an emoji are kept.
fn is_invisible(character: char) -> bool {
    match character {
        '\t' => false,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}

/// Removes the blanks that text from a PDF has between its characters (`会 員 登 録`).
///
/// Only if most neighbouring Japanese characters of the line are apart: a single blank, as in
/// `東京都 千代田区`, is the author's.
fn close_up(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let apart = |index: usize| {
        matches!(characters.get(index..index + 3), Some([one, ' ', other])
            if is_japanese(*one) && is_japanese(*other))
    };
    let together = characters
        .windows(2)
        .filter(|pair| pair.iter().all(|c| is_japanese(*c)))
        .count();
    let blanks: Vec<usize> = (0..characters.len()).filter(|i| apart(*i)).collect();
    if blanks.len() < 2 || blanks.len() <= together {
        return line.to_owned();
    }
    let is_stray = |index: usize| index > 0 && blanks.binary_search(&(index - 1)).is_ok();
    let kept = characters
        .iter()
        .enumerate()
        .filter(|(index, _)| !is_stray(*index));
    kept.map(|(_, character)| *character).collect()
}

/// Returns whether a character is written without blanks around it.
pub(crate) fn is_japanese(character: char) -> bool {
    matches!(character, '\u{3001}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff01}'..='\u{ff60}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_blanks_and_invisible_characters_are_removed() {
        for (text, expected) in [
            (
                "  会員\u{a0}証 \r\n\r\n\r\n\u{3000}２行目\u{3000}\n",
                "会員 証\n\n２行目",
            ),
            ("\u{feff}会\u{200b}員", "会員"),
            ("会 員 の 登 録 は 無 料 で す。", "会員の登録は無料です。"),
            ("東京都 千代田区 霞が関", "東京都 千代田区 霞が関"),
            ("一行目\u{b}二行目", "一行目\n二行目"),
            ("👨‍👩‍👧", "👨‍👩‍👧"),
            ("一覧\n  ・本\n ほか", "一覧\n\u{3000}・本\nほか"),
            ("JETRO の 会員", "JETRO の 会員"),
        ] {
            assert_eq!(clean_block(text), expected, "{text:?}");
        }
        assert_eq!(clean_line(" 会員\n登録は？ "), "会員登録は？");
        assert_eq!(clean_line("How\nmuch  is\n\n it?"), "How much is it?");
    }
}
