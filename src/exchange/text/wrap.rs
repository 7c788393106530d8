//! Joins the lines into which a PDF or a fixed page width has cut a sentence.

use super::clean::is_japanese;

/// Minimum width of a line that a page width has cut, in half-width columns.
const MIN_WRAPPED_COLUMNS: usize = 40;

/// Maximum difference between the widest line and a line that was cut, in half-width columns.
const MAX_RAGGED_COLUMNS: usize = 4;

/// Joins lines that end within a sentence and are as wide as the widest line of the text, if the
/// sentence ends on a later line.
///
/// A line break that an author made (an address, a list) leaves lines of different widths.
pub(crate) fn unwrap_lines(text: &str) -> String {
    let widest = text.lines().map(columns).max().unwrap_or_default();
    if widest < MIN_WRAPPED_COLUMNS {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let is_wide = |line: &str| columns(line) + MAX_RAGGED_COLUMNS >= widest;
    // Whether the sentence that a line begins or continues is cut and ends on a later line.
    let is_cut = |index: usize| {
        let rest = lines.get(index..).unwrap_or_default();
        for pair in rest.windows(2) {
            let [line, next] = pair else { break };
            if !is_wide(line) || ends_sentence(line) || starts_item(next) {
                return false;
            }
            if next.ends_with(['。', '．', '！', '？', '」', '）']) {
                return true;
            }
        }
        false
    };
    let mut joined = String::new();
    for (index, line) in lines.iter().enumerate() {
        joined.push_str(line);
        let Some(next) = lines.get(index + 1) else {
            break;
        };
        if !is_cut(index) {
            joined.push('\n');
        } else if !touches(line, next) {
            joined.push(' ');
        }
    }
    joined
}

fn columns(line: &str) -> usize {
    line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

fn ends_sentence(line: &str) -> bool {
    let ends = [
        '。', '．', '.', '！', '!', '？', '?', '」', '』', '）', ')', '：', ':', '】', '、', ',',
        ';',
    ];
    // A comma ends no sentence, yet lists are often broken after it.
    line.is_empty() || line.ends_with(ends)
}

/// Returns whether a line starts something new: it is empty, a list item, or an address.
fn starts_item(line: &str) -> bool {
    let Some(first) = line.chars().next() else {
        return true;
    };
    let bullets = "・●○◎◆◇■□▲△▼▽★☆※→⇒•－—-*+#>|（(【〔［[「『<＜①②③④⑤⑥⑦⑧⑨⑩";
    let is_numbered = {
        let rest = line.trim_start_matches(|c: char| c.is_numeric());
        rest.len() < line.len() && rest.starts_with(['.', '．', ')', '）', '、', ':', '：'])
    };
    bullets.contains(first) || is_numbered || line.contains("://") || line.contains('：')
}

/// Returns whether two parts of a sentence are joined without a blank.
fn touches(before: &str, after: &str) -> bool {
    let ends = before.chars().next_back().is_some_and(is_japanese);
    ends || after.chars().next().is_some_and(is_japanese)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_that_a_page_width_has_cut_is_joined() {
        let cut = "有料会員の解約は、会員ページにログインしたあと、画面の\n右上にあるメニューから「会員情報」を選び、表示された画\n面で行えます。";
        let joined = "有料会員の解約は、会員ページにログインしたあと、画面の右上にあるメニューから「会員情報」を選び、表示された画面で行えます。";
        assert_eq!(unwrap_lines(cut), joined);
    }

    #[test]
    fn line_breaks_of_an_author_are_kept() {
        for text in [
            "電話：03-0000-0000\nFAX：03-0000-0001",
            "次のものをお持ちください。\n・本人確認書類\n・印鑑\n・母子健康手帳（お持ちの方に限ります。コピーは使えません）",
            "〒100-0000\n東京都千代田区一丁目一番一号　あおばビルディング本館十二階\n市民課",
        ] {
            assert_eq!(unwrap_lines(text), text);
        }
    }
}
