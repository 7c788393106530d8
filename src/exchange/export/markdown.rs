//! Markdown: a heading for each desk, category and question; the answer below.

use crate::knowledge::{Desk, Entry, Language};

/// The level of headings of questions; headings within an answer are below it.
const QUESTION_LEVEL: usize = 3;

/// Writes the entries as Markdown. A comment above each question keeps its id.
pub(super) fn write(desks: &[Desk], entries: &[&Entry], language: Language) -> String {
    let mut blocks: Vec<String> = Vec::new();
    for desk in desks {
        let entries = entries.iter().filter(|entry| entry.desk == desk.id);
        let mut entries = entries.peekable();
        if entries.peek().is_none() {
            continue;
        }
        blocks.push(format!("# {}", one_line(desk.name.get(language))));
        let mut category: Option<&str> = None;
        for entry in entries {
            if category != Some(&entry.category) {
                category = Some(&entry.category);
                blocks.push(format!("## {}", one_line(&entry.category)));
            }
            // An HTML comment ends a paragraph only with an empty line after it.
            blocks.push(format!("<!-- id: {} -->", entry.id));
            blocks.push(format!("### {}", one_line(&entry.question)));
            blocks.push(entry.answer.below_heading(QUESTION_LEVEL));
        }
    }
    blocks.join("\n\n") + "\n"
}

/// Escapes a text as a heading of one line.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let escaped = crate::exchange::text::escape(&line);
    // A `#` at the end would close the heading.
    match escaped.strip_suffix('#') {
        Some(rest) => format!("{rest}\\#"),
        None => escaped,
    }
}
