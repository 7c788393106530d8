//! Browsing: featured entries, categories, and matches for a text while it is typed.
//!
//! Invariant: a button identifies a category by the id of its first entry, so it works after other
//! categories are added or removed.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::answer::Assistant;
use crate::knowledge::{Entry, EntryId, KnowledgeBase, Language, Sentence};

/// A category of a desk.
pub(in crate::channels) struct Category<'a> {
    /// The name, with the programme of the desk if there are several desks.
    pub(in crate::channels) label: String,
    /// The first entry.
    pub(in crate::channels) first: &'a Entry,
}

/// Returns the featured entries of all desks.
pub(in crate::channels) fn featured(knowledge: &KnowledgeBase, today: Date) -> Vec<&Entry> {
    let mut featured: Vec<&Entry> = Vec::new();
    for desk in &knowledge.desks {
        for entry in knowledge.featured(desk, today) {
            if !featured.iter().any(|known| known.id == entry.id) {
                featured.push(entry);
            }
        }
    }
    featured
}

/// Finds entries for a text that is being typed, best first; for an empty text the featured ones.
///
/// Returns one page and the number of all entries found. Sends no request to an embeddings server.
pub(in crate::channels) fn find<'a>(
    assistant: &'a Assistant,
    text: &str,
    page: Range<usize>,
    now: Timestamp,
) -> (Vec<&'a Entry>, usize) {
    let knowledge = assistant.knowledge();
    let text = text.trim();
    let found: Vec<&Entry> = if text.is_empty() {
        featured(knowledge, assistant.today(now))
    } else {
        let ranked = assistant.suggest_entries(text, None, now);
        let entries = ranked.iter();
        let entries = entries.filter_map(|(index, _)| knowledge.entries.get(*index));
        entries.collect()
    };
    let total = found.len();
    let page = found.into_iter().skip(page.start).take(page.len());
    (page.collect(), total)
}

/// Lists the categories in the order of their first entries.
pub(in crate::channels) fn categories(
    knowledge: &KnowledgeBase,
    today: Date,
    language: Language,
) -> Vec<Category<'_>> {
    let mut firsts: Vec<&Entry> = Vec::new();
    for entry in knowledge.shown_on(today) {
        if !firsts.iter().any(|first| is_same_category(first, entry)) {
            firsts.push(entry);
        }
    }
    let is_one_desk = firsts.windows(2).all(|pair| pair[0].desk == pair[1].desk);
    let categories = firsts.into_iter().map(|first| {
        let (title, _) = knowledge.category_title(first, language);
        let label = match programme(knowledge, first, language) {
            Some(programme) if !is_one_desk => format!("{title} · {programme}"),
            _ => title.to_owned(),
        };
        Category { label, first }
    });
    categories.collect()
}

/// Returns an entry and all entries of its category; `None` if the entry is no longer shown.
pub(in crate::channels) fn in_category<'a>(
    knowledge: &'a KnowledgeBase,
    today: Date,
    id: &EntryId,
) -> Option<(&'a Entry, Vec<&'a Entry>)> {
    let (_, named) = knowledge.shown(id, today)?;
    let entries = knowledge
        .shown_on(today)
        .filter(|entry| is_same_category(named, entry));
    Some((named, entries.collect()))
}

/// Returns the name of the programme of an entry's desk.
pub(in crate::channels) fn programme<'a>(
    knowledge: &'a KnowledgeBase,
    entry: &Entry,
    language: Language,
) -> Option<&'a str> {
    let desk = knowledge.desk(entry.desk.as_str())?;
    Some(desk.programme.get(language))
}

/// Returns the label and the position of the previous and the next page, if they exist, of the page
/// of `length` items at `from`.
pub(in crate::channels) fn adjacent_pages(
    from: usize,
    length: usize,
    total: usize,
) -> Vec<(Sentence, usize)> {
    let previous = from.saturating_sub(length);
    let next = from.saturating_add(length);
    let previous = (from > 0).then_some((Sentence::PreviousPage, previous));
    let next = (next < total).then_some((Sentence::NextPage, next));
    previous.into_iter().chain(next).collect()
}

fn is_same_category(one: &Entry, other: &Entry) -> bool {
    one.desk == other.desk && one.category == other.category
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_pages_stay_within_the_entries() {
        let previous = |from| (Sentence::PreviousPage, from);
        let next = |from| (Sentence::NextPage, from);
        assert_eq!(adjacent_pages(0, 10, 10), []);
        assert_eq!(adjacent_pages(0, 10, 11), [next(10)]);
        assert_eq!(adjacent_pages(10, 10, 21), [previous(0), next(20)]);
        assert_eq!(adjacent_pages(20, 10, 21), [previous(10)]);
        // Entries were removed after the button was sent.
        let last = adjacent_pages(usize::MAX, 10, 5);
        assert_eq!(last, [previous(usize::MAX - 10)]);
        assert_eq!(adjacent_pages(3, 10, 0), [previous(0)]);
    }
}
