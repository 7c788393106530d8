//! A labelled question with the features of its alternatives.

use super::{Organisation, evidence_of};
use crate::answer::Assistant;
use crate::evaluate::{Act, Alternative, Expected};
use crate::knowledge::{Evidence, KnowledgeBase};
use crate::search::{BlendedModel, Candidates, Features, Ranking, Subject};

/// A question with the features and the coverage of its alternatives; the last alternative is
/// "nothing".
pub(super) struct Example<'a> {
    pub(super) knowledge: &'a KnowledgeBase,
    /// Position of the organisation.
    pub(super) organisation: usize,
    /// Weight in the likelihood; the weights of an organisation sum to its share of 1.
    pub(super) weight: f32,
    pub(super) expected: &'a Expected,
    pub(super) candidates: Candidates,
    pub(super) alternatives: Vec<(Features, f32)>,
    pub(super) is_right: Vec<bool>,
}

/// A question with its ranking by a model that was not fitted to it.
pub(super) type Prediction<'a> = (&'a Example<'a>, Ranking);

/// Reads the questions whose right alternative is among the candidates, and the kind of evidence.
/// Questions ranked by words alone, such as kana, use the parameters for words.
pub(super) async fn examples<'a>(
    organisations: &[Organisation<'a>],
) -> (Evidence, Vec<Example<'a>>) {
    let evidence = evidence_of(organisations);
    let mut examples: Vec<Example<'a>> = Vec::new();
    for (position, organisation) in organisations.iter().enumerate() {
        let first = examples.len();
        for case in organisation.cases {
            let Some(expected) = case.single() else {
                continue;
            };
            let example = example(organisation.assistant, &case.question, expected).await;
            if example.is_right.contains(&true) && example.candidates.evidence == evidence {
                examples.push(Example {
                    organisation: position,
                    ..example
                });
            }
        }
        let own = &mut examples[first..];
        let weight = 1.0 / (own.len().max(1) * organisations.len()) as f32;
        for example in own {
            example.weight = weight;
        }
    }
    (evidence, examples)
}

async fn example<'a>(
    assistant: &'a Assistant,
    question: &str,
    expected: &'a Expected,
) -> Example<'a> {
    let searcher = assistant.searcher();
    let knowledge = assistant.knowledge();
    let analysis = searcher.analyze(question);
    let candidates = searcher.find(&analysis).await;
    let features = searcher.features(&candidates, &analysis).into_iter();
    let coverage = candidates.iter().map(|candidate| candidate.coverage);
    let alternatives = features.zip(coverage.chain([1.0])).collect();
    let mut is_right: Vec<bool> = candidates
        .iter()
        .map(|candidate| is_right(knowledge, expected, candidate.subject))
        .collect();
    is_right.push(matches!(expected.act(), Act::Desk | Act::OffTopic));
    Example {
        knowledge,
        organisation: 0,
        weight: 1.0,
        expected,
        candidates,
        alternatives,
        is_right,
    }
}

/// Returns whether a subject is what was expected.
pub(super) fn is_right(knowledge: &KnowledgeBase, expected: &Expected, subject: Subject) -> bool {
    let mut alternatives = expected.alternatives.iter();
    alternatives.any(|alternative| match (alternative, subject) {
        (Alternative::Entry(id), Subject::Entry(index)) => *id == knowledge.entries[index].id,
        (Alternative::Escalate(Some(desk)), Subject::Referral(index)) => {
            knowledge.referrals[index].desk == *desk
        }
        (Alternative::Escalate(None), Subject::HandOff(_))
        | (Alternative::OffTopic, Subject::OutOfScope(_))
        | (Alternative::Chitchat, Subject::SmallTalk(_)) => true,
        _ => false,
    })
}

/// Ranks the candidates of an example by a model.
pub(super) fn rank(model: &BlendedModel, example: &Example<'_>) -> Ranking {
    Ranking::new(&example.candidates, &utilities(model, example))
}

/// Returns the utilities of the alternatives of an example.
pub(super) fn utilities(model: &BlendedModel, example: &Example<'_>) -> Vec<f32> {
    let alternatives = example.alternatives.iter();
    let utilities = alternatives.map(|(features, coverage)| model.utility(features, *coverage));
    utilities.collect()
}
