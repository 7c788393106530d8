//! Dialogue acts and context: what a message means depends on the messages before it.

use madoguchi::answer::{Act, Answer, Conversation, Outcome, Reason};

use crate::support::knowledge::{ask_in, now, shipped};

/// Sends messages in one conversation and returns the answers.
fn converse(texts: &[&str]) -> Vec<Answer> {
    let mut conversation = Conversation::new(now());
    let answers = texts.iter().map(|text| {
        let answer = ask_in(conversation.clone(), text);
        conversation = answer.conversation.clone();
        answer
    });
    answers.collect()
}

/// Summarises an answer: `= entry`, `? entry entry`, `> desk reason` or `small_talk`.
fn summary(answer: &Answer) -> String {
    let entries = &shipped().knowledge().entries;
    let id = |index: usize| entries[index].id.as_str();
    match answer.outcome {
        Outcome::Answered => format!("= {}", answer.entry.map_or("", id)),
        Outcome::Suggested => {
            let offered = answer.suggestions.iter().map(|(index, _)| id(*index));
            format!("? {}", offered.collect::<Vec<_>>().join(" "))
        }
        Outcome::Escalated => {
            let escalation = answer.escalation.as_ref().unwrap();
            let desk = escalation.desk.as_ref().map_or("any", |desk| desk.as_str());
            format!("> {desk} {}", escalation.reason.name())
        }
        Outcome::SmallTalk | Outcome::Safety => answer.outcome.name().to_owned(),
    }
}

/// Checks the summary of the last answer of each conversation.
#[track_caller]
fn check(rows: &[(&[&str], &str)]) {
    let mut failures = Vec::new();
    for (texts, expected) in rows {
        let answers = converse(texts);
        let got = summary(answers.last().unwrap());
        if got != *expected {
            let before: Vec<String> = answers.iter().map(summary).collect();
            failures.push(format!("{texts:?}: expected `{expected}`, got {before:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn act(answer: &Answer) -> Option<&'static str> {
    let trace = answer.trace.as_ref()?;
    trace.act.as_ref().map(Act::name)
}

const CANCEL: &str = "有料会員をやめたい";
const ADD_USER: &str = "別の担当者も使えるようにしたい";
const NO_ANSWER: &str = "アリババの支援プログラムの応募締切はいつ";

#[test]
fn courtesy_in_a_conversation_is_small_talk() {
    for text in [
        "りょ",
        "おおきに！",
        "サンクス👍",
        "了解です",
        "なるほど、ありがとうございます。",
        "承知しました。社内で検討します",
        "はい、やってみます",
        "そうですか、では問い合わせてみますね",
        "ご丁寧にありがとうございました。失礼いたします。",
        "ok thanks, bye",
    ] {
        let answers = converse(&[CANCEL, text]);
        assert_eq!(summary(&answers[1]), "small_talk", "{text}");
        let before = &answers[0].conversation;
        assert_eq!(
            answers[1].conversation.last_entry, before.last_entry,
            "{text}"
        );
    }
    // A question after the thanks is a question.
    check(&[(
        &[CANCEL, "ありがとう。通訳は必要ですか"],
        "= selas-interpreter",
    )]);
}

#[test]
fn a_list_is_chosen_from_by_position_desk_and_yes() {
    let entries = &shipped().knowledge().entries;
    let id = |id: &str| {
        entries
            .iter()
            .find(|entry| entry.id.as_str() == id)
            .unwrap()
            .id
            .clone()
    };
    let offering = |ids: &[&str]| {
        let mut conversation = Conversation::new(now());
        conversation.offered = ids.iter().map(|own| id(own)).collect();
        conversation.is_choosing = true;
        conversation
    };
    let three = [
        "selas-edit-company-info",
        "jetro-change-application",
        "selas-add-user",
    ];
    for (ids, text, expected) in [
        (&three[..], "2番で", "= jetro-change-application"),
        (&three[..], "真ん中", "= jetro-change-application"),
        (&three[..], "最後のやつ", "= selas-add-user"),
        (
            &three[..],
            "一番上のをお願いします",
            "= selas-edit-company-info",
        ),
        (
            &three[..],
            "the first one please",
            "= selas-edit-company-info",
        ),
        (&three[..], "アリババのほう", "= jetro-change-application"),
        (
            &three[..],
            "SELASの方です",
            "? selas-edit-company-info selas-add-user",
        ),
        (&three[..1], "はい", "= selas-edit-company-info"),
        // A place that the list does not have.
        (
            &three[..2],
            "5番",
            "? selas-edit-company-info jetro-change-application",
        ),
    ] {
        assert_eq!(summary(&ask_in(offering(ids), text)), expected, "{text}");
    }
    // The list can be chosen from after another answer.
    let first = ask_in(offering(&three), "1");
    let second = ask_in(first.conversation, "3");
    assert_eq!(summary(&second), "= selas-add-user");
}

#[test]
fn contact_questions_get_the_contact_points_of_the_desk() {
    for text in [
        "電話番号は？",
        "何時までやってますか",
        "土日も？",
        "昼休みは",
        "メールでもいい？",
        "誰に言えばいいの",
    ] {
        let answers = converse(&[NO_ANSWER, text]);
        let escalation = answers[1].escalation.as_ref().expect(text);
        assert_eq!(
            escalation.desk.as_ref().unwrap().as_str(),
            "jetro",
            "{text}"
        );
        let mut points = escalation.contact_points.iter();
        assert!(points.any(|point| point.hours.is_some()), "{text}");
        assert!(!escalation.draft.body.contains(text), "{text}");
    }
    let answers = converse(&[NO_ANSWER, "何時まで？"]);
    assert_eq!(act(&answers[1]), Some("ask_contact"));
    assert_eq!(
        answers[1].escalation.as_ref().unwrap().reason,
        Reason::ContactAsked
    );
    check(&[
        (&[CANCEL, "電話で聞きたい、番号は"], "> selas contact_asked"),
        // The answer itself says where to write.
        (
            &["Alibaba の会員番号がわからない", "そのメアド、もう一回"],
            "= jetro-member-number",
        ),
        // Not about a desk.
        (&[CANCEL, "セミナーの時間は何時から"], "> selas not_found"),
    ]);
}

#[test]
fn a_failed_answer_is_not_repeated() {
    for text in [
        "説明どおりにやりましたができません",
        "押したけどボタンが出てこない",
        "もう読みました",
        "うまくいきませんでした",
        "追加のボタンが押せない",
    ] {
        let answer = converse(&[ADD_USER, text]).pop().unwrap();
        let reason = answer.escalation.as_ref().map(|to| to.reason);
        let is_reply = answer.outcome == Outcome::Suggested || reason == Some(Reason::NotHelpful);
        assert!(is_reply, "{text}: {}", summary(&answer));
        assert!(
            answer.conversation.not_helpful > 0 || reason.is_some(),
            "{text}"
        );
    }
    check(&[(
        &[ADD_USER, "やってみたけどだめでした", "それもだめでした"],
        "> selas not_helpful",
    )]);
}

#[test]
fn a_correction_asks_the_same_of_the_other_programme() {
    check(&[
        (
            &["自社の企業情報を変更したい", "SELASじゃなくてアリババの方"],
            "= jetro-change-application",
        ),
        (
            &["会社情報を直したい", "ごめん、アリババの支援の方です"],
            "= jetro-change-application",
        ),
    ]);
}

#[test]
fn a_message_that_takes_back_the_last_question_gets_another_answer() {
    const SEMINAR: &str = "オンラインセミナーに参加したい";
    check(&[
        (
            &[SEMINAR, "間違えました、商談会です"],
            "= selas-join-business-meeting",
        ),
        (
            &[SEMINAR, "sorry, I meant the business meeting"],
            "= selas-join-business-meeting",
        ),
        (
            &[ADD_USER, "あ、違います、会社の住所を変えたいんです"],
            "= selas-edit-company-info",
        ),
    ]);
    // Without a subject it rejects the answer.
    let answers = converse(&["通訳は必要ですか", "違う、そうじゃない"]);
    assert_ne!(answers[1].outcome, Outcome::Answered);
}

#[test]
fn a_fragment_is_read_with_the_answer_before_it() {
    check(&[
        (&[ADD_USER, "それはどのボタン？"], "= selas-add-user"),
        (
            &["サンプルを渡したい", "どこに送る？"],
            "= selas-sample-delivery",
        ),
        (
            &["オンライン商談会に参加するには", "セミナーの場合は？"],
            "= selas-join-seminar",
        ),
        (
            &["市の補助金と併用できるか", "国のは？"],
            "= jetro-municipal-subsidy",
        ),
        // Another subject.
        (&[ADD_USER, "ところで、通訳は必要？"], "= selas-interpreter"),
    ]);
    // The same words without a conversation are not answered.
    assert_ne!(converse(&["国のは？"])[0].outcome, Outcome::Answered);
}

#[test]
fn a_single_letter_is_unreadable() {
    check(&[
        (&["う"], "> any unreadable"),
        (&[CANCEL, "う"], "> any unreadable"),
        (&[CANCEL, "で？"], "> any unreadable"),
    ]);
}
