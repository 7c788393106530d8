//! The self-retrieval check: what it skips could not fail, and an edit checks what it can affect.

use std::sync::Arc;

use madoguchi::answer::{
    Assistant, Thoroughness, self_retrieval, self_retrieval_of, valid_entries,
};
use madoguchi::knowledge::{KnowledgeBase, Variant};

use crate::made_up;
use crate::support::knowledge::{TODAY, base, loaded, now, shipped};

fn open(knowledge: KnowledgeBase) -> Assistant {
    let opened = Assistant::open(Arc::new(knowledge), None, None);
    opened.expect("an index in memory").0
}

fn made_up(phrases: usize) -> KnowledgeBase {
    let folder = tempfile::tempdir().expect("a folder");
    made_up::write(folder.path(), phrases, 7).expect("a knowledge folder");
    Arc::unwrap_or_clone(loaded(folder.path()))
}

fn variant(text: String, like: &Variant) -> Variant {
    Variant::new(&text.clone(), vec![text], like.location.clone())
}

/// Gives each entry variants that suit another entry better: some of its predecessor, and some that
/// differ little from those of its successor or are parts of them.
fn with_misplaced_variants(mut knowledge: KnowledgeBase) -> KnowledgeBase {
    let entries = knowledge.entries.clone();
    let texts = |position: usize| {
        let variants = entries
            .get(position)
            .into_iter()
            .flat_map(|entry| &entry.variants);
        variants.filter_map(|variant| variant.texts.first()).take(3)
    };
    for (position, entry) in knowledge.entries.iter_mut().enumerate() {
        let Some(own) = entry.variants.first().cloned() else {
            continue;
        };
        for text in texts(position + 1) {
            let half: String = text.chars().take(text.chars().count() / 2).collect();
            entry.variants.push(variant(format!("{text}ね"), &own));
            entry.variants.push(variant(format!("{half}です"), &own));
        }
        for text in texts(position.wrapping_sub(1)) {
            entry.variants.push(variant(text.clone(), &own));
        }
    }
    knowledge
}

/// Compares the check with asking everything; returns the number of problems.
#[track_caller]
fn assert_same_as_exhaustive(knowledge: KnowledgeBase) -> usize {
    let assistant = open(knowledge);
    let entries = valid_entries(&assistant, now());
    let check = |thoroughness| self_retrieval_of(&assistant, &entries, thoroughness, now(), |_| ());
    let necessary = check(Thoroughness::Necessary);
    assert_eq!(necessary, check(Thoroughness::Exhaustive));
    necessary.len()
}

#[test]
fn the_check_finds_what_asking_everything_finds() {
    let shipped = || (**shipped().knowledge()).clone();
    assert_eq!(assert_same_as_exhaustive(shipped()), 0);
    assert!(assert_same_as_exhaustive(with_misplaced_variants(shipped())) > 0);
    let base = base();
    assert_same_as_exhaustive(with_misplaced_variants((*loaded(base.path())).clone()));
    assert_eq!(assert_same_as_exhaustive(made_up(1_500)), 0);
    assert!(assert_same_as_exhaustive(with_misplaced_variants(made_up(500))) > 0);
}

/// With few variants, other weights apply, and texts matter more.
#[test]
fn the_check_of_thinly_covered_knowledge_finds_what_asking_everything_finds() {
    let mut knowledge = made_up(1_500);
    for entry in &mut knowledge.entries {
        entry.variants.truncate(2);
    }
    assert_same_as_exhaustive(with_misplaced_variants(knowledge));
}

#[test]
fn most_texts_are_not_ranked() {
    let assistant = open(made_up(2_000));
    let before = assistant.searcher().rankings();
    assert!(self_retrieval(&assistant, now()).is_empty());
    let rankings = assistant.searcher().rankings() - before;
    assert!(rankings < 400, "{rankings} rankings of 2,000 phrases");
}

/// An edit of one entry: all its changes that lead another entry's questions or its own elsewhere
/// are found by checking the affected entries only.
#[test]
fn an_edit_checks_the_entries_that_it_can_affect() {
    let before = made_up(1_500);
    let mut after = before.clone();
    let like = after.entries[40].variants[0].clone();
    let stolen = after.entries[7].variants[..4].iter();
    let stolen: Vec<Variant> = stolen
        .map(|stolen| variant(stolen.texts[0].clone(), &like))
        .collect();
    after.entries[40].variants.extend(stolen);
    let assistant = open(after);
    let searcher = assistant.searcher();
    let affected = searcher.affected_entries(&before, TODAY);
    let affected = affected.expect("an edit of one entry does not affect all");
    assert!(
        affected.contains(&7) && affected.contains(&40),
        "{affected:?}"
    );
    assert!(affected.len() < 75, "{} of 150 entries", affected.len());
    let check = |entries: &[usize], thoroughness| {
        self_retrieval_of(&assistant, entries, thoroughness, now(), |_| ())
    };
    let all = valid_entries(&assistant, now());
    let problems = check(&affected, Thoroughness::Necessary);
    assert_eq!(problems, check(&all, Thoroughness::Exhaustive));
    assert!(!problems.is_empty());
}

#[test]
fn a_change_of_the_lexicon_a_desk_or_a_weight_affects_all_entries() {
    let before = made_up(100);
    let changes: [fn(&mut KnowledgeBase); 3] = [
        |knowledge| knowledge.lexicon.stop_words.push("図書".to_owned()),
        |knowledge| knowledge.desks[0].words.push("窓口".to_owned()),
        |knowledge| {
            for section in knowledge.calibration.by_evidence.values_mut() {
                section.well_covered.answered_from += 0.01;
            }
        },
    ];
    for change in changes {
        let mut after = before.clone();
        change(&mut after);
        let assistant = open(after);
        assert_eq!(assistant.searcher().affected_entries(&before, TODAY), None);
    }
    let assistant = open(before.clone());
    let affected = assistant.searcher().affected_entries(&before, TODAY);
    assert_eq!(affected, Some(Vec::new()));
}

#[test]
fn a_text_that_is_taken_for_a_danger_names_the_file_to_correct() {
    let folder = base();
    let safety = r#"
        [[help_line]]
        id = "town"
        name = { ja = "町の相談", en = "The town's line" }
        value = "03-0000-0000"
        source = "https://town.example/"
        checked = 2026-11-01

        [[danger]]
        id = "too-broad"
        variants = ["回数券", "まとめて買う"]
        reply = { ja = "{help_lines}", en = "{help_lines}" }
        help_lines = ["town"]
    "#;
    std::fs::write(folder.path().join("safety.toml"), safety).expect("a file");
    let opened = Assistant::open(loaded(folder.path()), None, None);
    let (assistant, _) = opened.expect("an index in memory");
    let problems = self_retrieval(&assistant, now());
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let hint = "hint: narrow the variant in safety.toml";
    for part in [
        "entry \"pool-coupon\": its own question does not find it, but the reply of safety.toml",
        "entry \"pool-coupon\": `まとめて買うと安くなりますか` gets the reply of safety.toml",
    ] {
        let found = texts.iter().find(|text| text.contains(part));
        let found = found.unwrap_or_else(|| panic!("{part}: {texts:?}"));
        assert!(found.contains(hint), "{found}");
    }
}
