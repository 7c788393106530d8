//! The texts that a draft adds, to find out whether it has a question of members.

use std::collections::HashSet;

use super::draft::Draft;
use super::edit::as_variant;
use crate::exchange::quoted;

impl Draft {
    /// Returns the texts in `"…"`, as they are written in the files, that a file has only with the draft.
    #[must_use]
    pub fn added_texts(&self) -> HashSet<String> {
        let mut added = HashSet::new();
        for file in self.files() {
            let before: HashSet<&str> = texts(file.before.as_deref()).collect();
            let after = texts(file.after.as_deref());
            let new = after.filter(|text| !before.contains(text));
            added.extend(new.map(str::to_owned));
        }
        added
    }
}

/// Returns whether a question in the words of a member is one of the added texts.
#[must_use]
pub fn is_added(added: &HashSet<String>, question: &str) -> bool {
    let variant = as_variant(question);
    variant.is_some_and(|variant| added.contains(&quoted(&variant)))
}

/// Returns the texts in `"…"` of the lines of a file.
fn texts(file: Option<&str>) -> impl Iterator<Item = &str> {
    file.unwrap_or_default().lines().flat_map(texts_of_line)
}

fn texts_of_line(line: &str) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut start = None;
    let mut is_escaped = false;
    for (position, character) in line.char_indices() {
        match (start, character) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(from), '"') => {
                texts.push(&line[from..=position]);
                start = None;
            }
            (None, '"') => start = Some(position),
            _ => {}
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_in_the_draft_that_adds_it() {
        let mut draft = Draft::new("sato");
        let before = "variants = [\n  \"会費は\",\n]\n";
        let after =
            "variants = [\n  \"会費は\",\n  \"会費は （年） \\\"いくら\\\"\", \"退会\",\n]\n";
        draft.set("a/b.toml", Some(before), after.to_owned());
        let added = draft.added_texts();
        for (question, expected) in [
            ("会費は (年)\n\"いくら\"", true),
            ("退会", true),
            ("会費は", false),
            ("会費", false),
            ("***", false),
        ] {
            assert_eq!(is_added(&added, question), expected, "{question}");
        }
    }
}
