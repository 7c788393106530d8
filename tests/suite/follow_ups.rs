//! Conversations: questions that lean on the one before, choices by number, "that did not help".

use jiff::{SignedDuration, Timestamp};
use madoguchi::answer::{Answer, Conversation, Outcome, Question, Reason};
use madoguchi::knowledge::Language;

use crate::support::knowledge::{now, shipped};

fn say(text: &str, conversation: Conversation, at: Timestamp) -> Answer {
    let question = Question {
        text,
        desk: None,
        language: Language::Japanese,
    };
    shipped().answer_now(&question, conversation, at)
}

/// Says one thing after the other and returns the last answer.
fn converse(texts: &[&str]) -> Answer {
    let mut conversation = Conversation::new(now());
    let mut last = None;
    for text in texts {
        let answer = say(text, conversation, now());
        conversation = answer.conversation.clone();
        last = Some(answer);
    }
    last.unwrap()
}

fn entry(answer: &Answer) -> Option<&str> {
    let entries = &shipped().knowledge().entries;
    answer.entry.map(|index| entries[index].id.as_str())
}

#[test]
fn another_case_of_the_same_is_understood() {
    let rows = [
        (
            ["商品登録に必要な情報は何ですか", "サービスなら？"],
            "selas-product-registration",
        ),
        (
            ["オンラインセミナーに参加したい", "商談会だったら？"],
            "selas-join-business-meeting",
        ),
        (
            ["会費の支払い方法を教えてください", "それはいつ？"],
            "selas-payment-method",
        ),
        (
            ["プロモーションはどんな内容ですか", "それはいつ？"],
            "jetro-promotion-start",
        ),
    ];
    for (texts, expected) in rows {
        let answer = converse(&texts);
        let offered = answer.suggestions.iter();
        let offered: Vec<&str> = offered
            .map(|(index, _)| shipped().knowledge().entries[*index].id.as_str())
            .collect();
        assert!(
            entry(&answer) == Some(expected) || offered.first() == Some(&expected),
            "{texts:?} gave {:?} {offered:?}, expected {expected}",
            entry(&answer)
        );
    }
}

#[test]
fn the_same_words_without_context_are_not_answered() {
    assert_ne!(converse(&["それはいつ？"]).outcome, Outcome::Answered);
    assert_ne!(converse(&["サービスなら？"]).outcome, Outcome::Answered);
}

#[test]
fn a_question_that_stands_alone_is_not_bent_by_what_came_before() {
    let answer = converse(&["有料会員をやめたい", "通訳は自分で手配しますか"]);
    assert_eq!(entry(&answer), Some("selas-interpreter"));
    // Two words are enough for a subject of their own, even one that nobody answers here.
    let answer = converse(&["通訳は自分で手配しますか", "SELASの領収書"]);
    assert_eq!(answer.outcome, Outcome::Escalated, "{}", answer.message);
}

#[test]
fn no_help_twice_leads_to_the_desk() {
    let first = converse(&["有料会員をやめたい", "役に立ちませんでした"]);
    assert_eq!(first.outcome, Outcome::Suggested, "{}", first.message);
    let second = converse(&[
        "有料会員をやめたい",
        "役に立ちませんでした",
        "解決しませんでした",
    ]);
    assert_eq!(second.outcome, Outcome::Escalated);
    let escalation = second.escalation.unwrap();
    assert_eq!(escalation.reason, Reason::NotHelpful);
    assert_eq!(escalation.desk.unwrap().as_str(), "selas");
    assert!(
        !escalation.draft.body.contains("解決しませんでした"),
        "a complaint is no question: {}",
        escalation.draft.body
    );
}

#[test]
fn a_suggestion_is_chosen_by_its_number() {
    let mut conversation = Conversation::new(now());
    let ids = ["selas-interpreter", "selas-sample-delivery"];
    let entries = shipped().knowledge().entries.iter();
    let offered = entries.filter(|entry| ids.contains(&entry.id.as_str()));
    conversation.offered = offered.map(|entry| entry.id.clone()).collect();
    conversation.is_choosing = true;
    let answer = say("２番", conversation.clone(), now());
    assert_eq!(entry(&answer), Some("selas-sample-delivery"));
    // A number that was not offered is a question like any other.
    assert_ne!(say("9", conversation, now()).outcome, Outcome::Answered);
}

#[test]
fn a_conversation_is_over_after_half_an_hour() {
    let first = say("商品登録に必要な情報", Conversation::new(now()), now());
    let later = now() + SignedDuration::from_mins(31);
    let answer = say("サービスなら？", first.conversation, later);
    assert_ne!(answer.outcome, Outcome::Answered);
}

#[test]
fn a_person_is_named_when_one_is_asked_for() {
    let answer = converse(&["担当者と話したい"]);
    let escalation = answer.escalation.unwrap();
    assert_eq!(escalation.reason, Reason::PersonRequested);
    assert!(escalation.desk.is_none());
    let ids: Vec<&str> = escalation
        .contact_points
        .iter()
        .map(|p| p.id.as_str())
        .collect();
    assert!(ids.contains(&"selas-inquiry-form") && ids.contains(&"jetro-consortium-telephone"));
}

#[test]
fn what_a_document_does_not_answer_goes_to_its_desk() {
    for (text, desk, point) in [
        ("SELASの領収書がほしい", "selas", "selas-inquiry-form"),
        (
            "アリババの支援プログラムの応募締切はいつ",
            "jetro",
            "jetro-consortium-telephone",
        ),
    ] {
        let answer = converse(&[text]);
        assert_eq!(answer.outcome, Outcome::Escalated, "{text}");
        let escalation = answer.escalation.unwrap();
        assert_eq!(escalation.desk.unwrap().as_str(), desk, "{text}");
        let points = &escalation.contact_points;
        let found = points
            .iter()
            .find(|known| known.id.as_str() == point)
            .unwrap();
        assert_eq!(found.hours.is_some(), desk == "jetro", "{text}");
    }
}
