//! HTML: pages with questions and answers, and HTML in cells and in JSON-LD.

mod blocks;
mod dom;
mod inline;
mod json_ld;
mod lost;
mod marks;
mod page;
mod pair;
mod pieces;
mod tags;

pub(super) use blocks::fragment_to_markdown;
pub(super) use json_ld::read_value as read_json_ld;
pub(super) use marks::{Series, is_question};
pub(super) use page::read_page;
pub(super) use pair::{Found, Pair};
pub(super) use tags::is_html;
