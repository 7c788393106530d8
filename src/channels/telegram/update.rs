//! What arrives -> what is to be done about it.
//!
//! An update in, an [`Event`] out, or nothing where nobody spoke to the bot. Invariant: in a group
//! only commands, mentions of the bot and replies to it are heard.

use teloxide::types::{
    CallbackQuery, CallbackQueryId, ChatId, InlineKeyboardMarkup, InlineQuery, Me, Message,
    MessageEntity, MessageEntityKind, MessageId, MessageKind, ThreadId, Update, UpdateKind, User,
};

use super::keyboard::Press;
use crate::channels::bot::command::{Command, Ignored};
use crate::knowledge::Language;

/// What is to be done.
#[derive(Debug)]
pub(super) enum Event {
    /// Somebody spoke in a chat.
    Said(Said),
    /// Somebody looks for an entry to send into another chat.
    Inline(InlineQuery),
    /// A button of a message that nobody can reach was pressed.
    Lost(CallbackQueryId, Language),
}

/// Something said to the bot in a chat.
#[derive(Debug)]
pub(super) struct Said {
    /// The chat.
    pub(super) chat: ChatId,
    /// The topic of a forum.
    pub(super) thread: Option<ThreadId>,
    /// The message that is answered, where others speak in between.
    pub(super) reply_to: Option<MessageId>,
    /// Who spoke.
    pub(super) member: i64,
    /// The member's language.
    pub(super) language: Language,
    /// What was said.
    pub(super) what: What,
}

/// Something that a member says.
#[derive(Debug)]
pub(super) enum What {
    /// Words.
    Command(Command),
    /// A picture, a voice message and the like.
    NotText,
    /// A button.
    Pressed(Pressed),
}

/// A press of a button.
#[derive(Debug)]
pub(super) struct Pressed {
    /// What Telegram waits to have answered.
    pub(super) query: CallbackQueryId,
    /// The message with the button.
    pub(super) message: MessageId,
    /// What the button means; `None` if nothing any more.
    pub(super) press: Option<Press>,
    /// All buttons of the message.
    pub(super) markup: Option<InlineKeyboardMarkup>,
}

/// Reads an update. An edited message is answered anew.
pub(super) fn read(update: Update, me: &Me) -> Option<Event> {
    match update.kind {
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => {
            read_message(&message, me).map(Event::Said)
        }
        UpdateKind::CallbackQuery(query) => Some(read_press(query)),
        UpdateKind::InlineQuery(query) => Some(Event::Inline(query)),
        _ => None,
    }
}

/// Chooses the language of a member. One that is not spoken here is served in English.
pub(super) fn language_of(user: Option<&User>) -> Language {
    let tag = user.and_then(|user| user.language_code.as_deref());
    tag.map_or_else(Language::default, |tag| {
        Language::from_tag(tag).unwrap_or(Language::English)
    })
}

fn read_message(message: &Message, me: &Me) -> Option<Said> {
    // That somebody joined or that a title changed is said to nobody.
    if !matches!(message.kind, MessageKind::Common(_) | MessageKind::Dice(_)) {
        return None;
    }
    let user = message.from.as_ref();
    // Who speaks in the name of a group seems to be a bot.
    let speaker = message.sender_chat.as_ref().map(|chat| chat.id.0);
    if speaker.is_none() && user.is_none_or(|user| user.is_bot) || is_own(message, me) {
        return None;
    }
    let member = i64::try_from(user?.id.0).ok()?;
    let is_private = message.chat.is_private();
    let text = message.text().or_else(|| message.caption());
    let entities = message.entities().or_else(|| message.caption_entities());
    let what = match text {
        Some(text) => {
            let question = without_mention(text, entities.unwrap_or_default(), me);
            let is_addressed = question.is_some() || is_reply(message, me);
            let text = question.as_deref().unwrap_or(text);
            match Command::parse(text, me.user.username.as_deref().unwrap_or_default()) {
                Ok(Command::Ask(_)) if !is_private && !is_addressed && !is_ask(text) => {
                    return None;
                }
                Ok(Command::Ask(question)) if question.is_empty() => Command::Help,
                Ok(command) => command,
                Err(Ignored::Unknown) if is_private => Command::Help,
                Err(_) => return None,
            }
        }
        .into(),
        None if is_private || is_reply(message, me) => What::NotText,
        None => return None,
    };
    Some(Said {
        chat: message.chat.id,
        thread: message.thread_id.filter(|_| message.is_topic_message),
        reply_to: (!is_private).then_some(message.id),
        member: speaker.unwrap_or(member),
        language: language_of(user),
        what,
    })
}

impl From<Command> for What {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

/// Tells whether a question was asked by its command.
fn is_ask(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('/') && text[1..].starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Tells whether the bot sent a message itself, into another chat, for somebody.
fn is_own(message: &Message, me: &Me) -> bool {
    let via = message.via_bot.as_ref();
    via.is_some_and(|bot| bot.id == me.user.id)
}

fn is_reply(message: &Message, me: &Me) -> bool {
    let to = message.reply_to_message().and_then(|to| to.from.as_ref());
    to.is_some_and(|user| user.id == me.user.id)
}

/// Takes the bot's name out of a text; `None` if it is not in it.
fn without_mention(text: &str, entities: &[MessageEntity], me: &Me) -> Option<String> {
    let name = format!("@{}", me.user.username.as_deref()?);
    let mut rest = text.to_owned();
    let mut is_mentioned = false;
    // From the last on, so that the places of the others stay.
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

/// Converts a place in UTF-16 units, as Telegram counts, to one in bytes.
fn byte_at(text: &str, units: usize) -> Option<usize> {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return (seen == units).then_some(at);
        }
        seen += c.len_utf16();
    }
    (seen == units).then_some(text.len())
}

fn read_press(query: CallbackQuery) -> Event {
    let language = language_of(Some(&query.from));
    let Some(message) = &query.message else {
        return Event::Lost(query.id, language);
    };
    let regular = message.regular_message();
    let thread = regular.filter(|message| message.is_topic_message);
    Event::Said(Said {
        chat: message.chat().id,
        thread: thread.and_then(|message| message.thread_id),
        reply_to: None,
        member: i64::try_from(query.from.id.0).unwrap_or_default(),
        language,
        what: What::Pressed(Pressed {
            message: message.id(),
            press: query.data.as_deref().and_then(Press::parse),
            markup: regular.and_then(|message| message.reply_markup().cloned()),
            query: query.id,
        }),
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
