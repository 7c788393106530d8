//! The categories of a desk: the headings of its document, with their entries and the paths of their pages.

use std::collections::HashMap;

use super::view::View;
use crate::channels::url::encode;
use crate::knowledge::{Desk, DeskId, Entry};

/// A category with its entries, in the order of the document.
pub(super) type Category<'a> = (&'a str, Vec<&'a Entry>);

/// Returns the path of a category's page. A slash in the name stays one: some proxies refuse `%2F`.
pub(super) fn category_path(desk: &DeskId, category: &str) -> String {
    let parts = category.split('/').map(|part| encode(part).to_string());
    format!("/desks/{desk}/{}", parts.collect::<Vec<_>>().join("/"))
}

/// Returns the valid entries of a desk.
pub(super) fn entries_of<'a>(view: &'a View, desk: &Desk) -> Vec<&'a Entry> {
    let entries = view.knowledge().shown_on(view.today);
    entries.filter(|entry| entry.desk == desk.id).collect()
}

/// Groups entries by category, in the order of their first entries.
pub(super) fn categories<'a>(entries: &[&'a Entry]) -> Vec<Category<'a>> {
    let mut categories: Vec<Category<'a>> = Vec::new();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    for entry in entries.iter().copied() {
        let end = categories.len();
        let position = *positions.entry(&entry.category).or_insert(end);
        match categories.get_mut(position) {
            Some((_, entries)) => entries.push(entry),
            None => categories.push((&entry.category, vec![entry])),
        }
    }
    categories
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_category_is_encoded_and_keeps_slashes() {
        let desk = DeskId::parse("a").expect("an id");
        let path = category_path(&desk, "貸出/返却 50%?");
        assert_eq!(
            path,
            "/desks/a/%E8%B2%B8%E5%87%BA/%E8%BF%94%E5%8D%B4%2050%25%3F"
        );
    }
}
