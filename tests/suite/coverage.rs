//! Coverage is a property of each entry: entries without variants change nothing for the others, and
//! variants help their own entry in any folder.

use std::sync::Arc;

use madoguchi::answer::{Assistant, Conversation, Outcome};
use madoguchi::evaluate::{self, Figures};
use madoguchi::knowledge::KnowledgeBase;
use madoguchi::search::{Candidate, Subject};

use crate::made_up;
use crate::support::block_on;
use crate::support::knowledge::{loaded, now, project, question, shipped};

/// Greatest fall of a figure that may come from other entries.
const MAX_FALL: f64 = 0.02;

/// Number of shipped entries that keep their variants among entries without.
const COVERED: usize = 3;

/// Returns made-up knowledge of a number of entries without variants.
fn bare(entries: usize) -> KnowledgeBase {
    let folder = tempfile::tempdir().unwrap();
    let phrases = entries * made_up::PHRASES_PER_ENTRY;
    made_up::write(folder.path(), phrases, 16).unwrap();
    let mut bare = loaded(folder.path()).bare();
    assert_eq!(bare.entries.len(), entries);
    // The weights and words of the shipped knowledge stay.
    let shipped = shipped().knowledge();
    bare.calibration.clone_from(&shipped.calibration);
    bare
}

/// Opens the shipped knowledge with a number of entries without variants beside it.
fn shipped_with(entries: usize) -> Assistant {
    let mut knowledge = (**shipped().knowledge()).clone();
    if entries > 0 {
        let bare = bare(entries);
        knowledge.entries.extend(bare.entries);
        knowledge.desks.extend(bare.desks);
    }
    Assistant::open(Arc::new(knowledge), None, None).unwrap().0
}

fn figures(assistant: &Assistant) -> Figures {
    let sets = ["jetro", "selas", "unseen"];
    let read = sets.iter().flat_map(|set| {
        let path = project(&format!("tests/questions/{set}.tsv"));
        evaluate::read(&path, assistant.knowledge()).unwrap()
    });
    let cases: Vec<_> = read.collect();
    block_on(evaluate::evaluate(assistant, &cases, now())).overall()
}

#[test]
fn entries_without_variants_do_not_change_the_answers_of_others() {
    let alone = figures(&shipped_with(0));
    for entries in [100, 195, 661] {
        let among = figures(&shipped_with(entries));
        let pairs = [
            ("hit@1", alone.hit_at_1, among.hit_at_1),
            ("hit@3", alone.hit_at_3, among.hit_at_3),
            ("answered right", alone.answered_right, among.answered_right),
            ("helped", alone.helped, among.helped),
            ("routed right", alone.routed_right, among.routed_right),
            // A wrong answer counts against.
            (
                "wrongly answered",
                among.wrongly_answered,
                alone.wrongly_answered,
            ),
        ];
        for (name, better, worse) in pairs {
            let fall = better.unwrap() - worse.unwrap();
            assert!(
                fall <= MAX_FALL,
                "{name} is {fall:.3} worse beside {entries} entries without variants"
            );
        }
    }
}

#[test]
fn well_covered_entries_are_answered_among_entries_without_variants() {
    let mut knowledge = bare(300);
    let entries = shipped().knowledge().entries.iter().take(COVERED);
    let entries: Vec<_> = entries.cloned().collect();
    let ids: Vec<_> = entries.iter().map(|entry| entry.id.clone()).collect();
    knowledge.lexicon = shipped().knowledge().lexicon.clone();
    knowledge.entries.extend(entries);
    knowledge
        .desks
        .extend(shipped().knowledge().desks.iter().cloned());
    let assistant = Assistant::open(Arc::new(knowledge), None, None).unwrap().0;
    let path = project("tests/questions/selas.tsv");
    let cases = evaluate::read(&path, shipped().knowledge()).unwrap();
    let is_about = |case: &&evaluate::Case| {
        let expected = case.single();
        ids.iter()
            .any(|id| expected.is_some_and(|expected| expected.is_entry(id)))
    };
    let cases: Vec<_> = cases.iter().filter(is_about).collect();
    let answered = |assistant: &Assistant| {
        let right = cases.iter().filter(|case| {
            let state = Conversation::new(now());
            let answer = assistant.answer_now(&question(&case.question), state, now());
            let entry = answer
                .entry
                .map(|entry| &assistant.knowledge().entries[entry].id);
            let is_right = entry.is_some_and(|id| case.parts.iter().any(|part| part.is_entry(id)));
            answer.outcome == Outcome::Answered && is_right
        });
        right.count()
    };
    let (among, alone) = (answered(&assistant), answered(shipped()));
    assert!(
        among + 1 >= alone,
        "{among} of {} are answered, {alone} in the shipped knowledge",
        cases.len()
    );
}

#[test]
fn each_variant_raises_the_coverage_of_its_own_entry_only() {
    let mut knowledge = (**shipped().knowledge()).clone();
    let coverage = |knowledge: &KnowledgeBase| {
        let opened = Assistant::open(Arc::new(knowledge.clone()), None, None);
        let assistant = opened.unwrap().0;
        let of = |entry| assistant.searcher().coverage(Subject::Entry(entry));
        [of(0), of(1)]
    };
    assert_eq!(coverage(&knowledge), [1.0, 1.0]);
    knowledge.entries[0].variants.truncate(2);
    let [few, other] = coverage(&knowledge);
    knowledge.entries[0].variants.clear();
    assert!(0.0 < few && few < 1.0, "{few}");
    assert_eq!(other, 1.0);
    assert_eq!(coverage(&knowledge), [0.0, 1.0]);
}

/// Opens a desk of entries without variants.
fn childcare() -> Arc<Assistant> {
    let folder = crate::support::knowledge::base();
    let entries = [
        (
            "保育園のポイントの計算方法を教えてください。",
            "就労の時間で計算します。",
        ),
        ("保育園の領収書は発行できますか？", "窓口で発行します。"),
        ("保育料はいくらですか？", "世帯の税額で決まります。"),
        (
            "市政のテーマを募集していますか？",
            "毎年テーマを募集します。",
        ),
        ("児童館の駐車場は土曜日も使えますか？", "使えます。"),
        ("コミュニティバスについて", "毎日走ります。"),
        ("移動図書館について", "無料で使えます。"),
    ];
    let entries = entries.iter().enumerate().map(|(number, (question, answer))| {
        format!(
            "[[entry]]\nid = \"childcare-{number}\"\nquestion = \"{question}\"\nanswer = \"{answer}\"\n\
             category = \"保育\"\n\n[entry.source]\ndocument = \"しおり\"\nsection = \"{number}\"\n\n"
        )
    });
    let file = folder.path().join("library/childcare.toml");
    std::fs::write(file, entries.collect::<String>()).unwrap();
    crate::support::knowledge::assistant(folder.path())
}

#[test]
fn words_that_an_entry_lacks_make_it_less_certain() {
    let assistant = childcare();
    let searcher = assistant.searcher();
    let threshold = |text: &str| {
        let analysis = searcher.analyze(text);
        let ranking = searcher.rank(&searcher.score(&analysis, None), &analysis, None);
        let (entry, _) = ranking.entries().next().unwrap();
        let id = assistant.knowledge().entries[entry].id.as_str();
        assert_eq!(id, "childcare-0", "{text}");
        ranking.answer_threshold(0.9, entry)
    };
    let own = threshold("保育園のポイントの計算方法は？");
    let other = threshold("楽天のポイントの計算方法は？");
    assert!(own < other, "{own} {other}");
}

#[test]
fn an_entry_about_more_than_was_asked_is_less_certain() {
    let assistant = childcare();
    let searcher = assistant.searcher();
    let unasked = |text: &str| {
        let candidates = searcher.score(&searcher.analyze(text), None);
        let best = candidates.iter().max_by(|a, b| {
            let of = |candidate: &Candidate| candidate.scores.dice_words;
            of(a).total_cmp(&of(b))
        });
        best.unwrap().scores.unasked_words
    };
    // The same words, with their synonym groups, in another order.
    assert_eq!(unasked("土曜日も使えますか、児童館の駐車場は"), 0.0);
    assert!(unasked("土曜日も使えますか") > 0.5);
    let answered_from = |text: &str| {
        let answer = assistant.answer_now(&question(text), Conversation::new(now()), now());
        let explanation = assistant.explain(answer).unwrap();
        assert_eq!(explanation.subjects[0].id, "childcare-4", "{text}");
        explanation.answered_from
    };
    let same = answered_from("土曜日も児童館の駐車場は使えますか");
    let general = answered_from("土曜日も使えますか");
    assert!(same < general, "{same} {general}");
}

#[test]
fn a_question_about_a_charge_needs_an_entry_that_tells_of_it() {
    let assistant = childcare();
    for (text, expected) in [
        ("コミュニティバスはタダですか", Outcome::Escalated),
        ("移動図書館は無料ですか", Outcome::Answered),
        ("移動図書館の月額", Outcome::Escalated),
    ] {
        let answer = assistant.answer_now(&question(text), Conversation::new(now()), now());
        assert_eq!(answer.outcome, expected, "{text}");
    }
}

#[test]
fn words_divided_by_spaces_are_found_in_kana() {
    let assistant = childcare();
    let words = |text: &str| {
        let words = assistant.searcher().analyze(text).words;
        words.into_iter().map(|word| word.text).collect::<Vec<_>>()
    };
    let words_of_kana = words("ほいくえんに 行って います。りょうしゅうしょが ほしいです。");
    assert!(
        words_of_kana.contains(&"領収".to_owned()),
        "{words_of_kana:?}"
    );
    // て い ま is no テーマ.
    let divided = words("がっこうで いじめられて います。");
    assert!(!divided.contains(&"テーマ".to_owned()), "{divided:?}");
    let fee = words("保育料って いくら");
    assert!(fee.contains(&"料".to_owned()), "{fee:?}");
}
