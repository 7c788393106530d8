//! Candidates of variants: which of them would lead to their entry.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::answer::Assistant;
use crate::knowledge::{KnowledgeBase, expand, folded};
use crate::search::Subject;

/// Length limit of a candidate: members write short messages, and a long one is an explanation.
const MAX_CANDIDATE_CHARS: usize = 80;

/// The candidates of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The entry's position.
    pub entry: usize,
    /// The candidates that find the entry first.
    pub variants: Vec<String>,
    /// Number of candidates that find another subject first.
    pub elsewhere: usize,
    /// Number of candidates that exist already, or that cannot be a variant.
    pub unusable: usize,
}

/// Chooses the candidates that find their entry before any other subject and are not yet in the
/// knowledge.
pub async fn choose(
    assistant: &Assistant,
    entry: usize,
    candidates: Vec<String>,
    known: &mut HashSet<String>,
    now: Timestamp,
) -> Proposal {
    let searcher = assistant.searcher();
    let entries = &assistant.knowledge().entries;
    let today = assistant.today(now);
    let mut proposal = Proposal {
        entry,
        variants: Vec::new(),
        elsewhere: 0,
        unusable: 0,
    };
    for text in candidates {
        // A group of the notation would be taken for alternatives.
        let is_plain = expand(&text).is_ok_and(|texts| texts.len() == 1 && texts[0] == text);
        let is_short = text.chars().count() <= MAX_CANDIDATE_CHARS;
        let is_line = !text.chars().any(char::is_control);
        if !is_plain || !is_short || !is_line || known.contains(&folded(&text)) {
            proposal.unusable += 1;
            continue;
        }
        let analysis = searcher.analyze(&text);
        let mut candidates = searcher.score(&analysis, None);
        if searcher.wants_embedding(&analysis, &candidates)
            && let Some(embedding) = searcher.embed(&text).await
        {
            searcher.add_embedding(&mut candidates, &embedding, None);
        }
        let ranking = searcher.rank(&candidates, &analysis, None);
        let shown = |subject: &Subject| match subject {
            Subject::Entry(index) => entries[*index].is_valid_on(today),
            _ => true,
        };
        let mut subjects = ranking.subjects.iter().map(|r| r.candidate.subject);
        if subjects.find(shown) == Some(Subject::Entry(entry)) {
            known.insert(folded(&text));
            proposal.variants.push(text);
        } else {
            proposal.elsewhere += 1;
        }
    }
    proposal
}

/// Returns the folded texts of all subjects, which no new variant may repeat.
#[must_use]
pub fn known_texts(knowledge: &KnowledgeBase) -> HashSet<String> {
    let entries = knowledge.entries.iter();
    let questions = entries.clone().map(|entry| &entry.question);
    let variants = entries.flat_map(|entry| &entry.variants);
    let referrals = knowledge.referrals.iter().flat_map(|topic| &topic.variants);
    let small_talk = knowledge.small_talk.iter();
    let small_talk = small_talk.flat_map(|topic| &topic.variants);
    let hand_offs = knowledge.hand_offs.iter().flat_map(|topic| &topic.variants);
    let out_of_scope = knowledge.out_of_scope.iter();
    let out_of_scope = out_of_scope.flat_map(|topic| &topic.variants);
    let variants = variants
        .chain(referrals)
        .chain(small_talk)
        .chain(hand_offs)
        .chain(out_of_scope);
    let texts = variants.flat_map(|variant| &variant.texts);
    questions.chain(texts).map(|text| folded(text)).collect()
}
