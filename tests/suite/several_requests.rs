//! Messages with several requests: each is answered, in the order asked.

use madoguchi::answer::{Answer, Conversation, MAX_REQUESTS, Outcome, Part, render};
use madoguchi::knowledge::Language;
use serde_json::Value;

use crate::support::app::TestApp;
use crate::support::knowledge::{TODAY, ask_in, now, shipped};

fn ask(text: &str) -> Answer {
    ask_in(Conversation::new(now()), text)
}

/// Returns the entry of each answer, or the outcome.
fn results(answer: &Answer) -> Vec<String> {
    let entries = &shipped().knowledge().entries;
    let result = |answer: &Answer| match answer.entry {
        Some(index) => entries[index].id.to_string(),
        None => answer.outcome.name().to_owned(),
    };
    answer.all().map(result).collect()
}

#[test]
fn each_request_is_answered_in_the_order_asked() {
    let rows: &[(&str, &[&str])] = &[
        (
            "会員登録ってどうやるんですか？それとセミナーの申し込み方法もわかりません",
            &["selas-how-to-register", "selas-join-seminar"],
        ),
        (
            "1. 解約したいときはどうすればいいですか\n2. 月の途中で解約したら日割りになりますか",
            &["selas-cancel-paid-membership", "selas-prorated-fee"],
        ),
        (
            "・通訳は必要ですか\n・サンプルはどうやって渡せばいいですか\n・輸出の手続きがわかりません",
            &[
                "selas-interpreter",
                "selas-sample-delivery",
                "selas-export-procedure",
            ],
        ),
        (
            "有料会員やめたいんだけどどうすんの？あと領収書ちょうだい",
            &["selas-cancel-paid-membership", "escalated"],
        ),
        (
            "退会したい。あと通訳の手配も",
            &["selas-cancel-paid-membership", "selas-interpreter"],
        ),
        (
            "解約したいです。通訳の手配も教えてください",
            &["selas-cancel-paid-membership", "selas-interpreter"],
        ),
        (
            "What can free members do? Also, how do I register?",
            &["selas-free-membership", "selas-how-to-register"],
        ),
        (
            "お世話になっております。二点お伺いします。\n(1) 無料会員でできること\n(2) 商品登録に必要な情報\n\
             よろしくお願いいたします。",
            &["selas-free-membership", "selas-product-registration"],
        ),
    ];
    for (text, expected) in rows {
        let answer = ask(text);
        assert_eq!(results(&answer), *expected, "{text}");
        for part in answer.all() {
            let asked = part.asked.as_ref().unwrap();
            assert!(text.contains(asked) && asked.len() < text.len(), "{asked}");
            assert!(part.trace.is_some());
        }
    }
}

#[test]
fn a_coordination_is_split_if_both_halves_stand_by_themselves() {
    let rows: &[(&str, &[&str])] = &[
        (
            "採択の基準と、市の補助金を利用できるかを教えてください。",
            &["jetro-selection-criteria", "jetro-municipal-subsidy"],
        ),
        (
            "オンライン商談会の参加方法、ならびに会費の支払い方法をお教えください。",
            &["selas-join-business-meeting", "selas-payment-method"],
        ),
        (
            "商談会に申し込みたいのと、輸出の手続きも手伝ってほしい",
            &["selas-join-business-meeting", "selas-export-procedure"],
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(results(&ask(text)), *expected, "{text}");
    }
    for text in [
        "無料会員と有料会員の違いは何ですか",
        "海外の会社と商談するときに通訳は要りますか",
        "自治体の補助金と併用できますか",
        "見本品の宛先と手配はどうなりますか",
        "会費は銀行振込ですか、それともカードですか",
    ] {
        let answer = ask(text);
        assert!(answer.also.is_empty(), "{text}: {:?}", results(&answer));
    }
}

#[test]
fn a_request_said_twice_is_one() {
    for text in [
        "有料会員をやめたいです。あと、解約の方法を教えてください。",
        "通訳は必要ですか？通訳を自分で手配しないといけませんか？",
    ] {
        let answer = ask(text);
        assert_eq!(results(&answer).len(), 1, "{text}: {:?}", results(&answer));
        assert_eq!(answer.outcome, Outcome::Answered, "{text}");
    }
}

/// Alone, 「支払方法」 is a subject of the other desk.
#[test]
fn a_part_belongs_to_the_desk_of_the_parts_that_are_sure() {
    let answer = ask("①有料会員の料金 ②支払方法");
    assert_eq!(results(&answer)[0], "selas-paid-membership");
    let escalation = answer.also[0].escalation.as_ref().unwrap();
    assert_eq!(escalation.desk.as_ref().unwrap().as_str(), "selas");
    let alone = ask("支払方法").escalation.unwrap();
    assert_eq!(alone.desk.unwrap().as_str(), "jetro");
}

#[test]
fn at_most_three_requests_are_answered() {
    let answer = ask(
        "①有料会員の解約方法 ②通訳は必要ですか ③サンプルの渡し方 ④オンラインセミナーの申し込み方法",
    );
    assert_eq!(answer.all().count(), MAX_REQUESTS);
    assert!(
        answer
            .message
            .starts_with("一度にお答えできるご質問は3つまでです。"),
        "{}",
        answer.message
    );
    let three = ask("①有料会員の解約方法 ②通訳は必要ですか ③サンプルの渡し方");
    assert!(!three.message.contains("一度に"), "{}", three.message);
}

#[test]
fn requests_are_joined_by_connectives_of_order_and_of_another_matter() {
    let rows: &[(&str, &[&str])] = &[
        (
            "まず通訳は必要ですか、次にサンプルの渡し方、最後に輸出の手続きです。",
            &[
                "selas-interpreter",
                "selas-sample-delivery",
                "selas-export-procedure",
            ],
        ),
        (
            "採択の基準を知りたいです。それとは別に、返金はありますか。",
            &["jetro-selection-criteria", "jetro-refund"],
        ),
        (
            "会員登録の方法がわからん。で、オンラインセミナーにはどうやって申し込むの？",
            &["selas-how-to-register", "selas-join-seminar"],
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(results(&ask(text)), *expected, "{text}");
    }
}

#[test]
fn a_draft_has_the_whole_message() {
    let text = "有料会員をやめたい。あと領収書ちょうだい";
    let answer = ask(text);
    let draft = &answer.also[0].escalation.as_ref().unwrap().draft;
    assert!(draft.body.contains(text), "{}", draft.body);
    assert_eq!(draft.subject, "お問い合わせ：領収書ちょうだい");
}

#[test]
fn after_several_answers_a_number_chooses_one_of_them() {
    let answer = ask("通訳は必要ですか。また、商談会に参加するにはどうすればいいですか。");
    let (first, second) = (answer.entry, answer.also[0].entry);
    assert_eq!(ask_in(answer.conversation.clone(), "2").entry, second);
    assert_eq!(ask_in(answer.conversation, "最初の").entry, first);
}

#[test]
fn numbers_choose_from_all_lists_together() {
    let text = "1. 会費\n2. 採択";
    let answer = ask(text);
    let lists: Vec<usize> = answer.all().map(|part| part.suggestions.len()).collect();
    assert_eq!(lists.len(), 2, "{:?}", results(&answer));
    assert!(
        lists.iter().all(|length| *length > 0),
        "{:?}",
        results(&answer)
    );
    let reply = render(&answer, shipped().knowledge(), Language::Japanese, TODAY);
    let numbers = reply.parts.iter().flat_map(|part| match part {
        Part::Choices(choices) => choices.iter().map(|(number, _)| *number).collect(),
        _ => Vec::new(),
    });
    let numbers: Vec<usize> = numbers.collect();
    assert_eq!(numbers, (1..=lists[0] + lists[1]).collect::<Vec<_>>());
    // The first of the second list.
    let (expected, _) = answer.also[0].suggestions[0];
    let chosen = ask_in(answer.conversation, &(lists[0] + 1).to_string());
    assert_eq!(chosen.entry, Some(expected));
}

#[test]
fn the_conversation_goes_on_from_the_last_answer() {
    let answer = ask("通訳は必要ですか。また、商談会に参加するにはどうすればいいですか。");
    let last = answer.conversation.last_entry.clone().unwrap();
    assert_eq!(last.as_str(), "selas-join-business-meeting");
    assert!(
        answer
            .also
            .iter()
            .all(|part| part.conversation == answer.conversation)
    );
}

#[tokio::test]
async fn the_api_returns_the_further_answers() {
    let app = TestApp::start().await;
    let answer = app
        .ask_question("有料会員をやめたい。あと領収書ちょうだい")
        .await;
    assert_eq!(answer["asked"], "有料会員をやめたい。");
    let also = answer["also"].as_array().unwrap();
    let [further] = also.as_slice() else {
        panic!("{answer}");
    };
    let mut keys: Vec<&String> = further.as_object().unwrap().keys().collect();
    keys.sort_unstable();
    let expected = "answer_id asked confidence entry escalation message outcome suggestions";
    assert_eq!(keys, expected.split(' ').collect::<Vec<_>>());
    assert_eq!(further["asked"], "領収書ちょうだい");
    assert_eq!(further["outcome"], "escalated");
    assert_eq!(further["entry"], Value::Null);
    assert_eq!(further["escalation"]["desk"], "selas");
    let single = app.ask_question("有料会員をやめたい").await;
    assert_eq!(
        (&single["asked"], &single["also"]),
        (&Value::Null, &serde_json::json!([]))
    );
}
