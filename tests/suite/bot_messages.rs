//! Messages that are more, or less, than a new text: edits, albums, replies to other members, forwarded
//! messages, voice messages; and chats that changed before the answer.

use serde_json::{Value, json};

use crate::discord::text;
use crate::support::bot::QUESTION;
use crate::support::discord::{self, Member};
use crate::support::telegram::bot::TestBot;
use crate::support::telegram::{BOT, Fault};

const GROUP: i64 = -100_123;
const CANCEL: &str = "有料会員の解約はどのように行えますか？";
const OTHERS: &str = "商談会の通訳は自分で手配するのですか？";
const INTERPRETER: &str = "通訳";

/// Makes a private message with a content instead of a text.
fn content(bot: &TestBot, chat: i64, key: &str, content: Value) -> Value {
    let mut message = bot.message("ja", chat, chat, "");
    let fields = message.as_object_mut().unwrap();
    fields.remove("text");
    fields.remove("entities");
    message[key] = content;
    message
}

fn edited(message: &Value) -> Value {
    let mut message = message.clone();
    message["edit_date"] = json!(1_795_000_100);
    json!({ "edited_message": message })
}

/// Waits until everything sent so far is handled, and returns the number of messages in a chat.
async fn count(bot: &TestBot, chat: i64) -> usize {
    // The queue of a chat is in order, so an answer shows that everything before it is handled.
    let before = bot.sent_to(chat).len();
    let mut last = bot.message("ja", chat, 5, "/contact");
    last["message_id"] = json!(900_000 + before);
    bot.fake.push(json!({ "message": last }));
    let is_contact = || {
        let sent = bot.sent_to(chat);
        let is_last = sent.len() > before && sent.last()?.text.contains("wp_customer");
        is_last.then_some(sent.len() - 1)
    };
    bot.fake.until("the contact points", is_contact).await
}

#[tokio::test]
async fn an_edited_message_is_answered_again_only_if_its_text_changed() {
    let bot = TestBot::start().await;
    let message = bot.message("ja", GROUP, 5, &format!("@{BOT} {QUESTION}"));
    bot.fake.push(json!({ "message": message }));
    bot.next(GROUP, 0).await;
    for _ in 0..3 {
        // For example, Telegram added the preview of a link.
        bot.fake.push(edited(&message));
    }
    assert_eq!(count(&bot, GROUP).await, 1);
    let mut changed = message.clone();
    changed["text"] = json!(format!("@{BOT} 会費の日割りはありますか"));
    bot.fake.push(edited(&changed));
    let answer = bot.next(GROUP, 2).await;
    answer.press("y:selas-prorated-fee");
    bot.fake.push(edited(&changed));
    assert_eq!(count(&bot, GROUP).await, 3);
}

#[tokio::test]
async fn a_live_location_gets_one_apology() {
    let bot = TestBot::start().await;
    let place = json!({"longitude": 139.7, "latitude": 35.6, "live_period": 900});
    let message = content(&bot, 7, "location", place);
    bot.fake.push(json!({ "message": message }));
    bot.next(7, 0).await.assert_shows("文字だけ");
    for step in 1..=6 {
        let mut moved = message.clone();
        moved["location"]["latitude"] = json!(35.6 + f64::from(step) / 100.0);
        bot.fake.push(edited(&moved));
    }
    assert_eq!(count(&bot, 7).await, 1);
}

#[tokio::test]
async fn an_album_gets_one_reply() {
    let bot = TestBot::start().await;
    let photo = |chat: i64, album: &str| {
        let sizes = json!([{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]);
        let mut message = content(&bot, chat, "photo", sizes);
        message["media_group_id"] = json!(album);
        message
    };
    for _ in 0..6 {
        bot.fake.push(json!({ "message": photo(7, "1") }));
    }
    bot.next(7, 0).await.assert_shows("文字だけ");
    assert_eq!(count(&bot, 7).await, 1);
    // Another album gets another one.
    bot.fake.push(json!({ "message": photo(7, "2") }));
    assert_eq!(count(&bot, 7).await, 3);
    let mut first = photo(8, "3");
    first["caption"] = json!(QUESTION);
    bot.fake.push(json!({ "message": first }));
    for _ in 0..3 {
        bot.fake.push(json!({ "message": photo(8, "3") }));
    }
    bot.next(8, 0).await.assert_shows(CANCEL);
    assert_eq!(count(&bot, 8).await, 1);
}

#[tokio::test]
async fn a_mention_below_a_question_of_another_member_asks_that_question() {
    let bot = TestBot::start().await;
    let ask = |text: &str, replied: &Value| {
        let mut message = bot.message("ja", GROUP, 5, text);
        message["reply_to_message"] = replied.clone();
        bot.fake.push(json!({ "message": message }));
    };
    let others = bot.message("ja", GROUP, 6, OTHERS);
    let mut sent = 0;
    for own in ["", "これ教えて", "これ誰か分かりますか？"] {
        ask(&format!("@{BOT} {own}"), &others);
        bot.next(GROUP, sent).await.assert_shows(INTERPRETER);
        sent += 1;
    }
    ask("/ask", &others);
    bot.next(GROUP, sent).await.assert_shows(INTERPRETER);
    // A question of its own stands alone.
    ask(&format!("@{BOT} {QUESTION}"), &others);
    let answer = bot.next(GROUP, sent + 1).await;
    answer.assert_shows(CANCEL);
    assert!(!answer.text.contains(INTERPRETER), "{}", answer.text);
    // So does a wish for a person.
    ask(&format!("@{BOT} SELASの担当者と話したい"), &others);
    bot.next(GROUP, sent + 2).await.assert_shows("SELAS 事務局");
    // A caption is a question, too, and a mention in it is not.
    let mut photo = bot.message("ja", GROUP, 6, &format!("@{BOT} {OTHERS}"));
    let fields = photo.as_object_mut().unwrap();
    let (text, entities) = (fields.remove("text"), fields.remove("entities"));
    photo["caption"] = json!(text);
    photo["caption_entities"] = json!(entities);
    photo["photo"] = json!([{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]);
    ask(&format!("@{BOT}"), &photo);
    bot.next(GROUP, sent + 3).await.assert_shows(INTERPRETER);
    // Below nothing that can be asked, and below the bot's own message: the help.
    let sticker = content(&bot, 6, "dice", json!({"emoji": "🎲", "value": 1}));
    for replied in [sticker, bot.own_message(GROUP)] {
        let before = bot.sent_to(GROUP).len();
        ask(&format!("@{BOT}"), &replied);
        bot.next(GROUP, before).await.assert_shows("/topics");
    }
}

#[tokio::test]
async fn a_voice_message_without_a_type_gets_an_explanation() {
    let bot = TestBot::start().await;
    let voice = json!({"file_id": "a", "file_unique_id": "b", "file_size": 1, "duration": 1});
    let message = content(&bot, 7, "voice", voice.clone());
    bot.fake.push(json!({ "message": message }));
    bot.next(7, 0).await.assert_shows("文字だけ");
    let mut message = content(&bot, 8, "voice", voice);
    message["caption"] = json!(QUESTION);
    bot.fake.push(json!({ "message": message }));
    bot.next(8, 0).await.assert_shows(CANCEL);
}

#[tokio::test]
async fn an_answer_follows_a_group_that_became_a_supergroup() {
    const SUPERGROUP: i64 = -1_009_999;
    let bot = TestBot::start().await;
    bot.fake
        .fail("sendmessage", Some(GROUP), Fault::Migrated(SUPERGROUP));
    let message = bot.message("ja", GROUP, 5, &format!("/ask {QUESTION}"));
    bot.fake.push(json!({ "message": message }));
    let answer = bot.next(SUPERGROUP, 0).await;
    answer.assert_shows(CANCEL);
    // Messages have other ids there.
    assert!(answer.body.get("reply_parameters").is_none());
    assert_eq!(bot.sent_to(GROUP).len(), 0);
}

#[tokio::test]
async fn an_answer_to_a_closed_topic_is_sent_without_the_topic() {
    let bot = TestBot::start().await;
    for (at, refusal) in ["TOPIC_CLOSED", "message thread not found"]
        .into_iter()
        .enumerate()
    {
        bot.fake
            .fail("sendmessage", Some(GROUP), Fault::Refused(refusal));
        let mut message = bot.message("ja", GROUP, 5, &format!("/ask {QUESTION}"));
        message["message_thread_id"] = json!(44);
        message["is_topic_message"] = json!(true);
        bot.fake.push(json!({ "message": message }));
        let answer = bot.next(GROUP, at).await;
        answer.assert_shows(CANCEL);
        assert!(answer.body.get("message_thread_id").is_none(), "{refusal}");
    }
}

#[tokio::test]
async fn discord_reads_the_message_that_a_mention_replies_to() {
    let bot = discord::bot::TestBot::start().await;
    let fake = &bot.fake;
    let who = Member::new(7);
    for own in ["", "これ教えて"] {
        let message = fake.mention_below(&who, own, OTHERS);
        let reply = text(&fake.reply_to(&message).await);
        assert!(reply.contains(INTERPRETER), "{own}: {reply}");
    }
    let message = fake.mention_below(&who, QUESTION, OTHERS);
    let reply = text(&fake.reply_to(&message).await);
    assert!(
        reply.contains(CANCEL) && !reply.contains(INTERPRETER),
        "{reply}"
    );
}

#[tokio::test]
async fn discord_reads_a_forwarded_question() {
    let bot = discord::bot::TestBot::start().await;
    let message = bot.fake.forward(&Member::new(7), QUESTION);
    let reply = text(&bot.fake.reply_to(&message).await);
    assert!(reply.contains(CANCEL), "{reply}");
}
