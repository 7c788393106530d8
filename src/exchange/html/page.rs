//! Finds the questions and answers of an HTML page.
//!
//! Tried in this order: `FAQPage` in JSON-LD; marked questions (see `pieces`); paragraphs that start
//! with `Q.` and `A.`; headings with the text below them.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::blocks::to_markdown;
use super::dom::{Node, parse};
use super::inline::Context;
use super::json_ld;
use super::lost::Lost;
use super::marks::{Mark, Series, is_question, mark, marked, without_mark};
use super::pair::{Found, Pair};
use super::pieces::{Piece, is_marked_question, pieces};
use crate::exchange::text;
use crate::knowledge::Markdown;

/// Reads a page. `base` is its address, if known; the page may name its own.
pub(crate) fn read_page(html: &str, base: Option<&str>) -> Found {
    let document = parse(html);
    let own = own_address(&document);
    let base = base.map(str::to_owned).or(own);
    let mut found = read_json_ld(&document, base.as_deref());
    let pieces = pieces(&document);
    let has_answers = |pairs: &[Pair]| pairs.iter().any(|pair| !pair.answer.is_empty());
    if !has_answers(&found.pairs) {
        let mut unanswered = vec![std::mem::take(&mut found.pairs)];
        for read in [labelled, lettered, headed] {
            let pairs = read(&pieces, base.as_deref());
            if has_answers(&pairs) {
                found.pairs = pairs;
                break;
            }
            unanswered.push(pairs);
        }
        if found.pairs.is_empty() {
            let mut unanswered = unanswered.into_iter();
            found.pairs = unanswered
                .find(|pairs| !pairs.is_empty())
                .unwrap_or_default();
        }
    }
    found.title = found.title.or_else(|| title(&document));
    let pairs = found.pairs.iter();
    let series = Series::of(pairs.map(|pair| (pair.question.as_str(), pair.answer.as_str())));
    for pair in &mut found.pairs {
        pair.question = series.question(&pair.question).to_owned();
        pair.answer = series.answer(&pair.answer).to_owned();
    }
    found
}

fn own_address(document: &Node) -> Option<String> {
    let link = |node: &Node| {
        let rel = node.attribute("rel").or_else(|| node.attribute("property"));
        let is_own = matches!(rel.as_deref(), Some("canonical" | "og:url"));
        is_own || (node.is(&["base"]) && node.attribute("href").is_some())
    };
    let element = document.find(&link)?;
    let address = element
        .attribute("href")
        .or_else(|| element.attribute("content"))?;
    address.contains("://").then_some(address)
}

fn title(document: &Node) -> Option<String> {
    let named = |name: &'static str| document.find(&move |node: &Node| node.is(&[name]));
    let title = named("title").or_else(|| named("h1"))?;
    let title = text::clean_line(&title.text());
    // The name of the site usually follows.
    let separators = [" | ", " ｜ ", "｜", " - ", " – ", " — "];
    let ends = separators
        .iter()
        .filter_map(|separator| title.find(separator));
    let end = ends.filter(|end| *end > 0).min().unwrap_or(title.len());
    let short = title.get(..end).unwrap_or_default().trim().to_owned();
    (!short.is_empty()).then_some(short)
}

fn read_json_ld(document: &Node, base: Option<&str>) -> Found {
    let is_data = |node: &Node| {
        let kind = node.attribute("type").unwrap_or_default();
        node.is(&["script"]) && kind.trim().eq_ignore_ascii_case("application/ld+json")
    };
    let mut scripts = Vec::new();
    document.find_all(&is_data, &mut scripts);
    let mut all = Found::default();
    for script in scripts {
        let source: String = script
            .children()
            .iter()
            .filter_map(Node::own_text)
            .collect();
        let Ok(value) = serde_json::from_str::<Value>(source.trim()) else {
            continue;
        };
        let found = json_ld::read_value(&value, base);
        for mut pair in found.pairs {
            pair.number = all.pairs.len() + 1;
            all.pairs.push(pair);
        }
    }
    all
}

/// A reader of pieces in one of the forms.
struct Reader<'a> {
    base: Option<&'a str>,
    pairs: Vec<Pair>,
    id: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(base: Option<&'a str>) -> Self {
        Self {
            base,
            pairs: Vec::new(),
            id: None,
        }
    }

    fn question(&mut self, question: String, category: Option<String>) {
        self.pairs.push(Pair {
            number: self.pairs.len() + 1,
            id: self.id.take(),
            category,
            question,
            ..Pair::default()
        });
    }

    fn answer(&mut self, nodes: &[Node]) {
        let (markdown, lost) = self.markdown(nodes);
        let Some(pair) = self.pairs.last_mut() else {
            return;
        };
        if !pair.answer.is_empty() && !markdown.is_empty() {
            pair.answer.push_str("\n\n");
        }
        pair.answer.push_str(&markdown);
        pair.lost.images += lost.images;
        pair.lost.dead_links.extend(lost.dead_links);
    }

    fn markdown(&self, nodes: &[Node]) -> (String, Lost) {
        let mut context = Context {
            base: self.base.map(str::to_owned),
            ..Context::default()
        };
        let markdown = to_markdown(nodes, &mut context);
        (markdown, context.into_lost())
    }
}

fn line(node: &Node) -> String {
    text::clean_line(&node.text())
}

/// Reads marked questions; the category is the heading above.
fn labelled(pieces: &[Piece], base: Option<&str>) -> Vec<Pair> {
    let mut reader = Reader::new(base);
    let mut category = None;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Heading(_, node) => category = Some(line(node)),
            Piece::Question(node) => {
                // Only a title of the page may be dropped: a question without an answer is reported.
                let has_answer = matches!(pieces.get(index + 1), Some(Piece::Answer(_)));
                if has_answer || is_marked_question(node) || is_question(&line(node)) {
                    reader.question(line(node), category.clone());
                }
            }
            Piece::Answer(nodes) => {
                let is_next = matches!(
                    index.checked_sub(1).and_then(|before| pieces.get(before)),
                    Some(Piece::Question(_) | Piece::Answer(_))
                );
                if is_next {
                    reader.answer(nodes);
                }
            }
            Piece::Id(id) => reader.id = Some(id.clone()),
            Piece::Content(_) => {}
        }
    }
    reader.pairs
}

/// Reads paragraphs that start with `Q.` or `A.`.
fn lettered(pieces: &[Piece], base: Option<&str>) -> Vec<Pair> {
    let mut reader = Reader::new(base);
    let mut category = None;
    let mut is_answer = false;
    let mut number = String::new();
    for piece in pieces {
        let nodes = match piece {
            Piece::Heading(_, node) if mark(&line(node)) == Some(Mark::Question) => {
                number = letter_number(&line(node));
                reader.question(
                    without_mark(&line(node), Mark::Question).to_owned(),
                    category.clone(),
                );
                // The text below a question is its answer, with or without `A.`.
                is_answer = true;
                continue;
            }
            Piece::Heading(_, node) => {
                category = Some(line(node));
                is_answer = false;
                continue;
            }
            Piece::Content(node) | Piece::Question(node) => vec![node.clone()],
            Piece::Answer(nodes) => nodes.clone(),
            Piece::Id(_) => continue,
        };
        let (markdown, lost) = reader.markdown(&nodes);
        for block in markdown.split("\n\n") {
            let mut lines = Vec::new();
            for text in block.lines() {
                let plain = Markdown::parse(text).0.text;
                match mark(&plain) {
                    Some(Mark::Question) => {
                        push(&mut reader, &mut lines, is_answer);
                        number = letter_number(&plain);
                        let question = without_mark(&plain, Mark::Question);
                        reader.question(question.to_owned(), category.clone());
                        is_answer = false;
                    }
                    Some(Mark::Answer) => {
                        push(&mut reader, &mut lines, is_answer);
                        is_answer = true;
                        // Within an answer, or with a number that the question has not, the letter
                        // belongs to the text: `A4：210×297 mm`.
                        let pair = reader.pairs.last();
                        let is_first = pair.is_none_or(|pair| pair.answer.is_empty());
                        let is_own = is_first && letter_number(&plain) == number;
                        lines.push(if is_own {
                            without_mark(text, Mark::Answer)
                        } else {
                            text
                        });
                    }
                    None => lines.push(text),
                }
            }
            push(&mut reader, &mut lines, is_answer);
            // A question may be followed by an answer without `A.` in the next paragraph.
            is_answer |= !reader.pairs.is_empty();
        }
        if let Some(pair) = reader.pairs.last_mut() {
            pair.lost.images += lost.images;
            pair.lost.dead_links.extend(lost.dead_links);
        }
    }
    reader.pairs
}

/// Returns the number after the letter before a text, in half-width digits.
fn letter_number(text: &str) -> String {
    let number = marked(text).map_or("", |marked| marked.number);
    number.nfkc().collect()
}

/// Appends lines to the answer, or to the question before its answer has begun.
fn push(reader: &mut Reader<'_>, lines: &mut Vec<&str>, is_answer: bool) {
    let text = std::mem::take(lines).join("\n");
    let Some(pair) = reader.pairs.last_mut().filter(|_| !text.is_empty()) else {
        return;
    };
    if is_answer {
        let separator = if pair.answer.is_empty() { "" } else { "\n\n" };
        pair.answer.push_str(&format!("{separator}{text}"));
    } else {
        pair.question.push_str(&text.replace('\n', " "));
    }
}

/// Reads headings of the level that has the most questions with text below.
fn headed(pieces: &[Piece], base: Option<&str>) -> Vec<Pair> {
    let Some(level) = question_level(pieces) else {
        return Vec::new();
    };
    let mut reader = Reader::new(base);
    let mut category = None;
    let mut is_open = false;
    for piece in pieces {
        match piece {
            Piece::Heading(own, node) if *own == level => {
                reader.question(line(node), category.clone());
                is_open = true;
            }
            Piece::Heading(own, node) if *own < level => {
                category = Some(line(node));
                is_open = false;
            }
            Piece::Heading(_, node) | Piece::Content(node) | Piece::Question(node) if is_open => {
                reader.answer(std::slice::from_ref(node));
            }
            Piece::Answer(nodes) if is_open => reader.answer(nodes),
            Piece::Id(id) => reader.id = Some(id.clone()),
            _ => {}
        }
    }
    reader.pairs
}

fn question_level(pieces: &[Piece]) -> Option<usize> {
    let score = |level: usize| {
        let mut score = 0;
        for (index, piece) in pieces.iter().enumerate() {
            if let Piece::Heading(own, node) = piece
                && *own == level
            {
                let next = pieces.get(index + 1..).unwrap_or_default();
                let mut next = next.iter().filter(|piece| !matches!(piece, Piece::Id(_)));
                let has_text = matches!(next.next(), Some(Piece::Content(_)));
                // A question counts more than a chapter that has an introduction.
                score += usize::from(has_text) * if is_question(&line(node)) { 3 } else { 1 };
            }
        }
        score
    };
    let best = (1..=6).max_by_key(|level| score(*level))?;
    (score(best) > 0).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &[(&str, &str, &str)]) {
        let found = read_page(html, None).pairs;
        let found: Vec<(&str, &str, &str)> = found
            .iter()
            .map(|pair| {
                let category = pair.category.as_deref().unwrap_or_default();
                (category, pair.question.as_str(), pair.answer.as_str())
            })
            .collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn marked_questions_are_found() {
        check(
            "<nav><ul><li>x</ul></nav><h2>会費</h2><dl><dt>Q. いくら？</dt><dd><p>A. 無料です。</p></dd></dl>",
            &[("会費", "いくら？", "無料です。")],
        );
        check(
            "<h1>FAQ</h1><details><summary>いつ？</summary><p>今日</p><p>明日</p></details>",
            &[("FAQ", "いつ？", "今日\n\n明日")],
        );
        check(
            "<div class='schema-faq-section'><strong class='schema-faq-question'>どこ？</strong> <p class='schema-faq-answer'>ここ</p></div>",
            &[("", "どこ？", "ここ")],
        );
        check(
            "<ul><li><p>誰が使えますか</p><p>会員です。</p></li><li><p>いつですか</p><ul><li>平日</li></ul></li></ul>",
            &[
                ("", "誰が使えますか", "会員です。"),
                ("", "いつですか", "- 平日"),
            ],
        );
    }

    #[test]
    fn questions_without_an_answer_are_found() {
        check(
            "<h1 class='faq-title'>FAQ</h1><dl><dt>年会費</dt><dt>いつ？</dt><dd>今日</dd><dt>どこ？</dt></dl>",
            &[
                ("FAQ", "年会費", ""),
                ("FAQ", "いつ？", "今日"),
                ("FAQ", "どこ？", ""),
            ],
        );
        let data = r#"<script type="application/ld+json">{"@type":"FAQPage","mainEntity":[
            {"@type":"Question","name":"いつ？","acceptedAnswer":{"text":"今日"}},
            {"@type":"Question","name":"どこ？"},
            {"@type":"Question","name":"誰？","acceptedAnswer":[]}]}</script>"#;
        check(
            data,
            &[("", "いつ？", "今日"), ("", "どこ？", ""), ("", "誰？", "")],
        );
        // Data without any answer does not hide the answers of the page.
        check(
            &(data.replace("今日", "") + "<details><summary>いつ？</summary><p>明日</p></details>"),
            &[("", "いつ？", "明日")],
        );
    }

    #[test]
    fn letters_and_headings_are_found() {
        check(
            "<h2>貸出</h2><p>Q1. 何冊ですか</p><p>A1. 10冊です。</p><p>2週間です。</p><p>Q2：延長は？<br>A2：できます。</p>",
            &[
                ("貸出", "何冊ですか", "10冊です。\n\n2週間です。"),
                ("貸出", "延長は？", "できます。"),
            ],
        );
        check(
            "<p>Q. 用紙は？</p><p>A4：210×297 mm</p><p>Q. 種類は？</p><p>A. 三種類です。</p><p>A. 二つ目の答え</p><p>A、B、C</p>",
            &[
                ("", "用紙は？", "A4：210×297 mm"),
                ("", "種類は？", "三種類です。\n\nA. 二つ目の答え\n\nA、B、C"),
            ],
        );
        check(
            "<h1>案内</h1><p>はじめに</p><h2>貸出</h2><h3>何冊？</h3><p>10冊</p><h4>注意</h4><p>雑誌は別</p><h3>延長は？</h3><ul><li>可</li></ul>",
            &[
                ("貸出", "何冊？", "10冊\n\n#### 注意\n\n雑誌は別"),
                ("貸出", "延長は？", "- 可"),
            ],
        );
    }
}
