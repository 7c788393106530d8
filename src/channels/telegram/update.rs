//! An update of Telegram -> an [`Event`], if the update is addressed to the bot.
//!
//! Invariant: in a group only commands, mentions of the bot and replies to it are handled; the message
//! of another member is read only if such a message replies to it.

use serde_json::Value;
use teloxide::types::{
    CallbackQuery, CallbackQueryId, ChatId, InlineKeyboardMarkup, InlineQuery, Me, Message,
    MessageEntity, MessageEntityKind, MessageId, MessageKind, ThreadId, UpdateKind, User,
};

use super::raw;
use super::versions::Version;
use crate::channels::bot::Press;
use crate::channels::bot::command::{Command, Ignored};
use crate::channels::bot::split::byte_at;
use crate::knowledge::Language;

/// An update that the bot handles.
#[derive(Debug)]
pub(super) enum Event {
    /// A message or a press in a chat.
    Incoming(Incoming),
    /// A search for an entry to send into another chat.
    Inline(InlineQuery),
    /// A press under a message that the bot cannot access.
    OrphanedPress(CallbackQueryId, Language),
}

/// A message or a press in a chat.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) chat: ChatId,
    /// The topic of a forum.
    pub(super) thread: Option<ThreadId>,
    /// The message to reply to, in a group.
    pub(super) reply_to: Option<MessageId>,
    /// The id of the sender.
    pub(super) member: i64,
    pub(super) language: Language,
    pub(super) input: Input,
    /// The text of another member's message to which the message replies.
    pub(super) replied: Option<String>,
    /// The version of the message; `None` for a press.
    pub(super) version: Option<Version>,
}

/// The content of a message or a press.
#[derive(Debug)]
pub(super) enum Input {
    /// Text: a question or a command.
    Command(Command),
    /// A picture, a voice message and the like.
    Unsupported,
    /// A press of a button.
    Press(Pressed),
}

/// A press of a button.
#[derive(Debug)]
pub(super) struct Pressed {
    /// The id with which the press is acknowledged.
    pub(super) query: CallbackQueryId,
    /// The message with the button.
    pub(super) message: MessageId,
    /// The decoded button; `None` if its data is unknown.
    pub(super) press: Option<Press>,
    /// All buttons of the message.
    pub(super) markup: Option<InlineKeyboardMarkup>,
}

/// Reads an update; `None` if it is of an unknown kind or not addressed to the bot.
pub(super) fn read(update: &Value, me: &Me) -> Option<Event> {
    let Some(read) = raw::parse(update) else {
        tracing::debug!("Telegram: update of an unknown kind ignored");
        return None;
    };
    let album = |kind: &str| update[kind]["media_group_id"].as_str().map(str::to_owned);
    match read.kind {
        UpdateKind::Message(message) => {
            let read = read_message(&message, me, false, album("message"));
            read.map(Event::Incoming)
        }
        UpdateKind::EditedMessage(message) => {
            let read = read_message(&message, me, true, album("edited_message"));
            read.map(Event::Incoming)
        }
        UpdateKind::CallbackQuery(query) => Some(read_press(query)),
        UpdateKind::InlineQuery(query) => Some(Event::Inline(query)),
        _ => None,
    }
}

/// Returns the language of a member; English if it is not supported.
pub(super) fn language_of(user: Option<&User>) -> Language {
    let tag = user.and_then(|user| user.language_code.as_deref());
    tag.map_or_else(Language::default, |tag| {
        Language::from_tag(tag).unwrap_or(Language::English)
    })
}

fn read_message(
    message: &Message,
    me: &Me,
    is_edit: bool,
    album: Option<String>,
) -> Option<Incoming> {
    // Service messages, such as a new member or title, are not questions.
    if !matches!(message.kind, MessageKind::Common(_) | MessageKind::Dice(_)) {
        return None;
    }
    let user = message.from.as_ref();
    // A message on behalf of a group has a bot as its `from` user.
    let sender = message.sender_chat.as_ref().map(|chat| chat.id.0);
    if sender.is_none() && user.is_none_or(|user| user.is_bot) || is_own(message, me) {
        return None;
    }
    let member = i64::try_from(user?.id.0).ok()?;
    let is_private = message.chat.is_private();
    let text = text_of(message);
    let replied = replied_text(message, me);
    let input = match text {
        Some((text, entities)) => {
            let question = without_mention(text, entities, me);
            let is_addressed = question.is_some() || is_reply(message, me);
            let text = question.as_deref().unwrap_or(text);
            match Command::parse(text, me.user.username.as_deref().unwrap_or_default()) {
                Ok(Command::Ask(_)) if !is_private && !is_addressed && !is_ask(text) => {
                    return None;
                }
                Ok(Command::Ask(question)) if question.is_empty() && replied.is_none() => {
                    Input::Command(Command::Help)
                }
                Ok(command) => Input::Command(command),
                Err(Ignored::Unknown) if is_private => Input::Command(Command::Help),
                Err(_) => return None,
            }
        }
        None if is_private || is_reply(message, me) => Input::Unsupported,
        None => return None,
    };
    Some(Incoming {
        chat: message.chat.id,
        thread: message.thread_id.filter(|_| message.is_topic_message),
        reply_to: (!is_private).then_some(message.id),
        member: sender.unwrap_or(member),
        language: language_of(user),
        input,
        replied,
        version: Some(Version::new(
            message.id,
            is_edit,
            text.map(|(text, _)| text),
            album,
        )),
    })
}

/// Returns the text or the caption of a message with its entities; `None` if there is neither.
fn text_of(message: &Message) -> Option<(&str, &[MessageEntity])> {
    let text = message.text().or_else(|| message.caption());
    let entities = message.entities().or_else(|| message.caption_entities());
    // A reduced message without text has an empty one, see `raw`.
    let text = text.filter(|text| !text.is_empty());
    Some((text?, entities.unwrap_or_default()))
}

/// Returns the question of the message to which a message replies, or the quoted part of it; `None`
/// if the bot sent it.
fn replied_text(message: &Message, me: &Me) -> Option<String> {
    let replied = message.reply_to_message()?;
    if is_reply(message, me) || is_own(replied, me) {
        return None;
    }
    let quote = message.quote().map(|quote| quote.text.clone());
    let text = quote.or_else(|| {
        let (text, entities) = text_of(replied)?;
        Some(without_mention(text, entities, me).unwrap_or_else(|| text.to_owned()))
    })?;
    match Command::parse(&text, me.user.username.as_deref().unwrap_or_default()) {
        Ok(Command::Ask(question)) => Some(question).filter(|question| !question.is_empty()),
        _ => None,
    }
}

/// Returns whether a question was asked with a command.
fn is_ask(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('/') && text[1..].starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Returns whether a message was sent through the bot's own inline mode.
fn is_own(message: &Message, me: &Me) -> bool {
    let via = message.via_bot.as_ref();
    via.is_some_and(|bot| bot.id == me.user.id)
}

fn is_reply(message: &Message, me: &Me) -> bool {
    let to = message.reply_to_message().and_then(|to| to.from.as_ref());
    to.is_some_and(|user| user.id == me.user.id)
}

/// Removes the mentions of the bot from a text; `None` if there are none.
fn without_mention(text: &str, entities: &[MessageEntity], me: &Me) -> Option<String> {
    let name = format!("@{}", me.user.username.as_deref()?);
    let mut rest = text.to_owned();
    let mut is_mentioned = false;
    // From the last to the first, so that the earlier positions remain valid.
    for entity in entities.iter().rev() {
        let end = entity.offset.saturating_add(entity.length);
        let (Some(start), Some(end)) = (byte_at(&rest, entity.offset), byte_at(&rest, end)) else {
            continue;
        };
        let is_me = match &entity.kind {
            MessageEntityKind::Mention => rest[start..end].eq_ignore_ascii_case(&name),
            MessageEntityKind::TextMention { user } => user.id == me.user.id,
            _ => false,
        };
        if is_me {
            is_mentioned = true;
            rest.replace_range(start..end, " ");
        }
    }
    is_mentioned.then(|| rest.trim().to_owned())
}

fn read_press(query: CallbackQuery) -> Event {
    let language = language_of(Some(&query.from));
    let Some(message) = &query.message else {
        return Event::OrphanedPress(query.id, language);
    };
    let regular = message.regular_message();
    let thread = regular.filter(|message| message.is_topic_message);
    Event::Incoming(Incoming {
        chat: message.chat().id,
        thread: thread.and_then(|message| message.thread_id),
        reply_to: None,
        member: i64::try_from(query.from.id.0).unwrap_or_default(),
        language,
        input: Input::Press(Pressed {
            message: message.id(),
            press: query.data.as_deref().and_then(Press::decode),
            markup: regular.and_then(|message| message.reply_markup().cloned()),
            query: query.id,
        }),
        replied: None,
        version: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me() -> Me {
        let me = r#"{"id":42,"is_bot":true,"first_name":"窓口","username":"desk_bot",
                     "can_join_groups":true,"can_read_all_group_messages":false,
                     "supports_inline_queries":true,"has_main_web_app":false}"#;
        serde_json::from_str(me).expect("a bot")
    }

    #[test]
    fn a_mention_is_found_behind_emoji() {
        let mention = |offset, length| MessageEntity {
            kind: MessageEntityKind::Mention,
            offset,
            length,
        };
        let text = "😀 @Desk_Bot 解約したい";
        let found = without_mention(text, &[mention(3, 9)], &me());
        assert_eq!(found.as_deref(), Some("😀   解約したい"));
        for wrong in [mention(1, 9), mention(3, 900), mention(usize::MAX, 2)] {
            assert_eq!(without_mention(text, &[wrong], &me()), None);
        }
        assert_eq!(
            without_mention("@other_bot x", &[mention(0, 10)], &me()),
            None
        );
    }
}
