//! Views and entries -> [`Html`].
//!
//! Invariant: the result contains every word, link and table cell of an answer. A table becomes a
//! list, and an address that Telegram does not link becomes text.

use super::html::{Html, Tag};
use crate::answer::{ContactStatus, Part};
use crate::channels::bot::{Content, View};
use crate::knowledge::{Block, Entry, Language, Markdown, Span, plain};

/// Placeholder of an empty table cell.
const EMPTY_CELL: &str = "–";

/// Length limit of a table row on one line.
const MAX_ROW_CHARS: usize = 32;

/// Formats a view.
pub(super) fn view(view: &View<'_>) -> Html {
    let mut html = Html::default();
    match &view.content {
        Content::Text(text) | Content::Categories { heading: text, .. } => html.text(text),
        Content::Reply(reply) => {
            for shown in &reply.parts {
                html.gap();
                part(shown, view.language, &mut html);
            }
        }
        Content::Help { text, commands } => {
            html.text(text);
            html.gap();
            for (name, description) in commands {
                html.text(&format!("/{name} {description}\n"));
            }
        }
        Content::Questions {
            category,
            programme,
            ..
        } => {
            html.tagged(Tag::Bold, category);
            html.end_line();
            html.text(programme.unwrap_or_default());
        }
    }
    html
}

/// Formats an entry for another chat: its question, its answer, its source.
pub(super) fn entry(entry: &Entry, source: &str) -> Html {
    let mut html = Html::default();
    html.tagged(Tag::Bold, &entry.question);
    html.gap();
    answer(entry, source, &mut html);
    html
}

/// Formats an answer alone.
pub(super) fn answer_alone(answer: &Markdown) -> Html {
    let mut html = Html::default();
    blocks(&answer.blocks(), &mut html);
    html
}

fn answer(entry: &Entry, source: &str, html: &mut Html) {
    blocks(&entry.answer.blocks(), html);
    html.gap();
    html.tagged(Tag::Italic, source);
}

fn part(part: &Part<'_>, language: Language, html: &mut Html) {
    match part {
        Part::Asked(heading) => html.tagged(Tag::Bold, heading),
        Part::Sentence(text) => html.text(text),
        Part::Entry(entry, source) => answer(entry, source, html),
        // The full questions: a button shows only the beginning.
        Part::Choices(entries) => {
            for (number, entry) in entries {
                html.text(&format!("{number}. {}\n", entry.title(language)));
            }
        }
        Part::Contacts(desks) => contacts(desks, html),
        Part::Draft(heading, draft, _) => {
            html.tagged(Tag::Bold, heading);
            html.end_line();
            html.tagged(Tag::Preformatted, &draft.body);
        }
        // On a button below.
        Part::NoneOfThese(..) => {}
        // The entries are on the buttons below.
        Part::Related(heading, _) => html.tagged(Tag::Bold, heading),
    }
}

fn contacts(desks: &[(String, Vec<ContactStatus>)], html: &mut Html) {
    for (heading, points) in desks {
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

/// Adds a link to a web address, else only the label: Telegram itself detects telephone numbers and
/// e-mail addresses in the text.
fn link(url: Option<&str>, html: &mut Html, label: impl FnOnce(&mut Html)) {
    let is_web = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
    match url.filter(is_web) {
        Some(url) => html.within(Tag::Link(url.to_owned()), label),
        None => label(html),
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

/// Formats a table as a list of its rows: a phone is too narrow for columns.
fn table(head: &[Vec<Span>], rows: &[Vec<Vec<Span>>], html: &mut Html) {
    let is_narrow = |row: &Vec<Vec<Span>>| {
        let width = |cells: &[Vec<Span>]| -> usize {
            cells.iter().map(|cell| plain(cell).chars().count()).sum()
        };
        width(row) + width(head) <= MAX_ROW_CHARS
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
                html.text(EMPTY_CELL);
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

    fn formatted(source: &str) -> String {
        let html = answer_alone(&Markdown::parse(source).0);
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
    fn addresses_that_telegram_does_not_link_are_text() {
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
