//! Plain text of tables and web pages: cleaned, and escaped so that Markdown shows it as written.

mod clean;
mod escape;
mod wrap;

pub(super) use clean::{clean_block, clean_line, is_japanese, without_invisible};
pub(super) use escape::{escape, escape_label, escape_running, escape_start};
use wrap::unwrap_lines;

/// Turns a cell of plain text into Markdown that shows the same text.
pub(super) fn to_markdown(text: &str) -> String {
    escape(&unwrap_lines(&clean_block(text)))
}
