//! The content of a page as one sequence: headings, questions, answers and everything else.
//!
//! A question or an answer is a piece of its own where the page marks it: `<dt>` and `<dd>`,
//! `<summary>` and its `<details>`, a class such as `faq-question`, or a list item of a toggle list.

use super::blocks::has_block;
use super::dom::{HIDDEN, Node};
use super::marks::is_question;
use crate::exchange::text;

/// A part of a page.
pub(super) enum Piece {
    /// A heading and its level.
    Heading(usize, Node),
    /// A marked question.
    Question(Node),
    /// A marked answer, or a part of it.
    Answer(Vec<Node>),
    /// Other content.
    Content(Node),
    /// An id from a comment of an exported file.
    Id(String),
}

/// The comment that precedes a question in exported Markdown.
pub(crate) const ID_COMMENT: &str = "id:";

/// Parts of a page that are not its content.
const FURNITURE: [&str; 4] = ["nav", "footer", "aside", "form"];

/// Parts of class names that mark a question or an answer; compared with whole words of a class.
const QUESTION_CLASSES: [&str; 6] = ["question", "q", "title", "header", "head", "trigger"];
const ANSWER_CLASSES: [&str; 7] = ["answer", "a", "content", "body", "panel", "text", "inner"];

/// Words of a class that make `title` and `content` parts of a FAQ.
const FAQ_CLASSES: [&str; 4] = ["faq", "accordion", "toggle", "qa"];

/// Lists the pieces of a page in order.
pub(super) fn pieces(node: &Node) -> Vec<Piece> {
    let mut pieces = Vec::new();
    collect(&node.children(), &mut pieces);
    pieces
}

fn collect(nodes: &[Node], pieces: &mut Vec<Piece>) {
    for node in nodes {
        if let Some(comment) = node.comment() {
            let id = comment.trim().strip_prefix(ID_COMMENT);
            pieces.extend(id.map(|id| Piece::Id(id.trim().to_owned())));
            continue;
        }
        if node.own_text().is_some_and(|text| text.trim().is_empty()) {
            continue;
        }
        let name = node.name().unwrap_or_default();
        if HIDDEN.contains(&name) || FURNITURE.contains(&name) {
            continue;
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.trim_start_matches('h').parse().unwrap_or(1);
                pieces.push(Piece::Heading(level, node.clone()));
            }
            "dt" => pieces.push(Piece::Question(node.clone())),
            "dd" => pieces.push(Piece::Answer(node.children())),
            "details" => {
                let (summaries, rest): (Vec<Node>, Vec<Node>) = node
                    .children()
                    .into_iter()
                    .partition(|child| child.is(&["summary"]));
                if rest.iter().any(|child| child.is(&["details"])) {
                    // The outer one is a category.
                    pieces.extend(summaries.into_iter().map(|node| Piece::Heading(6, node)));
                    collect(&rest, pieces);
                } else {
                    pieces.extend(summaries.into_iter().map(Piece::Question));
                    pieces.push(Piece::Answer(rest));
                }
            }
            _ if has_class(node, &QUESTION_CLASSES) && !has_marked(node) => {
                pieces.push(Piece::Question(node.clone()));
            }
            _ if has_class(node, &ANSWER_CLASSES) && !has_marked(node) => {
                pieces.push(Piece::Answer(vec![node.clone()]));
            }
            "ul" | "ol" if is_toggle_list(node) => {
                for item in node.children() {
                    let mut parts = visible(item.children()).into_iter();
                    pieces.extend(parts.next().map(Piece::Question));
                    pieces.push(Piece::Answer(parts.collect()));
                }
            }
            _ if is_container(node) => collect(&node.children(), pieces),
            _ => pieces.push(Piece::Content(node.clone())),
        }
    }
}

/// Returns whether a piece is certainly a question, not a title of the page.
pub(super) fn is_marked_question(node: &Node) -> bool {
    node.is(&["dt", "summary"]) || has_class(node, &["question"])
}

/// Returns whether the words of a class mark a part of a FAQ.
fn has_class(node: &Node, parts: &[&str]) -> bool {
    let classes = node
        .attribute("class")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let property = node.attribute("itemprop").unwrap_or_default();
    // Microdata of schema.org.
    if property == "acceptedAnswer" && parts.contains(&"answer") {
        return true;
    }
    classes.split_whitespace().any(|class| {
        let mut words = class
            .split(['-', '_'])
            .filter(|word| !word.is_empty())
            .peekable();
        let is_faq = words.clone().any(|word| FAQ_CLASSES.contains(&word));
        let last = words.clone().last().unwrap_or_default();
        let names = |word: &str| parts.first() == Some(&word);
        words.any(names) || (is_faq && parts.contains(&last))
    })
}

/// Returns whether an element within the node is a heading or marks a question or an answer.
fn has_marked(node: &Node) -> bool {
    let is_marked = |node: &Node| {
        has_class(node, &QUESTION_CLASSES)
            || has_class(node, &ANSWER_CLASSES)
            || node.is(&["dt", "dd", "details"])
    };
    let mut found = Vec::new();
    node.find_all(&is_marked, &mut found);
    // A mark within a mark, such as the text of a question, is no other question.
    found.len() > 1
}

/// Returns whether the items of a list are questions with their answers below.
fn is_toggle_list(node: &Node) -> bool {
    let items: Vec<Node> = visible(node.children());
    let is_toggle = |item: &Node| {
        let parts = visible(item.children());
        parts.len() > 1
            && parts.iter().skip(1).all(has_block)
            && parts
                .first()
                .is_some_and(|first| is_question(&text::clean_line(&first.text())))
    };
    !items.is_empty() && items.iter().all(is_toggle)
}

/// Drops the blanks between elements.
fn visible(nodes: Vec<Node>) -> Vec<Node> {
    let is_visible = |node: &Node| {
        node.name().is_some() || node.own_text().is_some_and(|text| !text.trim().is_empty())
    };
    nodes.into_iter().filter(is_visible).collect()
}

/// Returns whether an element groups other pieces, rather than being content itself.
fn is_container(node: &Node) -> bool {
    let groups = [
        "html", "body", "div", "section", "article", "main", "header", "dl", "center", "figure",
    ];
    let is_piece = |node: &Node| {
        node.is(&["h1", "h2", "h3", "h4", "h5", "h6", "dt", "details"])
            || has_class(node, &QUESTION_CLASSES)
    };
    // The document itself is neither element nor text.
    let is_document = node.name().is_none() && node.own_text().is_none();
    let is_group = node.is(&groups) && has_block_child(node);
    is_document || is_group || (node.name().is_some() && node.find(&is_piece).is_some())
}

fn has_block_child(node: &Node) -> bool {
    let children = visible(node.children());
    node.is(&["html", "body"]) || children.iter().any(has_block)
}
