//! The small talk and the out-of-scope subjects that are shipped with the program.
//!
//! Output: topics for a folder that has no file of them. They are those of the shipped knowledge; of its
//! out-of-scope subjects only the general ones, since each organisation has others. The search gives
//! them precedence over entries only where they explain more of a question (`search/defaults`).

use std::path::Path;

use super::conversation::{read_out_of_scope, read_small_talk};
use super::document::Document;
use super::toml_reader::TableReader;
use super::words::read_messages;
use crate::knowledge::{KnowledgeBase, Messages};

/// A function that reads the items of a file.
type Read = fn(&mut TableReader<'_>, &mut KnowledgeBase);

/// Name of the file of small talk and hand-offs.
pub(super) const SMALL_TALK: &str = "small_talk.toml";

/// Name of the file of out-of-scope subjects.
pub(super) const OUT_OF_SCOPE: &str = "out_of_scope.toml";

impl KnowledgeBase {
    /// Adds the shipped small talk and hand-offs.
    pub(in crate::knowledge) fn add_default_small_talk(&mut self) {
        let text = include_str!("../../../knowledge/small_talk.toml");
        let shipped = read(SMALL_TALK, text, read_small_talk);
        let small_talk = shipped.small_talk.into_iter();
        self.small_talk.extend(small_talk.map(|mut talk| {
            talk.is_default = true;
            talk
        }));
        let hand_offs = shipped.hand_offs.into_iter();
        self.hand_offs.extend(hand_offs.map(|mut wish| {
            wish.is_default = true;
            wish
        }));
    }

    /// Adds the shipped out-of-scope subjects that are general.
    pub(in crate::knowledge) fn add_default_out_of_scope(&mut self) {
        let text = include_str!("../../../knowledge/out_of_scope.toml");
        let shipped = read(OUT_OF_SCOPE, text, read_out_of_scope);
        let subjects = shipped.out_of_scope.into_iter();
        let general = subjects.filter(|subject| subject.is_general);
        self.out_of_scope.extend(general.map(|mut subject| {
            subject.is_default = true;
            subject
        }));
    }
}

impl Messages {
    /// Returns the shipped sentences.
    #[must_use]
    pub fn shipped() -> Self {
        let text = include_str!("../../../knowledge/messages.toml");
        read("messages.toml", text, read_messages).messages
    }
}

/// Reads a shipped file. It is a file of the shipped knowledge, which a test checks for problems.
fn read(name: &str, text: &str, read: Read) -> KnowledgeBase {
    let document = Document::new(Path::new(name), text.to_owned());
    let table = document.parse();
    let mut root = TableReader::root(&document, &table);
    let mut knowledge = KnowledgeBase::default();
    read(&mut root, &mut knowledge);
    knowledge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_small_talk_wishes_for_a_person_and_general_subjects() {
        let mut knowledge = KnowledgeBase::default();
        knowledge.add_default_small_talk();
        knowledge.add_default_out_of_scope();
        let has = |id: &str| {
            let topics = knowledge.small_talk.iter().map(|topic| &topic.id);
            let topics = topics.chain(knowledge.hand_offs.iter().map(|topic| &topic.id));
            let mut topics = topics.chain(knowledge.out_of_scope.iter().map(|topic| &topic.id));
            topics.any(|topic| topic.as_str() == id)
        };
        for id in [
            "greeting",
            "thanks",
            "who-are-you",
            "talk-to-a-person",
            "complaint",
        ] {
            assert!(has(id), "{id}");
        }
        for id in ["not-helpful", "weather", "jokes", "coding", "recipes"] {
            assert!(has(id), "{id}");
        }
        for id in [
            "child-benefits",
            "garbage",
            "own-company-office",
            "fan-club",
        ] {
            assert!(!has(id), "`{id}` is the subject of some organisations");
        }
        assert!(
            knowledge
                .out_of_scope
                .iter()
                .all(|subject| subject.is_default)
        );
    }
}
