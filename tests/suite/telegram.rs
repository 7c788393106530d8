//! The Telegram bot as a member sees it: answers, buttons, commands, groups, inline mode.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::bot::QUESTION;
use crate::support::knowledge::{assistant, base};
use crate::support::telegram::bot::{FAST, TestBot};
use crate::support::telegram::{BOT, chat_of};

const CANCEL: &str = "有料会員の解約はどのように行えますか？";

#[tokio::test]
async fn a_question_is_answered_with_source_link_and_buttons() {
    let bot = TestBot::start().await;
    let answer = bot.ask(7, QUESTION).await;
    answer.assert_shows(CANCEL);
    answer.assert_shows("出典：SELAS よくあるご質問");
    assert_eq!(answer.links, ["https://selasjapan.jp/paid"]);
    assert_eq!(answer.body["link_preview_options"]["is_disabled"], true);
    assert!(answer.body.get("reply_parameters").is_none());
    answer.press("y:selas-cancel-paid-membership");
    answer.press("n:0:selas-cancel-paid-membership");
    answer.press("d:selas");
    let related = answer.press("e:");
    let press = bot.press(7, 7, &answer, &related);
    assert_eq!(bot.notice(&press).await, "");
    let next = bot.next(7, 1).await;
    let answered = bot.fake.calls("answercallbackquery").remove(0);
    assert!(answered.at < next.at, "a press is answered first");
    assert_eq!(next.press("y:"), related.replace("e:0:", "y:"));
    // A follow-up question is understood from the question before.
    let again = bot.ask(8, "オンラインセミナーに参加するには").await;
    again.assert_shows("オンラインセミナー");
    let follow_up = bot.ask(8, "商談会だったら？").await;
    follow_up.assert_shows("オンライン商談会に参加する");
    bot.assert_counted(r#"madoguchi_answers_total{channel="telegram",outcome="answered"} 4"#);
}

#[tokio::test]
async fn choices_are_numbered_and_a_number_chooses() {
    let bot = TestBot::start().await;
    let offered = bot.ask(7, "会員").await;
    let (label, _, data) = offered.buttons()[1].clone();
    let id = data.strip_prefix("e:0:").expect("a choice");
    let question = label.strip_prefix("2. ").expect("a number");
    offered.assert_shows(&label);
    offered.press("d");
    let chosen = bot.ask(7, "2").await;
    chosen.assert_shows(question);
    assert_eq!(chosen.press("y:"), format!("y:{id}"));
}

#[tokio::test]
async fn an_unknown_question_leads_to_the_desk_with_texts_to_copy() {
    let bot = TestBot::start().await;
    let answer = bot.ask(7, "JETROの担当者と電話で話したい").await;
    answer.assert_shows("03-3582-8333");
    // The 22nd of November 2026 is a Sunday, and the 23rd a holiday.
    answer.assert_shows("11月24日");
    answer.assert_shows("下書き");
    let buttons = answer.buttons().into_iter();
    let copies: Vec<_> = buttons.filter(|button| button.1 == "copy_text").collect();
    for value in ["03-3582-8333", "cse-pt-apply@jetro.go.jp"] {
        let is_copied = copies.iter().any(|(_, _, text)| text == value);
        assert!(is_copied, "{value}: {copies:?}");
    }
    let draft = copies.iter().find(|(label, ..)| label == "下書きをコピー");
    assert!(draft.expect("the draft").2.contains("ご担当者様"));
}

#[tokio::test]
async fn a_verdict_is_counted_once_and_a_second_no_leads_to_the_desk() {
    let bot = TestBot::start().await;
    let answer = bot.ask(7, QUESTION).await;
    let press = bot.press(7, 7, &answer, &answer.press("y:"));
    assert!(bot.notice(&press).await.contains("ありがとうございます"));
    let edited = bot.fake.wait("editmessagereplymarkup", 1).await.remove(0);
    let buttons = edited.buttons();
    assert!(buttons.iter().all(|(_, _, data)| !data.starts_with("y:")));

    let answer = bot.ask(8, "有料会員になると何ができますか").await;
    let no = answer.press("n:");
    let first = bot.press(8, 8, &answer, &no);
    assert_eq!(bot.notice(&first).await, "");
    let others = bot.next(8, 1).await;
    others.assert_shows("お役に立てず申し訳ありません");
    let second = bot.press(8, 8, &answer, &no);
    bot.notice(&second).await;
    let chosen = bot.press(8, 8, &others, &others.press("e:"));
    bot.notice(&chosen).await;
    let chosen = bot.next(8, 2).await;
    let third = bot.press(8, 8, &chosen, &chosen.press("n:"));
    bot.notice(&third).await;
    let desk = bot.next(8, 3).await;
    desk.assert_shows("SELAS 事務局");
    bot.assert_counted(r#"feedback_total{channel="telegram",helpful="true"} 1"#);
    bot.assert_counted(r#"feedback_total{channel="telegram",helpful="false"} 2"#);
}

#[tokio::test]
async fn a_verdict_long_after_the_answer_still_works() {
    let bot = TestBot::start().await;
    let answer = bot.ask(7, QUESTION).await;
    bot.advance(SignedDuration::from_hours(48));
    // Another member of the chat has no conversation, as after a restart.
    let press = bot.press(7, 99, &answer, &answer.press("n:"));
    bot.notice(&press).await;
    let next = bot.next(7, 1).await;
    next.assert_shows("SELAS 事務局");
}

#[tokio::test]
async fn old_and_unknown_buttons_get_an_explanation() {
    let bot = TestBot::start().await;
    let answer = bot.ask(7, QUESTION).await;
    for data in ["e:no-such-entry", "zzz", "n:gone", "c:gone:0", "解約"] {
        let press = bot.press(7, 7, &answer, data);
        let notice = bot.notice(&press).await;
        assert!(notice.contains("使えなくなりました"), "{data}: {notice}");
    }
    // A message that the bot cannot access, and one of inline mode, which has no chat.
    let gone = json!({"message_id": 1, "date": 0, "chat": chat_of(7)});
    let press = bot.press_under(7, gone, "e:selas-prorated-fee");
    assert_eq!(bot.notice(&press).await, "");
    let press = bot.press_under(7, json!(null), "e:selas-prorated-fee");
    assert!(bot.notice(&press).await.contains("使えなくなりました"));
    bot.next(7, 1).await.assert_shows("会費");
    assert_eq!(bot.sent_to(7).len(), 2);
}

#[tokio::test]
async fn commands_are_registered_in_two_languages_and_work() {
    let bot = TestBot::start().await;
    let registered = bot.fake.wait("setmycommands", 2).await;
    assert!(registered[0].body.get("language_code").is_none());
    assert_eq!(registered[1].body["language_code"], "ja");
    let commands = registered[1].body["commands"].as_array().unwrap();
    assert!(
        commands
            .iter()
            .any(|command| command["command"] == "topics")
    );
    let english = registered[0].body.to_string();
    assert!(english.is_ascii(), "{english}");

    let help = bot.ask(1, "/help").await;
    help.assert_shows(BOT);
    help.assert_shows("/topics");
    let unknown = bot.ask(1, "/settings").await;
    assert_eq!(unknown.text, help.text);

    let start = bot.ask(1, "/start").await;
    start.press("e:0:selas-how-to-register");
    start.press("e:0:jetro-refund");
    start.press("t:0");
    let linked = bot.ask(1, "/start selas-prorated-fee").await;
    linked.press("y:selas-prorated-fee");
    let nowhere = bot.ask(1, "/start no-such-entry").await;
    assert_eq!(nowhere.text, start.text);

    let contact = bot.ask(1, "/contact").await;
    for words in [
        "SELAS 事務局",
        "03-3582-8333",
        "wp_customer@alibaba-inc.jp",
        "受付時間外",
    ] {
        contact.assert_shows(words);
    }
    // Tuesday, 11:00 is within the business hours.
    bot.advance(SignedDuration::from_hours(47));
    let open = bot.ask(1, "/contact").await;
    open.assert_shows("受付中");
    let too_long = bot.ask(1, &"あ".repeat(501)).await;
    too_long.assert_shows("500");
}

#[tokio::test]
async fn topics_lead_from_categories_to_questions_to_answers() {
    let bot = TestBot::start().await;
    let topics = bot.ask(1, "/topics").await;
    let category = topics.press("c:");
    let press = bot.press(1, 1, &topics, &category);
    bot.notice(&press).await;
    let questions = bot.fake.wait("editmessagetext", 1).await.remove(0);
    let question = questions.press("e:");
    questions.press("t:0");
    // The same page twice is not an error.
    let again = bot.press(1, 1, &questions, "t:0");
    bot.notice(&again).await;
    bot.fake.wait("editmessagetext", 2).await;
    let press = bot.press(1, 1, &topics, &question);
    bot.notice(&press).await;
    let answer = bot.next(1, 1).await;
    assert_eq!(answer.press("y:"), question.replace("e:0:", "y:"));
}

#[tokio::test]
async fn in_a_group_only_messages_to_the_bot_are_answered() {
    let bot = TestBot::start().await;
    let group = -100_123;
    let group_message = |text: &str| bot.message("ja", group, 5, text);
    for text in [QUESTION, "/help@other_bot", "/unknown", "@other_bot 解約"] {
        bot.fake.push(json!({ "message": group_message(text) }));
    }
    bot.fake.push(json!({ "message": {
        "message_id": 1, "date": 1, "chat": chat_of(group),
        "from": {"id": 5, "is_bot": false, "first_name": "花子"},
        "new_chat_members": [{"id": 6, "is_bot": false, "first_name": "太郎"}],
    }}));
    let mut from_bot = group_message(&format!("@{BOT} {QUESTION}"));
    from_bot["from"]["is_bot"] = json!(true);
    bot.fake.push(json!({ "message": from_bot }));

    let mention = group_message(&format!("😀 @{BOT} {QUESTION}"));
    bot.fake.push(json!({ "message": mention.clone() }));
    let answer = bot.next(group, 0).await;
    answer.assert_shows(CANCEL);
    let replied_to = &answer.body["reply_parameters"]["message_id"];
    assert_eq!(*replied_to, mention["message_id"]);

    let mut reply = group_message("領収書がほしい、SELASの");
    reply["reply_to_message"] = bot.own_message(group);
    reply["message_thread_id"] = json!(44);
    reply["is_topic_message"] = json!(true);
    bot.fake.push(json!({ "message": reply }));
    let answer = bot.next(group, 1).await;
    answer.assert_shows("SELAS 事務局");
    assert_eq!(answer.body["message_thread_id"], 44);

    for text in ["/contact".to_owned(), format!("/ask@{BOT} {QUESTION}")] {
        bot.fake.push(json!({ "message": group_message(&text) }));
    }
    bot.next(group, 3).await;
    assert_eq!(bot.sent_to(group).len(), 4);

    // Two members of a group have two conversations.
    let choose = |user| {
        let message = bot.message("ja", group, user, &format!("@{BOT} 会員"));
        bot.fake.push(json!({ "message": message }));
    };
    choose(11);
    bot.next(group, 4).await;
    let message = bot.message("ja", group, 12, &format!("@{BOT} 1"));
    bot.fake.push(json!({ "message": message }));
    let text = bot.next(group, 5).await.text;
    assert!(!text.contains("についてのお答えです"), "{text}");
}

#[tokio::test]
async fn edited_messages_are_answered_again_and_pictures_get_an_explanation() {
    let bot = TestBot::start().await;
    bot.ask(7, QUESTION).await;
    let mut edited = bot.message("ja", 7, 7, "会費の日割りはありますか");
    edited["edit_date"] = json!(1_795_000_100);
    bot.fake.push(json!({ "edited_message": edited }));
    let answer = bot.next(7, 1).await;
    answer.press("y:selas-prorated-fee");

    let without_text = || {
        let mut message = bot.message("ja", 7, 7, "");
        message.as_object_mut().unwrap().remove("text");
        message
    };
    let mut sent = 2;
    let file = json!({"file_id": "a", "file_unique_id": "b", "file_size": 1});
    for (key, extra) in [
        ("voice", json!({"duration": 1, "mime_type": "audio/ogg"})),
        (
            "sticker",
            json!({"type": "regular", "width": 1, "height": 1, "is_animated": false, "is_video": false}),
        ),
        ("document", json!({"file_name": "a.pdf"})),
    ] {
        let mut content = file.clone();
        let extra = extra.as_object().unwrap().clone();
        content.as_object_mut().unwrap().extend(extra);
        let mut message = without_text();
        message.as_object_mut().unwrap().remove("entities");
        message[key] = content;
        bot.fake.push(json!({ "message": message }));
        let answer = bot.next(7, sent).await;
        answer.assert_shows("文字だけ");
        sent += 1;
    }
    let mut photo = without_text();
    photo["photo"] = json!([{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]);
    photo["caption"] = json!(QUESTION);
    bot.fake.push(json!({ "message": photo }));
    bot.next(7, sent).await.assert_shows(CANCEL);
}

#[tokio::test]
async fn answers_are_in_the_language_of_the_member() {
    let bot = TestBot::start().await;
    for (chat, (language, words)) in (1..).zip([
        ("ja", "よくご覧になる"),
        ("ja-JP", "よくご覧になる"),
        ("", "よくご覧になる"),
        ("en", "Popular questions"),
        ("zh-hans", "Popular questions"),
    ]) {
        bot.send_in(language, chat, "/start");
        let start = bot.next(chat, 0).await;
        start.assert_shows(words);
    }
    bot.send_in("en", 9, "how do I cancel the paid membership?");
    let answer = bot.next(9, 0).await;
    let (text, buttons) = (&answer.text, answer.buttons());
    assert!(text.starts_with("Here is the official answer"), "{text}");
    assert!(buttons.iter().any(|(label, ..)| label == "Yes, it helped"));
}

#[tokio::test]
async fn inline_mode_finds_entries_page_by_page() {
    let bot = TestBot::start().await;
    let found = bot.inline("解約", "").await;
    assert_eq!(found["results"][0]["id"], "selas-cancel-paid-membership");
    let text = found["results"][0]["input_message_content"]["message_text"].to_string();
    assert!(text.contains("https://selasjapan.jp/paid"), "{text}");
    assert_eq!(found["is_personal"], true);

    let featured = bot.inline(" ", "").await;
    assert_eq!(featured["results"][0]["id"], "jetro-support-services");
    assert_eq!(featured["results"].as_array().unwrap().len(), 8);
    assert_eq!(featured["next_offset"], "");

    let mut seen = Vec::new();
    let mut offset = String::new();
    loop {
        let page = bot.inline("どうしたらいい", &offset).await;
        let results = page["results"].as_array().unwrap();
        assert!(results.len() <= 20);
        let ids = results.iter().map(|result| result["id"].as_str().unwrap());
        seen.extend(ids.map(str::to_owned));
        let next = page["next_offset"].as_str().unwrap();
        next.clone_into(&mut offset);
        if offset.is_empty() {
            break;
        }
    }
    let count = seen.len();
    assert!(count > 20, "{seen:?}");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);

    let none = bot.inline("🦄", "").await;
    assert_eq!(none["results"].as_array().unwrap().len(), 0);
    assert_eq!(none["button"]["start_parameter"], "ask");
    // The next page of a list that began with other knowledge is empty.
    let page = bot.inline("どうしたらいい", "20@0123").await;
    assert_eq!(page["results"].as_array().unwrap().len(), 0);
    assert_eq!(page["next_offset"], "");
    // An invalid offset leads to the first page.
    let first = bot.inline("会員", "what").await;
    assert!(!first["results"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_long_answer_is_sent_in_parts_and_inline_mode_links_to_all_of_it() {
    let folder = base();
    let paragraph = format!(
        "**{}** <https://a.example/?a=1&b=2>\n\n",
        "展示室<&>の案内。".repeat(40)
    );
    let rows: String = (0..150)
        .map(|row| format!("| **室{row}** | {row}階 |\n"))
        .collect();
    let table = format!("| 室 | 階 |\n|---|---|\n{rows}");
    let answer = format!("{}{table}", paragraph.repeat(20)).replace("<&>", "&lt;&amp;&gt;");
    let entry = format!(
        "[[entry]]\nid = \"library-rooms\"\ncategory = \"館内\"\nquestion = \"展示室はどこですか。\"\n\
         answer = \'\'\'\n{answer}\n\'\'\'\nsource = {{ document = \"案内\", section = \"館内\" }}\n"
    );
    std::fs::write(folder.path().join("library/rooms.toml"), entry).unwrap();
    let bot = TestBot::start_with(&assistant(folder.path()), FAST).await;
    bot.send(7, "/start library-rooms");
    let find_last = || {
        let sent = bot.sent_to(7);
        let last = sent.last().cloned();
        last.filter(|call| !call.buttons().is_empty())
            .map(|last| (sent, last))
    };
    let (sent, last) = bot.fake.until("the last part", find_last).await;
    last.press("y:library-rooms");
    assert!(sent.len() > 3, "{} parts", sent.len());
    let mut others = sent[..sent.len() - 1].iter();
    assert!(others.all(|call| call.buttons().is_empty()));
    let text: String = sent.iter().map(|call| call.text.as_str()).collect();
    assert_eq!(text.matches("展示室<&>の案内。").count(), 800);
    for row in 0..150 {
        assert!(text.contains(&format!("室{row}　階: {row}階")), "row {row}");
    }
    let links: Vec<_> = sent.iter().flat_map(|call| &call.links).collect();
    assert_eq!(links.len(), 20);
    let mut links = links.into_iter();
    assert!(links.all(|link| link == "https://a.example/?a=1&b=2"));

    let found = bot.inline("展示室はどこ", "").await;
    let button = &found["results"][0]["reply_markup"]["inline_keyboard"][0][0];
    let url = format!("https://t.me/{BOT}?start=library-rooms");
    assert_eq!(button["url"], url);
}
