//! Replies and entries -> [`Html`].
//!
//! Invariant: every word, link and table cell of an answer is in it, whatever Telegram cannot
//! show: a table becomes a list, and addresses that Telegram makes no links of stand as text.

use super::html::{Html, Tag};
use crate::answer::{Choice, ContactStatus, Reply};
use crate::knowledge::{Block, Entry, Span, plain};

/// Stands for an empty cell.
const EMPTY: &str = "–";

/// Longest row of a table that is shown on one line, in characters.
const LONGEST_ROW: usize = 32;

/// Formats a reply, and the entry that it gives.
pub(super) fn reply(reply: &Reply, entry: Option<&Entry>) -> Html {
    let mut html = Html::default();
    html.text(&reply.message);
    if let Some(entry) = entry {
        html.gap();
        blocks(&entry.answer.blocks(), &mut html);
    }
    if let Some(source) = &reply.source {
        html.gap();
        html.tagged(Tag::Italic, source);
    }
    choices(&reply.choices, &mut html);
    contacts(&reply.contacts, &mut html);
    if let Some((heading, draft)) = &reply.draft {
        html.gap();
        html.tagged(Tag::Bold, heading);
        html.end_line();
        html.tagged(Tag::Preformatted, draft);
    }
    if let Some((heading, _)) = &reply.related {
        html.gap();
        // The entries themselves are on the buttons below.
        html.tagged(Tag::Bold, heading);
    }
    html
}

/// Formats an entry as it is sent into another chat: its question, its answer, its source.
pub(super) fn entry(entry: &Entry, source: &str) -> Html {
    let mut html = Html::default();
    html.tagged(Tag::Bold, &entry.question);
    html.gap();
    blocks(&entry.answer.blocks(), &mut html);
    html.gap();
    html.tagged(Tag::Italic, source);
    html
}

/// Numbers entries to choose from, since a button shows only the beginning of a question.
fn choices(choices: &[Choice], html: &mut Html) {
    if choices.is_empty() {
        return;
    }
    html.gap();
    for (number, choice) in (1..).zip(choices) {
        html.text(&format!("{number}. {}\n", choice.question));
    }
}

/// Formats contact points under the headings of their desks.
pub(super) fn contacts(contacts: &[(String, Vec<ContactStatus>)], html: &mut Html) {
    for (heading, points) in contacts {
        html.gap();
        html.tagged(Tag::Bold, heading);
        html.end_line();
        for point in points {
            html.text(&point.label);
            html.text(": ");
            link(point.url.as_deref(), html, |html| html.text(&point.value));
            html.end_line();
            if let Some(hours) = &point.hours {
                html.tagged(Tag::Italic, &hours.text);
                html.end_line();
                html.text(&hours.status);
                html.end_line();
            }
        }
    }
}

/// Formats what carries a link. Telegram makes links of addresses of the web alone; it finds
/// telephone numbers and e-mail addresses in the text by itself.
fn link(url: Option<&str>, html: &mut Html, inside: impl FnOnce(&mut Html)) {
    let is_web = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
    match url.filter(is_web) {
        Some(url) => html.within(Tag::Link(url.to_owned()), inside),
        None => inside(html),
    }
}

fn blocks(all: &[Block], html: &mut Html) {
    for block in all {
        html.gap();
        match block {
            Block::Paragraph(text) => spans(text, html),
            Block::Heading(text) => html.within(Tag::Bold, |html| spans(text, html)),
            Block::List { first, items } => list(*first, items, 0, html),
            Block::Table { head, rows } => table(head, rows, html),
            Block::Quote(inner) => html.within(Tag::Quote, |html| blocks(inner, html)),
            Block::Code(text) => html.tagged(Tag::Preformatted, text.trim_end()),
        }
    }
}

fn list(first: Option<u64>, items: &[Vec<Block>], depth: usize, html: &mut Html) {
    for (number, item) in (first.unwrap_or(1)..).zip(items) {
        html.end_line();
        html.text(&"　".repeat(depth));
        match first {
            Some(_) => html.text(&format!("{number}. ")),
            None => html.text("・"),
        }
        for (index, block) in item.iter().enumerate() {
            match block {
                Block::List { first, items } => list(*first, items, depth + 1, html),
                Block::Paragraph(text) | Block::Heading(text) => {
                    if index > 0 {
                        html.end_line();
                    }
                    spans(text, html);
                }
                other => {
                    html.end_line();
                    blocks(std::slice::from_ref(other), html);
                }
            }
        }
        html.end_line();
    }
}

/// Formats a table as a list of its rows, since the columns of a phone are few.
fn table(head: &[Vec<Span>], rows: &[Vec<Vec<Span>>], html: &mut Html) {
    let is_narrow = |row: &Vec<Vec<Span>>| {
        let width = |cells: &[Vec<Span>]| -> usize {
            cells.iter().map(|cell| plain(cell).chars().count()).sum()
        };
        width(row) + width(head) <= LONGEST_ROW
    };
    let is_narrow = rows.iter().all(is_narrow);
    for row in rows {
        html.end_line();
        html.text("・");
        for (column, cell) in row.iter().enumerate() {
            let label = head.get(column).filter(|label| !label.is_empty());
            match (column, is_narrow) {
                (0, _) => {}
                (1, true) => html.text("　"),
                (_, true) => html.text(" / "),
                (_, false) => html.text("\n　"),
            }
            if let Some(label) = label {
                spans(label, html);
                html.text(": ");
            }
            if cell.is_empty() {
                html.text(EMPTY);
            } else if column == 0 {
                html.within(Tag::Bold, |html| spans(cell, html));
            } else {
                spans(cell, html);
            }
        }
        html.end_line();
    }
}

fn spans(all: &[Span], html: &mut Html) {
    for span in all {
        match span {
            Span::Text(text) => html.text(text),
            Span::Code(text) => html.tagged(Tag::Code, text),
            Span::Break => html.text("\n"),
            Span::Strong(inner) => html.within(Tag::Bold, |html| spans(inner, html)),
            Span::Emphasis(inner) => html.within(Tag::Italic, |html| spans(inner, html)),
            Span::Link { url, label } => {
                let shown = plain(label);
                link(Some(url), html, |html| spans(label, html));
                let address = url.trim_start_matches("mailto:").trim_start_matches("tel:");
                if address != url && !shown.contains(address) {
                    html.text(&format!(" ({address})"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Markdown;

    fn formatted(source: &str) -> String {
        let mut html = Html::default();
        blocks(&Markdown::parse(source).0.blocks(), &mut html);
        html.parts().join("\n---\n")
    }

    #[test]
    fn a_table_becomes_a_list() {
        let narrow = formatted(
            "| | A | B |\n|---|---|---|\n| x | ✓ | |\n| y | 1 | [l](https://a.example) |",
        );
        let expected =
            "・<b>x</b>　A: ✓ / B: –\n・<b>y</b>　A: 1 / B: <a href=\"https://a.example\">l</a>";
        assert_eq!(narrow, expected);
        let long = "長".repeat(40);
        let wide = formatted(&format!("| 種別 | 会費 |\n|---|---|\n| 無料 | {long} |"));
        assert_eq!(wide, format!("・種別: <b>無料</b>\n　会費: {long}"));
    }

    #[test]
    fn what_telegram_makes_no_link_of_stands_as_text() {
        let source = "電話は[こちら](tel:0312345678)、<a@b.example> へ。\n二行目 **強い *調子***";
        let expected = "電話は\
                        こちら (0312345678)、a@b.example へ。\n二行目 <b>強い <i>調子</i></b>";
        assert_eq!(formatted(source), expected);
    }

    #[test]
    fn lists_and_quotations_are_kept() {
        let source = "# 見出し\n\n1. a\n   - b\n2. c\n\n> 引用\n> **二**\n\n```\nx < y\n```";
        let expected = "<b>見出し</b>\n\n1. a\n　・b\n2. c\n\n\
                        <blockquote>引用\n<b>二</b></blockquote>\n\n<pre>x &lt; y</pre>";
        assert_eq!(formatted(source), expected);
    }
}
