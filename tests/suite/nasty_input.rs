//! Malformed and hostile input: no panic, no invalid number, and a sensible outcome.

use madoguchi::answer::{Answer, Conversation, Outcome, Reason};
use madoguchi::knowledge::EntryId;
use proptest::prelude::*;

use crate::support::knowledge::{ask_in, now, shipped};

/// The entry that explains how to cancel a paid membership, as an outcome.
const CANCEL: &str = "answered selas-cancel-paid-membership";

fn ask(text: &str) -> Answer {
    ask_in(Conversation::new(now()), text)
}

/// Formats an answer like the rows of the tables: the outcome, and the entry or the reason.
fn outcome(answer: &Answer) -> String {
    let entries = &shipped().knowledge().entries;
    let entry = answer.entry.map(|index| entries[index].id.to_string());
    let reason = answer.escalation.as_ref().map(|e| e.reason.name());
    let suggested = answer.suggestions.iter();
    let suggested = suggested.map(|(index, _)| entries[*index].id.as_str());
    let detail = match answer.outcome {
        Outcome::Suggested => suggested.collect::<Vec<_>>().join("|"),
        _ => entry.or(reason.map(str::to_owned)).unwrap_or_default(),
    };
    format!("{} {detail}", answer.outcome.name())
        .trim_end()
        .to_owned()
}

fn is_probability(number: f32) -> bool {
    number.is_finite() && (-1e-5..=1.0 + 1e-5).contains(&number)
}

#[test]
fn malformed_input_gets_a_sensible_outcome() {
    let long = "解約".repeat(5_000);
    let long_rubbish = "ゑ".repeat(10_000);
    let combining = format!("か{}", "\u{3099}".repeat(500));
    let rows = [
        // No readable character.
        ("", "escalated unreadable"),
        (" \t\r\n", "escalated unreadable"),
        ("\u{3000}", "escalated unreadable"),
        ("\u{200b}\u{200d}\u{feff}", "escalated unreadable"),
        ("\u{202e}\u{200f}", "escalated unreadable"),
        ("\0", "escalated unreadable"),
        ("?", "escalated unreadable"),
        ("。。。！？", "escalated unreadable"),
        ("🐈", "escalated unreadable"),
        ("👩‍👩‍👧‍👦🇯🇵", "escalated unreadable"),
        // A question with noise around it.
        ("有料会員の解約(退会) AND \"方法\"", CANCEL),
        ("+有料会員 -解約:* ~2 ^3", CANCEL),
        ("有料会員を\u{200b}解約\u{200b}したい", CANCEL),
        ("\u{202e}有料会員を解約したい\u{202c}", CANCEL),
        ("<b>有料会員を解約したい</b>", CANCEL),
        ("有料会員を解約したい\0", CANCEL),
        ("有料会員を解約したい🙏🙏🙏", CANCEL),
        ("ｶｲﾔｸ ｼﾀｲ", CANCEL),
        ("ＳＥＬＡＳの有料会員をやめたい", CANCEL),
        ("有料会員を\n\n解約\r\nしたい", CANCEL),
        // Readable, but unrelated to the knowledge.
        ("<script>alert(1)</script>", "escalated"),
        ("'; DROP TABLE entries; --", "escalated"),
        ("../../../../etc/passwd", "escalated"),
        ("%00%0a${jndi:ldap://x}{{7*7}}", "escalated"),
        ("asdfghjkl qwertyuiop", "escalated"),
        ("١٢٣٤٥ مرحبا", "escalated"),
        (&long_rubbish, "escalated"),
        (&combining, "escalated"),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in rows {
        let answer = ask(text);
        let found = outcome(&answer);
        // The reason of the escalation does not matter.
        let is_right =
            found == expected || (expected == "escalated" && found.starts_with(expected));
        if !is_right {
            let shown: String = text.chars().take(40).collect();
            let analysis = shipped().searcher().analyze(text);
            let normalized: String = analysis.normalized.chars().take(40).collect();
            wrong.push(format!(
                "{shown:?} (read as {normalized:?}): {found}, expected {expected}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    // A long question is truncated to the limit.
    assert!(is_probability(ask(&long).confidence));
}

#[test]
fn width_and_case_do_not_change_the_answer() {
    let pairs = [
        ("ｶｲﾔｸ ｼﾀｲ", "カイヤク シタイ"),
        ("ＳＥＬＡＳ　の　会費", "SELAS の 会費"),
        ("selasの会費は？", "SELASの会費は？"),
        ("ＪＡＮコード（必須）", "JANコード(必須)"),
        ("３,５００円", "3,500円"),
        ("ﾃﾞﾓ", "デモ"),
    ];
    for (one, other) in pairs {
        let (first, second) = (ask(one), ask(other));
        assert_eq!(outcome(&first), outcome(&second), "{one} and {other}");
        let difference = (first.confidence - second.confidence).abs();
        assert!(
            difference < 1e-4,
            "{one} and {other} differ by {difference}"
        );
    }
}

#[test]
fn unreadable_input_names_no_desk_and_keeps_the_conversation() {
    let mut conversation = Conversation::new(now());
    let entry = EntryId::parse("selas-interpreter").expect("an id");
    conversation.last_entry = Some(entry.clone());
    let answer = ask_in(conversation, "🐈");
    assert_eq!(answer.outcome, Outcome::Escalated);
    let escalation = answer.escalation.expect("a way to a person");
    assert_eq!(escalation.reason, Reason::Unreadable);
    assert_eq!(escalation.desk, None);
    assert_eq!(answer.conversation.last_entry, Some(entry));
}

/// Any text: all of Unicode, pieces of real questions, and both joined.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[ぁ-ヿ一-龠]{0,12}",
        "[｡-ﾟ！-～]{0,12}",
        "[ -~]{0,20}",
        "[\u{0}-\u{1f}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{feff}]{0,4}",
        prop::sample::select(vec![
            "有料会員を解約したい",
            "日割り",
            "通訳",
            "SELAS",
            "アリババ",
            "担当者と話したい",
            "ありがとう",
            "それはいつ？",
            "kaiyaku shitai",
            "ｹｯｻｲ",
            "3",
            "はい",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_text_gets_an_answer_with_valid_numbers(text in any_text()) {
        let assistant = shipped();
        let answer = ask(&text);
        prop_assert!(is_probability(answer.confidence), "confidence {}", answer.confidence);
        prop_assert!(!answer.message.is_empty() || answer.outcome == Outcome::Answered);
        prop_assert_eq!(answer.entry.is_some(), answer.outcome == Outcome::Answered);
        for (_, probability) in &answer.suggestions {
            prop_assert!(is_probability(*probability), "suggested with {probability}");
        }
        for hit in assistant.suggest(&text, None, 0..10, now()).hits {
            prop_assert!(is_probability(hit.score), "score {}", hit.score);
        }
        let explanation = assistant.explain(answer).unwrap();
        prop_assert!(is_probability(explanation.nothing));
        for subject in &explanation.subjects {
            prop_assert!(is_probability(subject.probability));
        }
    }

    #[test]
    fn the_probabilities_of_any_ranking_sum_to_one(text in any_text()) {
        let searcher = shipped().searcher();
        let question = searcher.analyze(&text);
        let ranking = searcher.rank(&searcher.score(&question, None), &question, None);
        let sum: f32 = ranking.subjects.iter().map(|ranked| ranked.probability).sum();
        prop_assert!((sum + ranking.nothing - 1.0).abs() < 1e-3, "{sum} + {}", ranking.nothing);
        let ordered = ranking.subjects.windows(2).all(|pair| pair[0].probability >= pair[1].probability);
        prop_assert!(ordered, "not sorted by probability");
    }

    #[test]
    fn a_conversation_survives_any_two_texts(first in any_text(), second in any_text()) {
        let conversation = ask(&first).conversation;
        let answer = ask_in(conversation, &second);
        prop_assert!(is_probability(answer.confidence));
    }
}
