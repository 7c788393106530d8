//! The search scores only the subjects that match best; the result is that of scoring all.

use std::fs;
use std::sync::Arc;

use madoguchi::answer::{Answer, Assistant, Conversation, Question};
use madoguchi::knowledge::Language;
use madoguchi::search::Subject;

use crate::support::knowledge::{loaded, now, project};

/// Greatest difference between the confidences: the probabilities of subjects that match badly are
/// not added up.
const MAX_DIFFERENCE: f32 = 0.01;

fn open() -> Assistant {
    let knowledge = loaded(&project("knowledge"));
    let opened = Assistant::open(Arc::clone(&knowledge), None, None);
    opened.expect("an index in memory").0
}

fn ask(assistant: &Assistant, text: &str) -> Answer {
    let question = Question {
        text,
        desk: None,
        language: Language::Japanese,
    };
    assistant.answer_now(&question, Conversation::new(now()), now())
}

fn first_subjects(answer: &Answer) -> Vec<Subject> {
    let trace = answer.trace.as_ref().expect("a ranked question");
    let subjects = trace.ranking.subjects.iter().take(3);
    subjects.map(|ranked| ranked.candidate.subject).collect()
}

#[test]
fn the_best_subjects_are_those_of_an_exhaustive_search() {
    let (mut pruned, mut exhaustive) = (open(), open());
    pruned.search_by_retrieval();
    exhaustive.search_exhaustively();
    let mut differences = Vec::new();
    let mut count = 0;
    for set in ["selas.tsv", "jetro.tsv", "unseen.tsv"] {
        let path = project("tests/questions").join(set);
        let lines = fs::read_to_string(path).expect("a question set");
        for text in lines.lines().filter_map(|line| line.split('\t').next()) {
            let (found, expected) = (ask(&pruned, text), ask(&exhaustive, text));
            let is_equal = found.outcome == expected.outcome
                && found.entry == expected.entry
                && (found.confidence - expected.confidence).abs() < MAX_DIFFERENCE
                && first_subjects(&found) == first_subjects(&expected);
            count += 1;
            if !is_equal {
                differences.push(format!(
                    "{text}: {:?} {} instead of {:?} {}",
                    first_subjects(&found),
                    found.confidence,
                    first_subjects(&expected),
                    expected.confidence,
                ));
            }
        }
    }
    assert!(count > 1000, "{count} questions");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
