//! Questions to a selected desk: its own entries are answers, those of other desks suggestions.

use madoguchi::answer::{Answer, Conversation, Outcome, Question};
use madoguchi::knowledge::{DeskId, Language};

use crate::support::knowledge::{now, shipped};

fn ask(desk: Option<&str>, text: &str) -> Answer {
    let desk = desk.map(|desk| DeskId::parse(desk).unwrap());
    let question = Question {
        text,
        desk: desk.as_ref(),
        language: Language::Japanese,
    };
    shipped().answer_now(&question, Conversation::new(now()), now())
}

/// Asks a question and checks that an entry is the first suggestion.
fn assert_suggested(desk: Option<&str>, text: &str, first: &str) -> Answer {
    let answer = ask(desk, text);
    let message = &answer.message;
    assert_eq!(answer.outcome, Outcome::Suggested, "{text}: {message}");
    assert_eq!(id(answer.suggestions[0].0), first, "{desk:?}: {text}");
    answer
}

fn id(position: usize) -> &'static str {
    shipped().knowledge().entries[position].id.as_str()
}

#[test]
fn an_entry_of_another_desk_is_suggested() {
    for (desk, text, suggested) in [
        ("jetro", "退会したい", "selas-cancel-paid-membership"),
        ("jetro", "セミナーに申し込みたい", "selas-join-seminar"),
        ("jetro", "SELASの退会方法", "selas-cancel-paid-membership"),
        (
            "selas",
            "Alibaba.comの会員番号がわからない",
            "jetro-member-number",
        ),
        ("alibaba", "退会したい", "selas-cancel-paid-membership"),
    ] {
        let message = assert_suggested(Some(desk), text, suggested).message;
        assert!(message.contains("ご質問でしたら"), "{message}");
    }
}

#[test]
fn an_entry_of_the_selected_desk_is_the_answer() {
    for entry in &shipped().knowledge().entries {
        let answer = ask(Some(entry.desk.as_str()), &entry.question);
        let found = answer.entry.map(id);
        assert_eq!(found, Some(entry.id.as_str()), "{}", entry.question);
    }
    // Two desks have a referral for receipts; the selected one is used.
    for desk in ["selas", "jetro"] {
        let answer = ask(Some(desk), "領収書がほしい");
        let escalation = answer.escalation.expect("a desk");
        assert_eq!(escalation.desk.expect("one desk").as_str(), desk);
    }
}

#[test]
fn the_name_of_a_programme_alone_leads_to_suggestions() {
    for (text, first) in [
        ("SELAS", "selas-how-to-register"),
        ("セラスって何ですか", "selas-how-to-register"),
        ("What is SELAS?", "selas-how-to-register"),
        ("アリババとは", "jetro-support-services"),
    ] {
        assert_suggested(None, text, first);
    }
}
