//! An event of LINE -> [`Incoming`], if it is addressed to the bot.
//!
//! Invariant: in a group only mentions of the bot, replies to it and presses are handled.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::channels::bot::command::Command;
use crate::channels::bot::split::byte_at;
use crate::channels::bot::{Key, Press, RecentIds};

/// Separates the data of a button from the number of the answer that it is under.
const ANSWER_MARK: char = '@';

/// An event that the bot handles.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Identifies the event, and the answer to it in the data of buttons.
    pub(super) id: u64,
    /// The conversation.
    pub(super) key: Key,
    /// The id of the chat: of the member, the group or the room.
    pub(super) chat: String,
    /// The id of the member; in a group, LINE does not always send it.
    pub(super) user: Option<String>,
    pub(super) is_private: bool,
    pub(super) reply_token: String,
    pub(super) input: Input,
}

/// The content of an event.
#[derive(Debug)]
pub(super) enum Input {
    /// Text: a question or a command; or the greeting of a new member.
    Command(Command),
    /// A picture, a sticker, a voice message and the like.
    Unsupported,
    /// The bot was added to a group.
    Joined,
    /// A press of a button, with the number of the answer that it is under; `None` if its data is
    /// unknown.
    Press(Option<(Press, u64)>),
}

/// Returns the number that identifies an event, also when it is delivered again.
pub(super) fn id(event: &Value) -> Option<u64> {
    event["webhookEventId"].as_str().map(number)
}

/// Reads an event; `None` if it is of another kind, or not addressed to the bot. `own` has the ids of
/// the bot's messages.
pub(super) fn read(event: &Value, own: &RecentIds<String>) -> Option<Incoming> {
    // Another module of the channel answers.
    if event["mode"] == "standby" {
        return None;
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let source = &event["source"];
    let user = text(&source["userId"]);
    let (chat, is_private) = match source["type"].as_str()? {
        "user" => (user.clone()?, true),
        "group" => (text(&source["groupId"])?, false),
        "room" => (text(&source["roomId"])?, false),
        _ => return None,
    };
    let input = match event["type"].as_str()? {
        "message" | "messageEdited" => message(&event["message"], is_private, own)?,
        "postback" => Input::Press(pressed(event["postback"]["data"].as_str()?)),
        "follow" => Input::Command(Command::Start(None)),
        "join" => Input::Joined,
        _ => return None,
    };
    Some(Incoming {
        id: id(event)?,
        key: (number(&chat), user.as_deref().map_or(0, number)),
        reply_token: text(&event["replyToken"]).filter(|token| !token.is_empty())?,
        chat,
        user,
        is_private,
        input,
    })
}

fn message(message: &Value, is_private: bool, own: &RecentIds<String>) -> Option<Input> {
    let quoted = message["quotedMessageId"].as_str();
    let is_reply = quoted.is_some_and(|id| own.contains(&id.to_owned()));
    match message["type"].as_str()? {
        "text" => {
            let text = message["text"].as_str()?;
            let without = without_mention(text, &message["mention"]);
            let is_addressed = is_private || is_reply || without.is_some();
            let text = without.as_deref().unwrap_or(text);
            is_addressed.then(|| Input::Command(command(text)))
        }
        // The others are those of members as well: LINE reports its own notices as other events.
        _ => (is_private || is_reply).then_some(Input::Unsupported),
    }
}

/// Reads a text: a word that is a command, or else a question.
fn command(text: &str) -> Command {
    let text = text.trim().trim_start_matches('/').trim();
    match text.to_ascii_lowercase().as_str() {
        "" | "使い方" | "つかいかた" | "ヘルプ" | "help" => Command::Help,
        "一覧" | "質問一覧" | "topics" => Command::Topics,
        "窓口" | "contact" => Command::Contact,
        "最初から" | "はじめから" | "start" => Command::Start(None),
        _ => Command::Ask(text.to_owned()),
    }
}

/// Removes the mentions of the bot from a text; `None` if there are none.
fn without_mention(text: &str, mention: &Value) -> Option<String> {
    let mut rest = text.to_owned();
    let mut is_mentioned = false;
    let mentionees = mention["mentionees"].as_array()?;
    // From the last to the first, so that the earlier positions remain valid.
    for mentionee in mentionees.iter().rev() {
        let unit = |key: &str| usize::try_from(mentionee[key].as_u64()?).ok();
        let (Some(index), Some(length)) = (unit("index"), unit("length")) else {
            continue;
        };
        let start = byte_at(&rest, index);
        let end = byte_at(&rest, index.saturating_add(length));
        if mentionee["isSelf"] == true
            && let (Some(start), Some(end)) = (start, end)
        {
            is_mentioned = true;
            rest.replace_range(start..end, " ");
        }
    }
    is_mentioned.then(|| rest.trim().to_owned())
}

/// Encodes a button under an answer. The number lets the core count a verdict once: LINE does not send
/// which message a button is under.
pub(super) fn button_data(press: &Press, answer: u64) -> String {
    format!("{}{ANSWER_MARK}{answer:x}", press.encode())
}

fn pressed(data: &str) -> Option<(Press, u64)> {
    let (press, answer) = data.split_once(ANSWER_MARK).unwrap_or((data, "0"));
    let answer = u64::from_str_radix(answer, 16).ok()?;
    Some((Press::decode(press)?, answer))
}

/// Shortens an id of LINE, which has 128 bits or more, to a number.
fn number(id: &str) -> u64 {
    let digest = Sha256::digest(id);
    let (first, _) = digest.split_at(8);
    first.try_into().map_or(0, u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, source: &Value, content: &Value) -> Value {
        json!({
            "type": kind, "mode": "active", "timestamp": 1_795_000_000_000_u64, "source": source,
            "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR", "replyToken": "r",
            "deliveryContext": {"isRedelivery": false}, "message": content,
        })
    }

    #[test]
    fn words_are_commands_and_other_texts_are_questions() {
        let ask = |text: &str| Command::Ask(text.to_owned());
        for (text, expected) in [
            (" 一覧 ", Command::Topics),
            ("/topics", Command::Topics),
            ("窓口", Command::Contact),
            ("CONTACT", Command::Contact),
            ("使い方", Command::Help),
            ("Help", Command::Help),
            ("", Command::Help),
            ("最初から", Command::Start(None)),
            ("窓口はどこですか", ask("窓口はどこですか")),
            ("/解約したい", ask("解約したい")),
        ] {
            assert_eq!(command(text), expected, "{text}");
        }
    }

    #[test]
    fn in_a_group_only_mentions_and_replies_are_read() {
        let own = RecentIds::new(4);
        own.insert("9".to_owned());
        let group = json!({"type": "group", "groupId": "C1", "userId": "U1"});
        let read = |content| {
            let read = read(&event("message", &group, &content), &own);
            read.map(|incoming| incoming.input)
        };
        let text = "😀 @窓口 解約したい";
        let mention = |index: u32, is_self: bool| json!({"mentionees": [{"index": index, "length": 3, "type": "user", "isSelf": is_self}]});
        assert!(read(json!({"type": "text", "text": text})).is_none());
        let other = json!({"type": "text", "text": text, "mention": mention(3, false)});
        assert!(read(other).is_none());
        // A position inside a character is not a mention.
        let wrong = json!({"type": "text", "text": text, "mention": mention(1, true)});
        assert!(read(wrong).is_none());
        let mentioned = read(json!({"type": "text", "text": text, "mention": mention(3, true)}));
        let question = match mentioned {
            Some(Input::Command(Command::Ask(question))) => Some(question),
            _ => None,
        };
        assert_eq!(question.as_deref(), Some("😀   解約したい"));
        let quoting = |id| read(json!({"type": "text", "text": "会費は", "quotedMessageId": id}));
        assert!(quoting("8").is_none());
        assert!(matches!(
            quoting("9"),
            Some(Input::Command(Command::Ask(_)))
        ));
        assert!(read(json!({"type": "sticker"})).is_none());
    }

    #[test]
    fn events_of_other_kinds_and_of_other_modules_are_ignored() {
        let own = RecentIds::new(4);
        let member = json!({"type": "user", "userId": "U1"});
        let content = json!({"type": "text", "text": "会費は"});
        assert!(read(&event("message", &member, &content), &own).is_some());
        for kind in ["unfollow", "leave", "unsend", "memberJoined", "beacon", "x"] {
            assert!(
                read(&event(kind, &member, &content), &own).is_none(),
                "{kind}"
            );
        }
        let mut standby = event("message", &member, &content);
        standby["mode"] = json!("standby");
        assert!(read(&standby, &own).is_none());
        let mut silent = event("message", &member, &content);
        silent["replyToken"] = json!("");
        assert!(read(&silent, &own).is_none());
        assert!(read(&json!({}), &own).is_none());
    }

    #[test]
    fn a_button_has_the_number_of_its_answer() {
        let data = button_data(&Press::Desks, u64::MAX);
        assert!(data.len() <= 300);
        assert_eq!(pressed(&data), Some((Press::Desks, u64::MAX)));
        assert_eq!(pressed("d"), Some((Press::Desks, 0)));
        assert_eq!(pressed("d@"), None);
        assert_eq!(pressed("?@1"), None);
    }
}
