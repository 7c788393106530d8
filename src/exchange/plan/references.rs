//! Checks the references of records: related entries, contact points, texts of other entries.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Accepted, problems};
use crate::knowledge::{KnowledgeBase, Problem, expand, folded};

/// Replaces ids of the source in `related`, and leaves out ids that do not exist.
pub(super) fn check(
    knowledge: &KnowledgeBase,
    accepted: &mut [Accepted<'_>],
    written_ids: &BTreeMap<String, String>,
    taken_ids: &BTreeSet<String>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let points: Vec<&str> = knowledge
        .desks
        .iter()
        .flat_map(|desk| &desk.contact_points)
        .map(|point| point.id.as_str())
        .collect();
    for accepted in accepted {
        let Accepted { record, entry, .. } = accepted;
        let mut lost = Vec::new();
        let own = entry.id.clone();
        entry.related = std::mem::take(&mut entry.related)
            .into_iter()
            .filter_map(|written| {
                let id = written_ids.get(&written).unwrap_or(&written);
                let exists = taken_ids.contains(id) && *id != own;
                if !exists {
                    lost.push(written.clone());
                }
                exists.then(|| id.clone())
            })
            .collect();
        if let Some(contact) = entry
            .contact
            .take_if(|contact| !points.contains(&contact.as_str()))
        {
            lost.push(contact);
        }
        if !lost.is_empty() {
            problems.push(problems::lost_references(record, &lost));
        }
    }
    problems
}

/// Leaves out variants that another entry or subject already has.
pub(super) fn drop_taken_variants(
    knowledge: &KnowledgeBase,
    accepted: &mut [Accepted<'_>],
    is_matched: &dyn Fn(&str) -> bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut owners: HashMap<String, String> = HashMap::new();
    for accepted in &*accepted {
        let entry = &accepted.entry;
        owners.insert(folded(&entry.question), entry.id.clone());
    }
    for entry in &knowledge.entries {
        let id = entry.id.as_str();
        // The variants of a matched entry are those of its record.
        let is_replaced = is_matched(id);
        let variants = entry.variants.iter().filter(|_| !is_replaced);
        let texts = variants.flat_map(|variant| &variant.texts);
        let question = Some(&entry.question).filter(|_| !is_replaced);
        for text in texts.chain(question) {
            owners.entry(folded(text)).or_insert_with(|| id.to_owned());
        }
    }
    let referrals = knowledge
        .referrals
        .iter()
        .map(|topic| (&topic.id, &topic.variants));
    // A variant wins over a shipped topic.
    let small_talk = knowledge
        .small_talk
        .iter()
        .filter(|topic| !topic.is_default)
        .map(|topic| (&topic.id, &topic.variants));
    let hand_offs = knowledge
        .hand_offs
        .iter()
        .filter(|topic| !topic.is_default)
        .map(|topic| (&topic.id, &topic.variants));
    let out_of_scope = knowledge
        .out_of_scope
        .iter()
        .filter(|topic| !topic.is_default)
        .map(|topic| (&topic.id, &topic.variants));
    let topics = referrals
        .chain(small_talk)
        .chain(hand_offs)
        .chain(out_of_scope);
    for (id, variants) in topics {
        for text in variants.iter().flat_map(|variant| &variant.texts) {
            owners.entry(folded(text)).or_insert_with(|| id.to_string());
        }
    }
    for Accepted { record, entry, .. } in accepted {
        let id = entry.id.clone();
        entry.variants.retain(|pattern| {
            let texts = expand(pattern).unwrap_or_default();
            let owner = texts
                .iter()
                .find_map(|text| owners.get(&folded(text)).filter(|owner| **owner != id));
            if let Some(owner) = owner {
                problems.push(problems::taken_variant(record, pattern, owner));
                return false;
            }
            owners.extend(texts.iter().map(|text| (folded(text), id.clone())));
            true
        });
    }
    problems
}
