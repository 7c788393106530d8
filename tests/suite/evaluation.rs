//! Quality of the answers to the project's question sets: floors for right answers and a limit for
//! wrong ones, so that neither improves at the cost of the other.
//!
//! Each floor was set a little below the measured value; raise floors, never lower them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use madoguchi::answer::{Assistant, self_retrieval};
use madoguchi::evaluate::{self, Case, Figures, Report};

use crate::support::block_on;
use crate::support::knowledge::{base, loaded, now, project, shipped};

fn question_sets() -> Vec<PathBuf> {
    let files = std::fs::read_dir(project("tests/questions")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let mut sets: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "tsv"))
        .collect();
    sets.sort();
    assert!(!sets.is_empty(), "there is no question set");
    sets
}

fn cases(assistant: &Assistant) -> Vec<Case> {
    let sets = question_sets();
    let read = sets
        .iter()
        .map(|set| evaluate::read(set, assistant.knowledge()).unwrap());
    read.flatten().collect()
}

fn run(assistant: &Assistant) -> Report {
    let now = "2026-11-24T01:00:00Z".parse().unwrap();
    block_on(evaluate::evaluate(assistant, &cases(assistant), now))
}

fn assert_at_least(what: &str, rate: Option<f64>, floor: f64, report: &Report) {
    let rate = rate.unwrap();
    assert!(
        rate >= floor,
        "{what} is {rate:.3}, expected at least {floor}\n{report}\nhelp: `madoguchi evaluate --failures tests/questions/*.tsv` shows why"
    );
}

#[test]
fn answers_reach_the_floors_and_are_seldom_wrong() {
    let report = run(shipped());
    let Figures {
        hit_at_1,
        hit_at_3,
        answered_right,
        helped,
        wrongly_answered,
        routed_right,
        ..
    } = report.overall();
    assert_at_least("hit@1", hit_at_1, 0.93, &report);
    assert_at_least("hit@3", hit_at_3, 0.98, &report);
    assert_at_least("answered right", answered_right, 0.85, &report);
    assert_at_least("helped", helped, 0.94, &report);
    assert_at_least("routed right", routed_right, 0.75, &report);
    let wrong = wrongly_answered.unwrap();
    assert!(
        wrong <= 0.035,
        "{wrong:.3} of all questions were answered wrongly, expected at most 0.035\n{report}"
    );
}

#[test]
fn most_entries_are_found_without_variants() {
    let bare = Arc::new(shipped().knowledge().bare());
    let (assistant, _) = Assistant::open(bare, None, None).unwrap();
    let report = run(&assistant);
    assert_at_least("bare hit@1", report.overall().hit_at_1, 0.60, &report);
    assert_at_least("bare hit@3", report.overall().hit_at_3, 0.74, &report);
}

#[test]
fn every_own_question_and_variant_finds_its_entry() {
    let problems = self_retrieval(shipped(), now());
    let listed: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", listed.join("\n"));
}

/// A set that is copied into the knowledge measures nothing. Small talk is not compared: a greeting
/// has only one form.
#[test]
fn no_question_of_a_set_is_in_the_knowledge() {
    let folded = |text: &str| -> String {
        let letters = text.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let knowledge = shipped().knowledge();
    let entries = knowledge.entries.iter().flat_map(|entry| &entry.variants);
    let referrals = knowledge.referrals.iter().flat_map(|topic| &topic.variants);
    let hand_offs = knowledge.hand_offs.iter().flat_map(|topic| &topic.variants);
    let out_of_scope = knowledge.out_of_scope.iter();
    let out_of_scope = out_of_scope.flat_map(|topic| &topic.variants);
    let topics = referrals.chain(hand_offs).chain(out_of_scope);
    let variants = entries.chain(topics);
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for variant in variants {
        for text in &variant.texts {
            known.insert(folded(text), variant.location.to_string());
        }
    }
    let copied: Vec<String> = cases(shipped())
        .iter()
        .filter_map(|case| {
            let place = known.get(&folded(&case.question))?;
            Some(format!("{place}: {}", case.question))
        })
        .collect();
    assert!(
        copied.is_empty(),
        "these are both in the knowledge and in a question set:\n{}\nhelp: remove them from the set",
        copied.join("\n")
    );
}

#[test]
fn a_question_set_with_a_mistake_names_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("set.tsv");
    let right = "# heading\n会費は\tselas-paid-membership\tkeyword\n";
    for (text, expected) in [
        (
            &*format!("{right}会費は\tno-such\tx\n"),
            ":3: `no-such` is neither",
        ),
        (
            "会費は selas-paid-membership\n",
            ":1: expected three columns",
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = evaluate::read(&path, shipped().knowledge()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn knowledge_without_a_calibration_uses_the_shipped_one() {
    let shipped = &shipped().knowledge().calibration;
    assert_eq!(loaded(base().path()).calibration, *shipped);
}
