//! Whether a draft has a question of members, as a question or a variant.

use super::draft::Draft;
use super::edit::as_variant;
use crate::exchange::quoted;

impl Draft {
    /// Returns whether the draft adds a question in the words of a member.
    #[must_use]
    pub fn adds_question(&self, question: &str) -> bool {
        let Some(variant) = as_variant(question) else {
            return false;
        };
        let variant = quoted(&variant);
        let has = |text: &Option<String>| {
            let text = text.as_deref();
            text.is_some_and(|text| text.contains(&variant))
        };
        self.files()
            .any(|file| has(&file.after) && !has(&file.before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_in_the_draft_that_adds_it() {
        let mut draft = Draft::new("sato");
        let before = "variants = [\n  \"会費は\",\n]\n";
        let after = "variants = [\n  \"会費は\",\n  \"会費は （年） \\\"いくら\\\"\",\n]\n";
        draft.set("a/b.toml", Some(before), after.to_owned());
        for (question, expected) in [
            ("会費は (年)\n\"いくら\"", true),
            ("会費は", false),
            ("会費", false),
            ("***", false),
        ] {
            assert_eq!(draft.adds_question(question), expected, "{question}");
        }
    }
}
