//! Finding entries without a question: what desks show first, the categories and what is in them.
//!
//! Invariant: a category is named by its first entry's id, so that a button leads to the same
//! category when others come or go.

use jiff::civil::Date;

use crate::knowledge::{Entry, EntryId, KnowledgeBase, Language, Sentence};

/// A category of a desk.
pub(in crate::channels) struct Category<'a> {
    /// Its name, and the programme where there are several.
    pub(in crate::channels) label: String,
    /// Its first entry.
    pub(in crate::channels) first: &'a Entry,
}

/// Returns what all desks show to those who have not asked yet.
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

/// Lists the categories in the order of their first entries.
pub(in crate::channels) fn categories(
    knowledge: &KnowledgeBase,
    today: Date,
    language: Language,
) -> Vec<Category<'_>> {
    let mut firsts: Vec<&Entry> = Vec::new();
    for entry in knowledge.shown_on(today) {
        if !firsts.iter().any(|first| is_same(first, entry)) {
            firsts.push(entry);
        }
    }
    let is_one_desk = firsts.windows(2).all(|pair| pair[0].desk == pair[1].desk);
    let categories = firsts.into_iter().map(|first| {
        let label = match programme(knowledge, first, language) {
            Some(programme) if !is_one_desk => format!("{} · {programme}", first.category),
            _ => first.category.clone(),
        };
        Category { label, first }
    });
    categories.collect()
}

/// Returns an entry and all of its category; `None` if it is not shown any more.
pub(in crate::channels) fn in_category<'a>(
    knowledge: &'a KnowledgeBase,
    today: Date,
    id: &EntryId,
) -> Option<(&'a Entry, Vec<&'a Entry>)> {
    let (_, named) = knowledge.shown(id, today)?;
    let entries = knowledge
        .shown_on(today)
        .filter(|entry| is_same(named, entry));
    Some((named, entries.collect()))
}

/// Names what the desk of an entry looks after.
pub(in crate::channels) fn programme<'a>(
    knowledge: &'a KnowledgeBase,
    entry: &Entry,
    language: Language,
) -> Option<&'a str> {
    let desk = knowledge.desk(entry.desk.as_str())?;
    Some(desk.programme.get(language))
}

/// Lists the pages beside one of `length` that begins at `from`, each with what its button says
/// and where it begins.
pub(in crate::channels) fn turns(
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

fn is_same(one: &Entry, other: &Entry) -> bool {
    one.desk == other.desk && one.category == other.category
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_turn_as_far_as_there_are_entries() {
        let previous = |from| (Sentence::PreviousPage, from);
        let next = |from| (Sentence::NextPage, from);
        assert_eq!(turns(0, 10, 10), []);
        assert_eq!(turns(0, 10, 11), [next(10)]);
        assert_eq!(turns(10, 10, 21), [previous(0), next(20)]);
        assert_eq!(turns(20, 10, 21), [previous(10)]);
        // Entries went meanwhile.
        assert_eq!(turns(usize::MAX, 10, 5), [previous(usize::MAX - 10)]);
        assert_eq!(turns(3, 10, 0), [previous(0)]);
    }
}
