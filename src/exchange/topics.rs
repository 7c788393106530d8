//! Writes referrals and out-of-scope subjects into TOML files; the rest of the file is kept.

use std::path::Path;

use toml_edit::{Item, Table};

use super::edit::{
    EditError, append, parse_document, quoted, rewritten, set_variants, variants as list,
};

/// The kind of a subject that no entry answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicKind {
    /// A desk answers it.
    Referral,
    /// Nobody of the organisation answers it.
    OutOfScope,
}

impl TopicKind {
    /// Returns the name of its tables.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Referral => "referral",
            Self::OutOfScope => "out_of_scope",
        }
    }
}

/// A subject that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Its kind.
    pub kind: TopicKind,
    /// The id, unique among topics.
    pub id: String,
    /// The subject as members see it; only of a referral.
    pub topic: String,
    /// Ways to ask about it.
    pub variants: Vec<String>,
}

/// Adds a subject to the end of a file.
///
/// # Errors
/// None; the type is that of the other changes.
pub fn add_topic(before: &str, new: &NewTopic) -> Result<String, EditError> {
    rewritten(before, |mut text| {
        let key = new.kind.key();
        let mut item = format!("[[{key}]]\nid = {}\n", quoted(&new.id));
        if new.kind == TopicKind::Referral {
            item.push_str(&format!("topic = {}\n", quoted(&new.topic)));
        }
        item.push_str(&format!("variants = {}\n", list(&new.variants)));
        append(&mut text, &item);
        Ok(text)
    })
}

/// Sets the variants of a subject of a file; the path is for errors.
///
/// # Errors
/// [`EditError`] if the text is no TOML, or the subject cannot be changed in place.
pub fn set_topic_variants(
    path: &Path,
    before: &str,
    kind: TopicKind,
    id: &str,
    variants: &[String],
) -> Result<String, EditError> {
    rewritten(before, |text| {
        let mut document = parse_document(path, &text)?;
        let tables = document.get_mut(kind.key());
        let tables = tables.and_then(Item::as_array_of_tables_mut);
        let has_id = |table: &&mut Table| table.get("id").and_then(Item::as_str) == Some(id);
        let table = tables.and_then(|tables| tables.iter_mut().find(has_id));
        let table = table.ok_or_else(|| EditError::form(path, id))?;
        set_variants(table, variants);
        Ok(document.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_added_and_gets_variants_and_the_rest_is_kept() {
        let new = NewTopic {
            kind: TopicKind::Referral,
            id: "city-receipt".to_owned(),
            topic: "領収書の\"発行\"".to_owned(),
            variants: vec!["領収書がほしい".to_owned()],
        };
        let before = "\u{feff}# 案内\r\n\r\n[[referral]]\r\nid = \"a\"\r\ntopic = \"b\" # c\r\nvariants = [\"d\"]\r\n";
        let added = add_topic(before, &new).expect("a text");
        let path = Path::new("referrals.toml");
        let variants = ["領収書がほしい", "レシートがほしい"].map(str::to_owned);
        let set = set_topic_variants(path, &added, new.kind, &new.id, &variants);
        let set = set.expect("a text");
        assert!(set.starts_with(before), "{set}");
        insta::assert_snapshot!(set[before.len()..].replace("\r\n", "\n"), @r#"

        [[referral]]
        id = "city-receipt"
        topic = "領収書の\"発行\""
        variants = [
          "領収書がほしい",
          "レシートがほしい",
        ]
        "#);
        let missing = set_topic_variants(path, &set, new.kind, "other", &variants);
        assert!(matches!(missing, Err(EditError::Form(_))));
    }
}
