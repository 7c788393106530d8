//! A change of an answer that is prepared: two entries that share questions and are valid at different
//! times.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use madoguchi::answer::{Conversation, Outcome};
use tempfile::TempDir;

use crate::support::knowledge::{assistant, base, question};
use crate::support::process::run;

/// Writes the entry of the fee twice: until a day, and again from a day on.
fn prepared(until: &str, from: &str) -> TempDir {
    let folder = base();
    let entry = |id: &str, price: &str, date: &str| {
        format!(
            "[[entry]]\nid = \"{id}\"\ncategory = \"料金\"\nquestion = \"ロッカーはいくらですか？\"\n\
             variants = [\"ロッカーの(料金|値段)\"]\nanswer = \"一回 {price} 円です。\"\n\
             source = {{ document = \"プールのご案内\", section = \"料金\" }}\n{date}\n"
        )
    };
    let old = entry("pool-locker", "100", &format!("valid_until = {until}"));
    let new = entry("pool-locker-2027", "200", &format!("valid_from = {from}"));
    fs::write(
        folder.path().join("pool/locker.toml"),
        format!("{old}\n{new}"),
    )
    .unwrap();
    folder
}

fn answered(folder: &Path, text: &str, day: &str) -> String {
    let assistant = assistant(folder);
    let time: Timestamp = format!("{day}T12:00:00+09:00").parse().unwrap();
    let answer = assistant.answer_now(&question(text), Conversation::new(time), time);
    assert_eq!(answer.outcome, Outcome::Answered, "{text} on {day}");
    let entry = answer.entry.unwrap();
    assistant.knowledge().entries[entry].id.to_string()
}

#[test]
fn the_entry_that_is_valid_on_the_day_answers_the_questions_of_both() {
    let folder = prepared("2027-03-31", "2027-04-01");
    run(folder.path(), &["check"]).assert_prints(&["0 problems"]);
    for text in [
        "ロッカーはいくらですか？",
        "ロッカーの値段",
        "ロッカーの料金を知りたい",
    ] {
        assert_eq!(
            answered(folder.path(), text, "2027-03-31"),
            "pool-locker",
            "{text}"
        );
        assert_eq!(
            answered(folder.path(), text, "2027-04-01"),
            "pool-locker-2027",
            "{text}"
        );
    }
}

#[test]
fn entries_that_are_valid_on_the_same_day_share_no_question() {
    let folder = prepared("2027-04-01", "2027-04-01");
    let ended = run(folder.path(), &["check"]);
    ended.assert_code(1);
    ended.assert_prints(&[
        "entry \"pool-locker-2027\" and entry \"pool-locker\" (pool/locker.toml:1) both have the text `ロッカーはいくらですか？`",
        "both are valid on the same days",
    ]);
}

#[test]
fn a_third_entry_is_compared_with_each_of_the_others() {
    let folder = prepared("2027-03-31", "2027-04-01");
    let file = folder.path().join("pool/locker.toml");
    let text = fs::read_to_string(&file).unwrap();
    let third = text
        .split("\n\n")
        .nth(1)
        .unwrap()
        .replace("pool-locker-2027", "pool-locker-twice");
    fs::write(&file, format!("{text}\n{third}")).unwrap();
    let ended = run(folder.path(), &["check"]);
    ended.assert_code(1);
    ended.assert_prints(&["entry \"pool-locker-twice\" and entry \"pool-locker-2027\""]);
}

/// An entry may be split: each part takes the questions that it shares with the old one.
#[test]
fn the_parts_of_an_entry_that_was_split_answer_their_own_questions() {
    let folder = base();
    let entry = |id: &str, question: &str, variant: &str, answer: &str, date: &str| {
        format!(
            "[[entry]]\nid = \"{id}\"\ncategory = \"料金\"\nquestion = \"{question}\"\n\
             variants = [{variant}]\nanswer = \"{answer}\"\n\
             source = {{ document = \"プールのご案内\", section = \"料金\" }}\n{date}\n"
        )
    };
    let (locker, towel) = (
        "ロッカーはいくらですか？",
        "バスタオルの貸し出しはありますか",
    );
    let variant = format!("\"{towel}\"");
    let (until, from) = ("valid_until = 2027-03-31", "valid_from = 2027-04-01");
    let entries = [
        entry(
            "pool-both",
            locker,
            &variant,
            "百円です。タオルもあります。",
            until,
        ),
        entry("pool-locker", locker, "", "二百円です。", from),
        entry("pool-towel", towel, "", "タオルは三百円です。", from),
    ];
    fs::write(folder.path().join("pool/locker.toml"), entries.join("\n")).unwrap();
    let on = |text, day| answered(folder.path(), text, day);
    assert_eq!(on(towel, "2027-03-31"), "pool-both");
    assert_eq!(on(locker, "2027-04-01"), "pool-locker");
    assert_eq!(on(towel, "2027-04-01"), "pool-towel");
}
