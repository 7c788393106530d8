//! Reads `small_talk.toml` and `out_of_scope.toml`.

use super::entries::read_id;
use super::toml_reader::{Located, TableReader};
use super::variants::read_variants;
use crate::knowledge::language::localized;
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
                is_default: false,
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
    let reason = written.and_then(|Located { text, location, .. }| {
        let reason = HandOffReason::ALL.iter().find(|(_, name)| *name == text);
        if reason.is_none() {
            table.report(
                location,
                localized!(
                    ja: "`reason` に `{text}` は使えません。使えるのは person_requested、complaint、not_helpful です",
                    en: "`reason` is `{text}`, expected person_requested, complaint or not_helpful",
                ),
                localized!(ja: "この三つのどれかを書いてください", en: "write one of the three"),
            );
        }
        reason.map(|(reason, _)| *reason)
    });
    let variants = read_variants(&mut table);
    let location = table.location.clone();
    table.finish();
    Some(HandOff {
        id: id?,
        reason: reason?,
        variants,
        location,
        is_default: false,
    })
}

/// Reads `[[out_of_scope]]`.
pub(super) fn read_out_of_scope(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    for mut table in root.tables("out_of_scope") {
        let id = read_id(&mut table, "out_of_scope", TopicId::parse);
        let variants = read_variants(&mut table);
        let is_general = table.flag("general");
        let location = table.location.clone();
        table.finish();
        if let Some(id) = id {
            knowledge.out_of_scope.push(OutOfScope {
                id,
                variants,
                is_general,
                location,
                is_default: false,
            });
        }
    }
}
