//! Proposals for the knowledge: variants for the entries that members found in the end, and entries for
//! what has none.
//!
//! What was asked fewer than [`MIN_COUNT`] times, or in one conversation only, is left out: one member
//! must not shape the knowledge. Nothing masked is proposed.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::likeness::{Group, Wording, distinct, grouped};
use super::report::unanswered;
use super::routes::{Route, routes};
use crate::answer::{Assistant, Thoroughness, self_retrieval_of};
use crate::embedding::Embedding;
use crate::knowledge::{EntryId, KnowledgeBase, Variant, expand, folded};
use crate::records::Recorded;
use crate::search;

/// Least number of times that a group was asked.
pub const MIN_COUNT: usize = 3;

/// Least number of conversations in which a group was asked.
pub const MIN_CONVERSATIONS: usize = 2;

/// Longest variant, in characters: members write short messages, and a long one is an explanation.
const MAX_VARIANT_CHARS: usize = 80;

/// Variants for an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variants {
    /// The entry.
    pub entry: EntryId,
    /// The texts with their counts.
    pub wordings: Vec<Wording>,
}

/// What is proposed.
#[derive(Debug, Clone, Default)]
pub struct Proposals {
    /// Variants that the checks accept.
    pub variants: Vec<Variants>,
    /// Variants that would break something, such as the answer to another question.
    pub refused: Vec<Variants>,
    /// Groups without an entry.
    pub stubs: Vec<Group>,
}

impl Proposals {
    /// Returns whether a text is one of the proposed variants.
    #[must_use]
    pub fn has_text(&self, text: &str) -> bool {
        let text = folded(text);
        let wordings = self.variants.iter().flat_map(|variants| &variants.wordings);
        wordings
            .into_iter()
            .any(|wording| folded(&wording.text) == text)
    }
}

/// Finds proposals in turns that are in the order of time, before any check.
#[must_use]
pub fn candidates(assistant: &Assistant, turns: &[Recorded]) -> Proposals {
    let knowledge = assistant.knowledge();
    let known = known_texts(knowledge);
    let is_usable = |text: &str| {
        let is_plain = expand(text).is_ok_and(|texts| texts == [text]);
        let is_short = text.chars().count() <= MAX_VARIANT_CHARS;
        is_plain && is_short && !text.contains("***") && !text.chars().any(char::is_control)
    };
    let mut by_entry: BTreeMap<String, Vec<Wording>> = BTreeMap::new();
    let mut routed = HashSet::new();
    for route in best_routes(turns) {
        let is_entry = knowledge.entry(&route.to).is_some();
        let text = &route.wording.text;
        routed.insert(folded(text));
        if is_entry && is_usable(text) && !known.contains(&folded(text)) {
            by_entry.entry(route.to).or_default().push(route.wording);
        }
    }
    let variants = by_entry.into_iter().filter_map(|(entry, wordings)| {
        let groups = grouped(assistant, wordings).into_iter().filter(is_frequent);
        let wordings: Vec<Wording> = groups.flat_map(|group| group.examples).collect();
        let entry = EntryId::parse(&entry).ok()?;
        (!wordings.is_empty()).then_some(Variants { entry, wordings })
    });
    let missing: Vec<&Recorded> = turns.iter().collect();
    let missing = distinct(unanswered(&missing)).into_iter();
    let missing = missing.filter(|wording| {
        !routed.contains(&folded(&wording.text)) && !wording.text.contains("***")
    });
    let stubs = grouped(assistant, missing.collect()).into_iter();
    Proposals {
        variants: variants.collect(),
        refused: Vec::new(),
        stubs: stubs.filter(is_frequent).collect(),
    }
}

fn is_frequent(group: &Group) -> bool {
    group.count >= MIN_COUNT && group.conversations >= MIN_CONVERSATIONS
}

/// Returns the most frequent route of each text: a text that leads to two entries belongs to one.
fn best_routes(turns: &[Recorded]) -> Vec<Route> {
    let mut seen = HashSet::new();
    let mut routes = routes(turns);
    routes.retain(|route| seen.insert(folded(&route.wording.text)));
    routes
}

/// Returns the folded questions and variants of all subjects.
fn known_texts(knowledge: &KnowledgeBase) -> HashSet<String> {
    let entries = knowledge.entries.iter();
    let questions = entries.clone().map(|entry| &entry.question);
    let variants = entries.flat_map(|entry| &entry.variants);
    let referrals = knowledge.referrals.iter().flat_map(|topic| &topic.variants);
    let variants = variants.chain(referrals);
    let texts = variants.flat_map(|variant| &variant.texts);
    questions.chain(texts).map(|text| folded(text)).collect()
}

/// Moves the variants to `refused` that break something: that `check` reports, or with which
/// `is_accepted` is false, such as a replay that loses answers.
///
/// # Errors
/// Those of building an index in memory.
pub fn gate(
    assistant: &Assistant,
    proposals: &mut Proposals,
    embedding: Option<Embedding>,
    now: Timestamp,
    is_accepted: impl Fn(&Assistant) -> bool,
) -> Result<(), search::Error> {
    let passes = |variants: &[Variants]| -> Result<bool, search::Error> {
        let changed = with_variants(assistant, variants, embedding.clone())?;
        Ok(is_retrieved(&changed, assistant, now) && is_accepted(&changed))
    };
    if passes(&proposals.variants)? {
        return Ok(());
    }
    // One entry after the other, each with those accepted before it.
    let mut accepted: Vec<Variants> = Vec::new();
    for variants in std::mem::take(&mut proposals.variants) {
        accepted.push(variants);
        if !passes(&accepted)? {
            proposals.refused.extend(accepted.pop());
        }
    }
    proposals.variants = accepted;
    Ok(())
}

/// Opens an assistant over the knowledge with further variants, in memory.
fn with_variants(
    assistant: &Assistant,
    added: &[Variants],
    embedding: Option<Embedding>,
) -> Result<Assistant, search::Error> {
    let mut knowledge = KnowledgeBase::clone(assistant.knowledge());
    for variants in added {
        let own = knowledge.entries.iter_mut();
        let Some(entry) = own.into_iter().find(|entry| entry.id == variants.entry) else {
            continue;
        };
        for wording in &variants.wordings {
            let texts = vec![wording.text.clone()];
            let location = entry.location.clone();
            entry
                .variants
                .push(Variant::new(&wording.text, texts, location));
        }
    }
    let (changed, _) = Assistant::replace(Some(assistant), knowledge.into(), None, embedding)?;
    Ok(changed)
}

/// Returns whether all entries that a change can affect are found by their questions and variants as well
/// as before.
fn is_retrieved(changed: &Assistant, before: &Assistant, now: Timestamp) -> bool {
    let affected = changed
        .searcher()
        .affected_entries(before.knowledge(), changed.today(now));
    let entries = affected.unwrap_or_else(|| (0..changed.knowledge().entries.len()).collect());
    let problems = |assistant: &Assistant| {
        let thoroughness = Thoroughness::Necessary;
        self_retrieval_of(assistant, &entries, thoroughness, now, |_| {}).len()
    };
    problems(changed) <= problems(before)
}
