//! Reads `small_talk.toml` and `out_of_scope.toml`.

use super::entries::read_id;
use super::read_variants;
use super::toml_reader::TableReader;
use crate::knowledge::{HandOff, HandOffReason, KnowledgeBase, OutOfScope, SmallTalk, TopicId};

/// Reads `[[small_talk]]` and `[[hand_off]]`.
pub(super) fn read_small_talk(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    for mut table in root.tables("small_talk") {
        let id = read_id(&mut table, "small_talk", TopicId::parse);
        let variants = read_variants(&mut table);
        let reply = table.localized("reply");
        let location = table.location.clone();
        table.finish();
        if let (Some(id), Some(reply)) = (id, reply) {
            knowledge.small_talk.push(SmallTalk {
                id,
                variants,
                reply,
                location,
            });
        }
    }
    for table in root.tables("hand_off") {
        knowledge.hand_offs.extend(read_hand_off(table));
    }
}

fn read_hand_off(mut table: TableReader<'_>) -> Option<HandOff> {
    let id = read_id(&mut table, "hand_off", TopicId::parse);
    let written = table.text("reason");
    let reason = written.and_then(|written| {
        let found = HandOffReason::ALL
            .iter()
            .find(|(_, name)| *name == written.text);
        if found.is_none() {
            table.report(
                written.location,
                format!(
                    "`reason` is `{}`, expected person_requested, complaint or not_helpful",
                    written.text
                ),
                "write one of the three",
            );
        }
        found.map(|(reason, _)| *reason)
    });
    let variants = read_variants(&mut table);
    let location = table.location.clone();
    table.finish();
    Some(HandOff {
        id: id?,
        reason: reason?,
        variants,
        location,
    })
}

/// Reads `[[out_of_scope]]`.
pub(super) fn read_out_of_scope(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    for mut table in root.tables("out_of_scope") {
        let id = read_id(&mut table, "out_of_scope", TopicId::parse);
        let variants = read_variants(&mut table);
        let location = table.location.clone();
        table.finish();
        if let Some(id) = id {
            knowledge.out_of_scope.push(OutOfScope {
                id,
                variants,
                location,
            });
        }
    }
}
