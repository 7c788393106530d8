//! Cuts long text for a service that limits the length of a message.
//!
//! Each service counts in its own unit (UTF-16 units, characters), which is a parameter.
//! Invariant: a cut is at a character boundary and, if possible, not inside a grapheme cluster.

use unicode_normalization::char::is_combining_mark;

/// Boundaries at which text is cut, best first: paragraph, line, sentence, clause, word.
const BOUNDARIES: [&str; 6] = ["\n\n", "\n", "。", ". ", "、", " "];

/// Returns the length in bytes of the longest prefix of at most `limit` units.
pub(in crate::channels) fn fitting(
    text: &str,
    limit: usize,
    units: impl Fn(char) -> usize,
) -> usize {
    let mut used = 0;
    let mut chars = text.char_indices();
    let full = chars.find(|(_, c)| {
        used += units(*c);
        used > limit
    });
    full.map_or(text.len(), |(at, _)| at)
}

/// Converts a position in UTF-16 units, as messengers count, to bytes; `None` if it is not that of a
/// character.
pub(in crate::channels) fn byte_at(text: &str, units: usize) -> Option<usize> {
    let at = fitting(text, units, char::len_utf16);
    (text[..at].encode_utf16().count() == units).then_some(at)
}

/// Returns the position at which to cut a text of which `full` bytes fit: at the best boundary.
///
/// A boundary in the first half is ignored, since it would leave a short part.
pub(in crate::channels) fn boundary(text: &str, full: usize) -> usize {
    if full == text.len() {
        return full;
    }
    let room = &text[..full];
    let mut ends = BOUNDARIES
        .iter()
        .filter_map(|mark| Some(room.rfind(mark)? + mark.len()));
    let end = ends.find(|end| *end > full / 2);
    end.unwrap_or_else(|| match grapheme_start(text, full) {
        0 => full,
        start => start,
    })
}

/// Shortens text to at most `limit` characters, with an ellipsis if anything is missing.
pub(in crate::channels) fn truncated(text: &str, limit: usize) -> String {
    if fitting(text, limit, |_| 1) == text.len() {
        return text.to_owned();
    }
    let end = fitting(text, limit.saturating_sub(1), |_| 1);
    let end = grapheme_start(text, end);
    format!("{}…", text[..end].trim_end())
}

/// Moves a position back to the start of the grapheme cluster that it is in.
fn grapheme_start(text: &str, mut at: usize) -> usize {
    let joins = |c: char| {
        is_combining_mark(c)
            || matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
    };
    while let Some(before) = text[..at].chars().next_back() {
        let is_inside = text[at..].chars().next().is_some_and(joins) || before == '\u{200d}';
        if !is_inside {
            break;
        }
        at -= before.len_utf8();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_keeps_grapheme_clusters_whole() {
        assert_eq!(truncated("あいう", 3), "あいう");
        assert_eq!(truncated("あいうえ", 3), "あい…");
        assert_eq!(
            truncated("か\u{3099}か\u{3099}か\u{3099}", 4),
            "か\u{3099}…"
        );
        assert_eq!(truncated("👨\u{200d}👩\u{200d}👧!", 4), "…");
        assert_eq!(truncated("", 0), "");
    }

    #[test]
    fn a_cut_prefers_the_end_of_a_paragraph_in_any_unit() {
        let text = "ああああ\n\nい。うえお";
        let cut = |limit| boundary(text, fitting(text, limit, char::len_utf16));
        assert_eq!(&text[..cut(6)], "ああああ\n\n");
        assert_eq!(&text[..cut(9)], "ああああ\n\n");
        assert_eq!(&text[..cut(100)], text);
        assert_eq!(boundary("ががが", 6), 6);
        assert_eq!(fitting("😀😀", 3, char::len_utf16), 4);
        assert_eq!(boundary("か\u{3099}か\u{3099}", 9), 6);
    }
}
