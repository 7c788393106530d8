//! The tables of a TOML document in the order in which they are written, and the comments between them.
//!
//! Input: a document after a change. Output: the document with each comment where it stood before.
//! Invariant: a comment directly below the last key of a table, and a key that is commented out there, belong
//! to that table; the other comments above a table, up to the last empty line, belong to the file.

use toml_edit::{DocumentMut, Item, Table};

/// Comments whose key or table was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Orphan {
    /// The position of the table behind which they stood; `None` for the root.
    after: Option<isize>,
    comments: String,
}

impl Orphan {
    /// Returns the comments of a removed key of a table.
    pub(super) fn of_key(table: &Table, comments: String) -> Self {
        Self {
            after: table.position(),
            comments,
        }
    }

    /// Returns the comments above a removed table that stay in the file.
    pub(super) fn above(table: &Table) -> Self {
        let prefix = prefix(table);
        let line = prefix.rfind("\n\n").map_or(0, |at| at + 1);
        let comments = &prefix[..line.max(end_of_keys(&prefix))];
        Self {
            after: table.position(),
            comments: comments.to_owned(),
        }
    }
}

/// Puts comments above the table of the file that now follows, else at its end.
pub(super) fn place(document: &mut DocumentMut, mut orphans: Vec<Orphan>) {
    orphans.retain(|orphan| orphan.comments.contains('#'));
    // The last first, because each is put above the earlier ones.
    orphans.sort_by_key(|orphan| std::cmp::Reverse(orphan.after));
    for Orphan { after, comments } in orphans {
        let positions = tables(document);
        let positions = positions.iter().filter_map(|(table, _)| table.position());
        let next = positions.filter(|position| Some(*position) > after).min();
        let mut is_placed = false;
        visit(document.as_table_mut(), &mut |table: &mut Table| {
            if next.is_some() && table.position() == next && !is_placed {
                let own = prefix(table);
                table.decor_mut().set_prefix(format!("{comments}{own}"));
                is_placed = true;
            }
        });
        if !is_placed {
            let trailing = trailing(document);
            document.set_trailing(format!("{comments}{trailing}"));
        }
    }
}

/// Puts new tables behind the comments that belong to the table before them. Called once, after all changes:
/// new tables have no position, so another call would move more comments.
pub(super) fn keep_comments(document: &mut DocumentMut) {
    let mut order = tables(document);
    // toml_edit writes tables by position; one without a position follows the table before it.
    let mut last = 0;
    for (index, (table, place)) in order.iter_mut().enumerate() {
        last = table.position().unwrap_or(last);
        *place = (last, index);
    }
    order.sort_by_key(|(_, place)| *place);
    let is_new = |table: &Table| table.position().is_none();
    let mut new_prefixes: Vec<(usize, String)> = Vec::new();
    let trailing = trailing(document);
    let mut is_moved = false;
    for (at, (table, (_, index))) in order.iter().enumerate() {
        let is_first = at == 0 || !is_new(order[at - 1].0);
        if !is_new(table) || !is_first {
            continue;
        }
        let mut following = order[at..].iter();
        match following.find(|(table, _)| !is_new(table)) {
            Some((next, (_, next_index))) => {
                let prefix = prefix(next);
                let length = if prefix.starts_with('\n') {
                    0
                } else {
                    prefix.find("\n\n").map_or(0, |line| line + 1)
                };
                let (comments, rest) = prefix.split_at(length.max(end_of_keys(&prefix)));
                if comments.contains('#') {
                    new_prefixes.push((*index, above(table, comments)));
                    new_prefixes.push((*next_index, rest.to_owned()));
                }
            }
            None if trailing.contains('#') => {
                new_prefixes.push((*index, above(table, &trailing)));
                is_moved = true;
            }
            None => {}
        }
    }
    if is_moved {
        document.set_trailing("");
    }
    let mut index = 0;
    visit(document.as_table_mut(), &mut |table: &mut Table| {
        let new = new_prefixes.iter().find(|(known, _)| *known == index);
        if let Some((_, prefix)) = new {
            table.decor_mut().set_prefix(prefix.clone());
        }
        index += 1;
    });
}

/// Returns the prefix of a new table with more comments.
fn above(table: &Table, comments: &str) -> String {
    format!("{}{}\n\n", prefix(table), comments.trim_end())
}

/// A table with its place: the position by which it is sorted, and its number in the order of the keys.
type Placed<'a> = (&'a Table, (isize, usize));

/// Returns the tables with a header, in the order of the keys.
fn tables(document: &DocumentMut) -> Vec<Placed<'_>> {
    fn collect<'a>(table: &'a Table, all: &mut Vec<Placed<'a>>) {
        for (_, item) in table.iter() {
            let inner: Vec<&Table> = match item {
                Item::Table(table) => vec![table],
                Item::ArrayOfTables(tables) => tables.iter().collect(),
                _ => Vec::new(),
            };
            for table in inner {
                if has_header(table) {
                    all.push((table, (0, all.len())));
                }
                collect(table, all);
            }
        }
    }
    let mut all = Vec::new();
    collect(document.as_table(), &mut all);
    all
}

/// Visits the tables with a header, in the order of the keys.
fn visit(table: &mut Table, change: &mut impl FnMut(&mut Table)) {
    for (_, item) in table.iter_mut() {
        let inner: Vec<&mut Table> = match item {
            Item::Table(table) => vec![table],
            Item::ArrayOfTables(tables) => tables.iter_mut().collect(),
            _ => Vec::new(),
        };
        for table in inner {
            if has_header(table) {
                change(table);
            }
            visit(table, change);
        }
    }
}

fn has_header(table: &Table) -> bool {
    let is_path = table.is_implicit() && table.get_values().is_empty();
    !table.is_dotted() && !is_path
}

fn prefix(table: &Table) -> String {
    let prefix = table.decor().prefix().and_then(|prefix| prefix.as_str());
    prefix.unwrap_or_default().to_owned()
}

fn trailing(document: &DocumentMut) -> String {
    document.trailing().as_str().unwrap_or_default().to_owned()
}

/// Returns the end of the last line with a key that is commented out, such as `# privacy = "…"`.
fn end_of_keys(comments: &str) -> usize {
    let mut end = 0;
    let mut length = 0;
    for line in comments.split_inclusive('\n') {
        length += line.len();
        let commented = line.trim_start().strip_prefix('#');
        let key = commented.and_then(|line| line.split_once('='));
        let is_key = key.is_some_and(|(key, _)| {
            let key = key.trim();
            let is_sign = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-');
            !key.is_empty() && key.chars().all(is_sign)
        });
        if is_key {
            end = length;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_commented_out_differs_from_other_comments() {
        for (comments, expected) in [
            ("# privacy = \"x\"\n", "# privacy = \"x\"\n"),
            ("#a_b-1=2\n# 次\n", "#a_b-1=2\n"),
            ("# 例: closed = []\n", ""),
            ("# --- 受付 ---\n", ""),
            ("# = \n", ""),
            ("", ""),
        ] {
            assert_eq!(&comments[..end_of_keys(comments)], expected, "{comments}");
        }
    }
}
