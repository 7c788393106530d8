//! A desk that the member chose, as in that desk's own window: its knowledge answers, and what
//! another desk would answer is offered, never given as the answer.

use madoguchi::answer::{Answer, Conversation, Outcome, Question};
use madoguchi::knowledge::{DeskId, Language};

use crate::support::knowledge::{now, shipped};

fn ask(desk: &str, text: &str) -> Answer {
    let desk = DeskId::parse(desk).unwrap();
    let question = Question {
        text,
        desk: Some(&desk),
        language: Language::Japanese,
    };
    shipped().answer_now(&question, Conversation::new(now()), now())
}

fn id(position: usize) -> &'static str {
    shipped().knowledge().entries[position].id.as_str()
}

#[test]
fn another_desks_answer_is_offered_and_not_given() {
    for (desk, text, offered) in [
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
        let answer = ask(desk, text);
        assert_eq!(
            answer.outcome,
            Outcome::Suggested,
            "{desk}: {text}: {}",
            answer.message
        );
        let (position, _) = answer.suggestions[0];
        assert_eq!(id(position), offered, "{desk}: {text}");
        assert!(
            answer.message.contains("ご質問でしたら"),
            "{}",
            answer.message
        );
    }
}

#[test]
fn the_desks_own_knowledge_answers_as_ever() {
    for entry in &shipped().knowledge().entries {
        let answer = ask(entry.desk.as_str(), &entry.question);
        assert_eq!(
            answer.entry.map(id),
            Some(entry.id.as_str()),
            "{}",
            entry.question
        );
    }
    // Both desks know of receipts; each speaks for itself.
    for desk in ["selas", "jetro"] {
        let answer = ask(desk, "領収書がほしい");
        let escalation = answer.escalation.expect("a desk");
        assert_eq!(escalation.desk.expect("one desk").as_str(), desk);
    }
}

#[test]
fn a_programmes_name_alone_is_no_question() {
    for (text, first) in [
        ("SELAS", "selas-how-to-register"),
        ("セラスって何ですか", "selas-how-to-register"),
        ("What is SELAS?", "selas-how-to-register"),
        ("アリババとは", "jetro-support-services"),
    ] {
        let question = Question {
            text,
            desk: None,
            language: Language::Japanese,
        };
        let answer = shipped().answer_now(&question, Conversation::new(now()), now());
        assert_eq!(
            answer.outcome,
            Outcome::Suggested,
            "{text}: {}",
            answer.message
        );
        assert_eq!(id(answer.suggestions[0].0), first, "{text}");
    }
}
