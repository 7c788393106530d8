//! Conversations: follow-up questions, choices by number, answers that did not help.

use jiff::SignedDuration;
use madoguchi::answer::{Answer, Conversation, Outcome, Reason};

use crate::support::knowledge::{ask_in, now, question, shipped};

/// Sends messages in one conversation and returns the last answer.
fn converse(texts: &[&str]) -> Answer {
    let mut conversation = Conversation::new(now());
    let mut last = None;
    for text in texts {
        let answer = ask_in(conversation, text);
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
fn a_follow_up_is_understood_only_in_its_context() {
    for (question, follow_up, expected) in [
        (
            "商品登録に必要な情報は何ですか",
            "サービスなら？",
            "selas-product-registration",
        ),
        (
            "オンラインセミナーに参加したい",
            "商談会だったら？",
            "selas-join-business-meeting",
        ),
        (
            "会費の支払い方法を教えてください",
            "それはいつ？",
            "selas-payment-method",
        ),
        (
            "プロモーションはどんな内容ですか",
            "それはいつ？",
            "jetro-promotion-start",
        ),
    ] {
        let answer = converse(&[question, follow_up]);
        let entries = &shipped().knowledge().entries;
        let suggested = answer.suggestions.first();
        let suggested = suggested.map(|(index, _)| entries[*index].id.as_str());
        let found = entry(&answer).or(suggested);
        assert_eq!(found, Some(expected), "{question} {follow_up}");
    }
    for follow_up in ["それはいつ？", "サービスなら？"] {
        assert_ne!(converse(&[follow_up]).outcome, Outcome::Answered);
    }
}

#[test]
fn a_complete_question_is_not_changed_by_the_context() {
    let answer = converse(&["有料会員をやめたい", "通訳は自分で手配しますか"]);
    assert_eq!(entry(&answer), Some("selas-interpreter"));
    // Two words are a question of their own, even about a subject without an entry.
    let answer = converse(&["通訳は自分で手配しますか", "SELASの領収書"]);
    assert_eq!(answer.outcome, Outcome::Escalated, "{}", answer.message);
}

#[test]
fn a_second_message_that_it_did_not_help_leads_to_the_desk() {
    let first = converse(&["有料会員になると何ができますか", "役に立ちませんでした"]);
    assert_eq!(first.outcome, Outcome::Suggested, "{}", first.message);
    let second = converse(&[
        "有料会員になると何ができますか",
        "役に立ちませんでした",
        "解決しませんでした",
    ]);
    assert_eq!(second.outcome, Outcome::Escalated);
    let escalation = second.escalation.unwrap();
    assert_eq!(escalation.reason, Reason::NotHelpful);
    assert_eq!(escalation.desk.unwrap().as_str(), "selas");
    assert!(
        !escalation.draft.body.contains("解決しませんでした"),
        "a complaint is not a question: {}",
        escalation.draft.body
    );
}

#[test]
fn a_suggestion_can_be_chosen_by_number() {
    let mut conversation = Conversation::new(now());
    let ids = ["selas-interpreter", "selas-sample-delivery"];
    let entries = shipped().knowledge().entries.iter();
    let offered = entries.filter(|entry| ids.contains(&entry.id.as_str()));
    conversation.offered = offered.map(|entry| entry.id.clone()).collect();
    conversation.is_choosing = true;
    let answer = ask_in(conversation.clone(), "２番");
    assert_eq!(entry(&answer), Some("selas-sample-delivery"));
    // A number outside the list is treated as a question.
    assert_ne!(ask_in(conversation, "9").outcome, Outcome::Answered);
}

#[test]
fn the_context_expires_after_half_an_hour() {
    let first = converse(&["商品登録に必要な情報"]);
    let later = now() + SignedDuration::from_mins(31);
    let answer = shipped().answer_now(&question("サービスなら？"), first.conversation, later);
    assert_ne!(answer.outcome, Outcome::Answered);
}

#[test]
fn a_request_for_a_person_lists_contact_points() {
    let answer = converse(&["担当者と話したい"]);
    let escalation = answer.escalation.unwrap();
    assert_eq!(escalation.reason, Reason::PersonRequested);
    assert!(escalation.desk.is_none());
    let points = escalation.contact_points.iter();
    let ids: Vec<&str> = points.map(|point| point.id.as_str()).collect();
    assert!(ids.contains(&"selas-inquiry-form") && ids.contains(&"jetro-consortium-telephone"));
}

#[test]
fn a_subject_without_an_entry_is_escalated_to_its_desk() {
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
        let mut points = escalation.contact_points.iter();
        let found = points.find(|known| known.id.as_str() == point).unwrap();
        assert_eq!(found.hours.is_some(), desk == "jetro", "{text}");
    }
}
