//! Blocks of HTML as Markdown: paragraphs, lists, tables, headings.

use super::dom::{HIDDEN, Node, parse};
use super::inline::{self, Context};
use super::lost::Lost;
use super::tags::escape_plain_signs;
use crate::exchange::text;

/// Elements that start a block of their own.
const BLOCKS: [&str; 33] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];

/// The smallest heading within an answer; larger ones belong to the page.
const MIN_HEADING_LEVEL: usize = 3;

/// HTML as Markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// The Markdown.
    pub(crate) markdown: String,
    /// The parts that it could not hold.
    pub(crate) lost: Lost,
}

/// Renders a fragment, such as a cell or the text of a JSON-LD answer.
pub(crate) fn fragment_to_markdown(html: &str, base: Option<&str>) -> Rendered {
    let document = parse(&escape_plain_signs(html));
    let is_block = |node: &Node| node.is(&["p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4"]);
    let mut context = Context {
        base: base.map(str::to_owned),
        keeps_breaks: document.find(&is_block).is_none(),
        ..Context::default()
    };
    let markdown = to_markdown(&[document], &mut context);
    Rendered {
        markdown,
        lost: context.into_lost(),
    }
}

impl Context {
    /// Returns the parts that Markdown could not hold.
    pub(super) fn into_lost(self) -> Lost {
        Lost {
            images: self.images,
            dead_links: self.dead_links,
        }
    }
}

/// Renders nodes as blocks, separated by empty lines.
pub(super) fn to_markdown(nodes: &[Node], context: &mut Context) -> String {
    let mut blocks = Vec::new();
    render(nodes, context, &mut blocks);
    blocks.join("\n\n")
}

/// Returns whether a node is a block or has one in it.
pub(super) fn has_block(node: &Node) -> bool {
    node.is(&BLOCKS) || node.find(&|node| node.is(&BLOCKS)).is_some()
}

fn render(nodes: &[Node], context: &mut Context, blocks: &mut Vec<String>) {
    let mut running: Vec<Node> = Vec::new();
    for node in nodes {
        if node.is(&HIDDEN) {
            continue;
        }
        if node.name().is_none() && node.own_text().is_none() {
            // The document itself and comments.
            flush(&mut running, context, blocks);
            render(&node.children(), context, blocks);
        } else if has_block(node) {
            flush(&mut running, context, blocks);
            render_block(node, context, blocks);
        } else {
            running.push(node.clone());
        }
    }
    flush(&mut running, context, blocks);
}

fn flush(running: &mut Vec<Node>, context: &mut Context, blocks: &mut Vec<String>) {
    let text = inline::render(&std::mem::take(running), context);
    // Two `<br>` separate paragraphs.
    let paragraphs = text.split("\n\n").map(|part| part.trim_matches('\n'));
    blocks.extend(
        paragraphs
            .filter(|part| !part.is_empty())
            .map(str::to_owned),
    );
}

fn render_block(node: &Node, context: &mut Context, blocks: &mut Vec<String>) {
    match node.name().unwrap_or_default() {
        "ul" | "ol" => blocks.extend(list(node, context)),
        "table" => table(node, context, blocks),
        "blockquote" => {
            let inner = to_markdown(&node.children(), context);
            let lines = inner
                .lines()
                .map(|line| format!("> {line}").trim_end().to_owned());
            let quoted = lines.collect::<Vec<_>>().join("\n");
            blocks.extend(Some(quoted).filter(|quoted| !quoted.is_empty()));
        }
        "pre" => {
            let code = node.text();
            let code = code.trim_matches('\n').trim_end();
            if !code.is_empty() && !code.contains("```") {
                blocks.push(format!("```\n{code}\n```"));
            } else if !code.is_empty() {
                blocks.push(text::to_markdown(code));
            }
        }
        "hr" => {}
        name @ ("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
            let level = name
                .trim_start_matches('h')
                .parse()
                .unwrap_or(MIN_HEADING_LEVEL);
            let marks = "#".repeat(level.max(MIN_HEADING_LEVEL));
            let heading = inline::render(&node.children(), context).replace('\n', " ");
            if !heading.is_empty() {
                blocks.push(format!("{marks} {heading}"));
            }
        }
        "dt" | "summary" => {
            let term = inline::render(&node.children(), context).replace('\n', " ");
            if !term.is_empty() {
                blocks.push(term);
            }
        }
        _ => render(&node.children(), context, blocks),
    }
}

/// The largest number of a list item in Markdown, which has up to nine digits.
const MAX_LIST_NUMBER: usize = 999_999_999;

fn list(node: &Node, context: &mut Context) -> Option<String> {
    let is_ordered = node.is(&["ol"]);
    let start = node.attribute("start").and_then(|start| start.parse().ok());
    let start = start.filter(|start| *start <= MAX_LIST_NUMBER);
    let mut number: usize = start.unwrap_or(1);
    let mut items = Vec::new();
    let mut is_loose = false;
    for child in node.children() {
        // Invalid lists have lists as children.
        let mut blocks = Vec::new();
        if child.is(&["li"]) {
            render(&child.children(), context, &mut blocks);
        } else {
            render(&[child], context, &mut blocks);
        }
        let mut inner = String::new();
        for block in blocks {
            // A list within a list follows its text without an empty line. Text that only looks
            // like a list is escaped.
            let is_list = block.starts_with("- ") || block.starts_with("1. ");
            let separator = match (inner.is_empty(), is_list) {
                (true, _) => "",
                (false, true) => "\n",
                (false, false) => "\n\n",
            };
            inner.push_str(separator);
            inner.push_str(&block);
        }
        if inner.is_empty() {
            continue;
        }
        let marker = if is_ordered {
            format!("{number}. ")
        } else {
            "- ".to_owned()
        };
        number = MAX_LIST_NUMBER.min(number + 1);
        let indent = " ".repeat(marker.len());
        let mut lines = inner.lines();
        let mut item = format!("{marker}{}", lines.next().unwrap_or_default());
        for line in lines {
            let line = format!("{indent}{line}");
            item.push('\n');
            item.push_str(line.trim_end());
        }
        is_loose |= item.contains("\n\n");
        items.push(item);
    }
    let separator = if is_loose { "\n\n" } else { "\n" };
    let list = items.join(separator);
    (!list.is_empty()).then_some(list)
}

/// Maximum number of columns of a cell; more are a mistake of the page.
const MAX_COLUMNS: usize = 50;

/// The cells of rows above that also belong to the rows below.
#[derive(Default)]
struct RowSpans {
    /// For each column the number of rows below, and the text that is repeated in them.
    columns: Vec<(usize, String)>,
}

impl RowSpans {
    /// Adds a cell that belongs to this row and to `rows_below`.
    fn set(&mut self, column: usize, rows_below: usize, text: &str) {
        if rows_below == 0 || column >= MAX_COLUMNS {
            return;
        }
        if self.columns.len() <= column {
            self.columns.resize(column + 1, (0, String::new()));
        }
        if let Some(span) = self.columns.get_mut(column) {
            *span = (rows_below, text.to_owned());
        }
    }

    /// Appends the cells from above that come next in a row.
    fn fill(&mut self, line: &mut Vec<String>) {
        while let Some((rows_below, text)) = self.columns.get_mut(line.len())
            && *rows_below > 0
        {
            *rows_below -= 1;
            line.push(text.clone());
        }
    }

    /// Appends the cells from above that come after the last cell of a row, with those between.
    fn fill_rest(&mut self, line: &mut Vec<String>) {
        while self
            .columns
            .iter()
            .skip(line.len())
            .any(|(rows, _)| *rows > 0)
        {
            line.push(String::new());
            self.fill(line);
        }
    }
}

fn table(node: &Node, context: &mut Context, blocks: &mut Vec<String>) {
    let mut rows = Vec::new();
    node.find_all(&|node| node.is(&["tr"]), &mut rows);
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut spans = RowSpans::default();
    for row in &rows {
        let cells = row
            .children()
            .into_iter()
            .filter(|cell| cell.is(&["td", "th"]));
        let mut line = Vec::new();
        let mut has_text = false;
        for cell in cells {
            let text = to_markdown(&cell.children(), context);
            let text = text
                .replace("\n\n", " ")
                .replace('\n', " ")
                .replace('|', "\\|");
            has_text |= !text.is_empty();
            let span = |name| cell.attribute(name)?.trim().parse::<usize>().ok();
            let columns = span("colspan").unwrap_or(1).clamp(1, MAX_COLUMNS);
            // 0 means all rows that are left.
            let rows_below = match span("rowspan") {
                Some(0) => rows.len(),
                Some(span) => span - 1,
                None => 0,
            };
            spans.fill(&mut line);
            for column in 0..columns {
                let text = if column == 0 { text.as_str() } else { "" };
                spans.set(line.len(), rows_below, text);
                line.push(text.to_owned());
            }
        }
        spans.fill(&mut line);
        spans.fill_rest(&mut line);
        if has_text {
            lines.push(line);
        }
    }
    let width = lines.iter().map(Vec::len).max().unwrap_or_default();
    if width < 2 || rows.len() < 2 {
        // A table for layout.
        let cells = lines.into_iter().flatten().filter(|cell| !cell.is_empty());
        blocks.extend(cells.map(|cell| cell.replace("\\|", "|")));
        return;
    }
    let write = |cells: &[String]| {
        let cells = (0..width).map(|index| cells.get(index).map_or("", String::as_str));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut written = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        written.push(write(line));
        if index == 0 {
            written.push(format!("|{}", "---|".repeat(width)));
        }
    }
    blocks.push(written.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Markdown;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        let markdown = fragment_to_markdown(html, Some("https://city.example/faq/")).markdown;
        assert_eq!(markdown, expected, "{html}");
        let flaws = Markdown::parse(&markdown).1;
        assert!(flaws.is_empty(), "{flaws:?}");
    }

    #[test]
    fn blocks_and_marks_become_markdown() {
        check("<p>一<br>二</p><p>三</p>", "一\n二\n\n三");
        check("一行目\n二行目 <b>太字</b>", "一行目\n二行目 **太字**");
        check(
            "<ul><li>本<ul><li>雑誌</li></ul></li><li>紙</li></ul>",
            "- 本\n  - 雑誌\n- 紙",
        );
        check("<ol><li>開く</li><li>押す</li></ol>", "1. 開く\n2. 押す");
        check(
            "<ol start=3><li>開く</li><li>押す</li></ol>",
            "3. 開く\n4. 押す",
        );
        check(
            "<ol start=18446744073709551615><li>開く</li><li>押す</li></ol>",
            "1. 開く\n2. 押す",
        );
        check(
            "<table><tr><th>区分</th><th>料金</th></tr><tr><td>大人</td><td>5*3|円</td></tr></table>",
            "| 区分 | 料金 |\n|---|---|\n| 大人 | 5\\*3\\|円 |",
        );
        check(
            "<a href='/a_(1)'>案内[1]</a>と<a href='mailto:a@b.example'>a@b.example</a>と<a href='#x'>上</a>",
            "[案内\\[1\\]](https://city.example/faq/../a_%281%29)と<a@b.example>と上"
                .replace("/faq/..", "")
                .as_str(),
        );
        check(
            "x<y のとき <b>太字</b>、a<b なら > を書く",
            "x\\<y のとき **太字**、a\\<b なら > を書く",
        );
        check("会員<strong>「登録」</strong>です", "会員「**登録**」です");
        check(
            "<h2>見出し</h2><p># 本文</p><blockquote>引用</blockquote>",
            "### 見出し\n\n\\# 本文\n\n> 引用",
        );
        check(
            "これは\n    長い文です <script>alert(1)</script>&lt;b&gt; &amp;amp;<br>",
            "これは長い文です \\<b> \\&amp;",
        );
    }

    #[test]
    fn a_cell_over_several_rows_is_repeated() {
        check(
            "<table><tr><th>区分</th><th>日</th><th>料金</th></tr><tr><td rowspan=2>大人</td><td>平日</td><td>300円</td></tr><tr><td>休日</td><td>500円</td></tr><tr><td>子ども</td><td>毎日</td><td>無料</td></tr></table>",
            "| 区分 | 日 | 料金 |\n|---|---|---|\n| 大人 | 平日 | 300円 |\n| 大人 | 休日 | 500円 |\n| 子ども | 毎日 | 無料 |",
        );
        // The last column, several columns, and up to the end.
        check(
            "<table><tr><th>日</th><th>時</th><th>窓口</th></tr><tr><td colspan=2 rowspan=2>月</td><td>一番</td></tr><tr><td rowspan=0>二番</td></tr><tr><td>火</td></tr></table>",
            "| 日 | 時 | 窓口 |\n|---|---|---|\n| 月 |  | 一番 |\n| 月 |  | 二番 |\n| 火 |  | 二番 |",
        );
    }

    #[test]
    fn what_markdown_cannot_hold_is_counted() {
        let rendered =
            fragment_to_markdown("<img src=a.png alt=地図> <a href='a.html'>案内</a>", None);
        assert_eq!(rendered.markdown, "地図 案内");
        assert_eq!(rendered.lost.images, 1);
        assert_eq!(rendered.lost.dead_links, ["a.html"]);
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let html = "<div>".repeat(3_000) + "<p>x" + &"<ul><li>".repeat(1_000);
        let _ = fragment_to_markdown(&html, None);
    }
}
