//! The tree of an HTML page, with the accessors that the readers need.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// A node of the tree; cheap to clone.
#[derive(Clone)]
pub(super) struct Node(Handle);

/// Maximum depth to which a tree is read; deeper content is dropped, so that no page can exhaust
/// the stack.
const MAX_DEPTH: usize = 200;

/// Parses a page or a fragment. Never fails: HTML has a tree for every text.
pub(super) fn parse(html: &str) -> Node {
    let dom: RcDom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
    cut(&dom.document, MAX_DEPTH);
    Node(dom.document)
}

fn cut(node: &Handle, depth: usize) {
    // The children of an element at the last level are its descendants that are dropped.
    if depth == 0 {
        node.children.borrow_mut().clear();
    }
    for child in node.children.borrow().iter() {
        cut(child, depth - 1);
    }
}

impl Node {
    /// Returns the name of an element; `None` for text.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.0.data {
            NodeData::Element { name, .. } => Some(&name.local),
            _ => None,
        }
    }

    /// Returns whether the node is an element of one of the names.
    pub(super) fn is(&self, names: &[&str]) -> bool {
        self.name().is_some_and(|name| names.contains(&name))
    }

    /// Returns the text of a text node.
    pub(super) fn own_text(&self) -> Option<String> {
        match &self.0.data {
            NodeData::Text { contents } => Some(contents.borrow().to_string()),
            _ => None,
        }
    }

    /// Returns the text of a comment.
    pub(super) fn comment(&self) -> Option<String> {
        match &self.0.data {
            NodeData::Comment { contents } => Some(contents.to_string()),
            _ => None,
        }
    }

    /// Returns an attribute.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let NodeData::Element { attrs, .. } = &self.0.data else {
            return None;
        };
        let attributes = attrs.borrow();
        let mut attributes = attributes.iter();
        let found = attributes.find(|attribute| &*attribute.name.local == wanted);
        found.map(|attribute| attribute.value.to_string())
    }

    /// Returns the children.
    pub(super) fn children(&self) -> Vec<Self> {
        self.0.children.borrow().iter().cloned().map(Self).collect()
    }

    /// Finds the first element below this node, in the order of the page.
    pub(super) fn find(&self, is_wanted: &dyn Fn(&Self) -> bool) -> Option<Self> {
        self.children().into_iter().find_map(|child| {
            if is_wanted(&child) {
                Some(child)
            } else {
                child.find(is_wanted)
            }
        })
    }

    /// Finds all elements below this node, in the order of the page.
    pub(super) fn find_all(&self, is_wanted: &dyn Fn(&Self) -> bool, found: &mut Vec<Self>) {
        for child in self.children() {
            if is_wanted(&child) {
                found.push(child.clone());
            }
            child.find_all(is_wanted, found);
        }
    }

    /// Returns the text below this node, with a blank between blocks.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.collect_text(&mut text);
        text
    }

    fn collect_text(&self, text: &mut String) {
        if let Some(own) = self.own_text() {
            text.push_str(&own);
        }
        if self.is(&HIDDEN) {
            return;
        }
        for child in self.children() {
            child.collect_text(text);
        }
        if self.is(&["br"]) {
            text.push('\n');
        } else if self.is(&["p", "div", "li", "td", "th", "tr"]) {
            text.push(' ');
        }
    }
}

/// Elements that show no text of the page.
pub(super) const HIDDEN: [&str; 12] = [
    "script", "style", "noscript", "template", "svg", "iframe", "object", "video", "audio",
    "select", "textarea", "head",
];
