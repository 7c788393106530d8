//! Members and their actions: payloads of interactions, and messages.
//!
//! Invariant: a button, menu or command that the bot did not send or register fails the test.

use serde_json::{Value, json};

use super::components::parts;
use super::{BOT_ID, FakeDiscord, GUILD, Inner, OTHER_GUILD, Response, bot, messages};

/// The owner of the application.
pub(super) const OWNER: u64 = 1_000_000_000_000_000_009;
/// Base of members' ids.
const USERS: u64 = 1_000_000_000_000_000_000;
/// The permissions of every member.
const PERMISSIONS: &str = "2248473465835073";

/// The place of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Guild(u64),
    /// A direct message to the bot.
    Dm,
    /// A group of people where a user has installed the bot.
    Group,
}

/// A member of a guild, or a user elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) id: u64,
    pub(crate) locale: String,
    pub(crate) place: Place,
}

impl Member {
    /// A member of the guild whose Discord is in Japanese.
    pub(crate) fn new(number: u64) -> Self {
        Self {
            id: USERS + number,
            locale: "ja".to_owned(),
            place: Place::Guild(GUILD),
        }
    }

    /// The same member with another locale, such as `en-US`.
    pub(crate) fn with_locale(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.locale);
        self
    }

    /// The same member in another place.
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    fn channel(&self) -> Value {
        match self.place {
            Place::Guild(guild) => guild_channel(&(guild + 1).to_string()).unwrap(),
            Place::Dm => dm_channel(self.id),
            Place::Group => json!({
                "id": (self.id + 200_000_000).to_string(), "type": 3, "name": null, "icon": null,
                "flags": 0, "owner_id": self.id.to_string(), "last_message_id": null,
                "recipients": [user(self.id), user(USERS + 8)],
            }),
        }
    }

    /// The keys that all interactions have.
    fn base(&self, kind: u64, data: Value) -> Value {
        let channel = self.channel();
        let mut payload = json!({
            "type": kind, "data": data, "channel_id": channel["id"], "channel": channel,
            "app_permissions": "2251799813685247", "locale": self.locale, "entitlements": [],
            "entitlement_sku_ids": [], "attachment_size_limit": 10_485_760,
        });
        match self.place {
            Place::Guild(guild) => {
                let id = guild.to_string();
                let mut member = member(self.id);
                member["permissions"] = json!(PERMISSIONS);
                payload["guild_id"] = json!(id);
                payload["guild"] = json!({"id": id, "locale": "ja", "features": []});
                payload["guild_locale"] = json!("ja");
                payload["member"] = member;
                payload["context"] = json!(0);
                payload["authorizing_integration_owners"] = json!({"0": id});
                payload["channel"]["permissions"] = json!(PERMISSIONS);
            }
            Place::Dm => {
                payload["user"] = user(self.id);
                payload["context"] = json!(1);
                payload["authorizing_integration_owners"] = json!({"0": "0"});
            }
            Place::Group => {
                payload["user"] = user(self.id);
                payload["context"] = json!(2);
                payload["authorizing_integration_owners"] = json!({"1": self.id.to_string()});
            }
        }
        payload
    }
}

/// A user.
pub(super) fn user(id: u64) -> Value {
    json!({
        "id": id.to_string(), "username": format!("hanako{}", id - USERS), "global_name": "花子",
        "discriminator": "0", "avatar": null, "avatar_decoration_data": null, "public_flags": 0,
        "bot": false,
    })
}

fn member(id: u64) -> Value {
    json!({
        "user": user(id), "roles": [], "joined_at": "2026-01-01T00:00:00.000000+00:00",
        "nick": null, "avatar": null, "banner": null, "premium_since": null, "pending": false,
        "deaf": false, "mute": false, "flags": 0, "communication_disabled_until": null,
        "unusual_dm_activity_until": null,
    })
}

/// The one channel of each guild.
pub(super) fn guild_channel(id: &str) -> Option<Value> {
    let mut guilds = [GUILD, OTHER_GUILD].into_iter();
    let guild = guilds.find(|guild| (guild + 1).to_string() == id)?;
    Some(json!({
        "id": id, "type": 0, "guild_id": guild.to_string(), "name": "質問", "position": 0,
        "parent_id": null, "topic": null, "nsfw": false, "rate_limit_per_user": 0, "flags": 0,
        "last_message_id": null, "permission_overwrites": [],
    }))
}

pub(super) fn dm_channel(id: u64) -> Value {
    json!({
        "id": (id + 100_000_000).to_string(), "type": 1, "flags": 0, "last_message_id": null,
        "recipients": [user(id)],
    })
}

/// Payloads of interactions, for the gateway or the endpoint.
impl FakeDiscord {
    /// A slash command with its options as `{"name": value}`.
    #[track_caller]
    pub(crate) fn command(&self, who: &Member, name: &str, options: &Value) -> Value {
        let (id, registered) = self.find(who, name, 1);
        let pairs = options.as_object().into_iter().flatten();
        let options: Vec<Value> = pairs
            .map(|(name, value)| option(&registered, name, value))
            .collect();
        for option in registered["options"].as_array().into_iter().flatten() {
            let is_given = options.iter().any(|given| given["name"] == option["name"]);
            assert!(
                option["required"] != true || is_given,
                "`{option}` is required"
            );
        }
        let mut data = json!({"id": id, "name": name, "type": 1});
        if !options.is_empty() {
            data["options"] = json!(options);
        }
        who.base(2, data)
    }

    /// The command that asks a question.
    #[track_caller]
    pub(crate) fn question(&self, who: &Member, question: &str) -> Value {
        self.command(who, "ask", &json!({ "question": question }))
    }

    /// The text typed so far into an option of a slash command.
    #[track_caller]
    pub(crate) fn autocomplete(&self, who: &Member, name: &str, key: &str, text: &str) -> Value {
        let (id, registered) = self.find(who, name, 1);
        let mut typed = option(&registered, key, &json!(text));
        typed["focused"] = json!(true);
        let mut known = registered["options"].as_array().into_iter().flatten();
        let known = known.find(|option| option["name"] == key);
        assert!(
            known.is_none_or(|option| option["autocomplete"] == true),
            "`{key}` has no autocomplete"
        );
        let data = json!({"id": id, "name": name, "type": 1, "options": [typed]});
        who.base(4, data)
    }

    /// A command on another user's message.
    #[track_caller]
    pub(crate) fn context_command(&self, who: &Member, name: &str, text: &str) -> Value {
        let (id, _) = self.find(who, name, 3);
        let channel = who.channel();
        let target = {
            let mut inner = self.shared.lock();
            inner.add_message(&channel, user(USERS + 8), text)
        };
        let message = target["id"].as_str().unwrap_or_default();
        let data = json!({
            "id": id, "name": name, "type": 3, "target_id": message,
            "resolved": {"messages": {message: target}},
        });
        who.base(2, data)
    }

    #[track_caller]
    fn find(&self, who: &Member, name: &str, kind: u64) -> (String, Value) {
        let commands = self.commands();
        if commands.is_empty() {
            return ("1250000000000000000".to_owned(), Value::Null);
        }
        let mut found = commands.iter();
        let found = found.find(|command| command["name"] == name && command["type"] == kind);
        let found = found.unwrap_or_else(|| panic!("no command `{name}` in {commands:#?}"));
        let (context, kinds) = match who.place {
            Place::Guild(_) => (0, [0, 0]),
            Place::Dm => (1, [0, 1]),
            Place::Group => (2, [1, 1]),
        };
        let has = |key: &str, number: u64| {
            let numbers = found[key].as_array();
            numbers.is_none_or(|numbers| numbers.contains(&json!(number)))
        };
        assert!(
            has("contexts", context) && kinds.iter().any(|kind| has("integration_types", *kind)),
            "`{name}` is not available in {:?}",
            who.place
        );
        let id = found["id"].as_str().unwrap_or_default().to_owned();
        (id, found.clone())
    }

    /// A press of the button whose label is `what` or whose custom id begins with it, on the current
    /// state of a message.
    #[track_caller]
    pub(crate) fn press(&self, who: &Member, message: &Value, what: &str) -> Value {
        let (message, part) = self.part(who, message, 2, what);
        self.use_part(who, &message, &part, &Value::Null)
    }

    /// A choice from the menu whose custom id or placeholder begins with `what`; options are named
    /// by label or value.
    #[track_caller]
    pub(crate) fn select(
        &self,
        who: &Member,
        message: &Value,
        what: &str,
        chosen: &[&str],
    ) -> Value {
        let (message, part) = self.part(who, message, 3, what);
        let options = part["options"].as_array().cloned().unwrap_or_default();
        let value = |name: &&str| {
            let mut options = options.iter();
            let found = options.find(|option| option["label"] == *name || option["value"] == *name);
            let found = found.unwrap_or_else(|| panic!("no option `{name}` in {part:#}"));
            found["value"].clone()
        };
        let values: Vec<Value> = chosen.iter().map(value).collect();
        let max = part["max_values"].as_u64().unwrap_or(1);
        assert!(values.len() as u64 <= max, "at most {max} can be chosen");
        self.use_part(who, &message, &part, &json!(values))
    }

    #[track_caller]
    fn part(&self, who: &Member, message: &Value, kind: u64, what: &str) -> (Value, Value) {
        let id = message["id"].as_str().unwrap_or_default();
        let message = self
            .message(id)
            .unwrap_or_else(|| panic!("no message `{id}`: {message}"));
        let is_seen = self.shared.lock().messages.is_seen(id, who.id);
        assert!(is_seen, "only another member sees this message: {message}");
        let begins = |part: &Value, key: &str| {
            let text = part[key].as_str();
            text.is_some_and(|text| text.starts_with(what))
        };
        let all = parts(&message);
        let found = all.iter().find(|part| {
            let is_named = part["label"] == *what || begins(part, "placeholder");
            part["type"] == kind && (is_named || begins(part, "custom_id"))
        });
        let found = found.unwrap_or_else(|| panic!("no `{what}` in {all:#?}"));
        assert!(found["disabled"] != true, "disabled: {found}");
        assert!(
            !found["custom_id"].is_null(),
            "a link makes no interaction: {found}"
        );
        (message.clone(), found.clone())
    }

    /// Uses a component; the message need not have it, for example if an older version sent it.
    pub(crate) fn use_part(
        &self,
        who: &Member,
        message: &Value,
        part: &Value,
        values: &Value,
    ) -> Value {
        let mut data = json!({
            "custom_id": part["custom_id"], "component_type": part["type"], "id": part["id"],
        });
        if !values.is_null() {
            data["values"] = values.clone();
        }
        let mut payload = who.base(3, data);
        payload["message"] = message.clone();
        payload
    }

    /// The submission of a modal. `values` names inputs by the beginning of their custom id or by
    /// their label; others keep their value.
    #[track_caller]
    pub(crate) fn submit(&self, who: &Member, modal: &Response, values: &[(&str, &str)]) -> Value {
        assert_eq!(modal.kind, 9, "no modal: {}", modal.body);
        let mut used = 0;
        let inputs: Vec<Value> = parts(&modal.body)
            .iter()
            .enumerate()
            .map(|(at, input)| {
                let id = input["custom_id"].as_str().unwrap_or_default();
                let mut named = values.iter();
                let named = named.find(|(what, _)| id.starts_with(what) || input["label"] == *what);
                used += usize::from(named.is_some());
                let prefilled = input["value"].as_str().unwrap_or_default();
                let value = named.map_or(prefilled, |(_, value)| value);
                let length = value.chars().count() as u64;
                let max = input["max_length"].as_u64().unwrap_or(4_000);
                assert!(length <= max, "Discord accepts {max} characters: {input}");
                let is_required = input["required"] != false;
                assert!(!is_required || length > 0, "must be filled in: {input}");
                let input = json!({"type": 4, "id": at * 2 + 2, "custom_id": id, "value": value});
                json!({"type": 1, "id": at * 2 + 1, "components": [input]})
            })
            .collect();
        assert_eq!(used, values.len(), "no such input in {}", modal.body);
        let data = json!({"custom_id": modal.body["custom_id"], "components": inputs});
        let mut payload = who.base(5, data);
        let inner = self.shared.lock();
        if let Some(message) = inner.under(&modal.interaction) {
            payload["message"] = message;
        }
        payload
    }

    /// Sends a direct message to the bot; returns its id.
    pub(crate) fn dm(&self, who: &Member, text: &str) -> String {
        self.post_as(&who.clone().at(Place::Dm), text, user(who.id), &[])
    }

    /// Sends a message to a guild that begins with a mention of the bot.
    pub(crate) fn mention(&self, who: &Member, text: &str) -> String {
        self.post_as(who, &format!("<@{BOT_ID}> {text}"), user(who.id), &[bot()])
    }

    /// Sends a message to a guild without a mention.
    pub(crate) fn guild_message(&self, who: &Member, text: &str) -> String {
        self.post_as(who, text, user(who.id), &[])
    }

    /// Sends a message of any author, such as another bot, that mentions users.
    pub(crate) fn post_as(
        &self,
        who: &Member,
        text: &str,
        author: Value,
        mentions: &[Value],
    ) -> String {
        self.post_with(who, text, author, mentions, &Value::Null)
    }

    /// Sends a message with further keys, such as `referenced_message`.
    pub(crate) fn post_with(
        &self,
        who: &Member,
        text: &str,
        author: Value,
        mentions: &[Value],
        extra: &Value,
    ) -> String {
        let mut inner = self.shared.lock();
        let channel = match who.place {
            Place::Dm => inner.dm_channel(who.id),
            _ => who.channel(),
        };
        let mut message = inner.add_message(&channel, author, text);
        message["mentions"] = json!(mentions);
        for (key, value) in extra.as_object().into_iter().flatten() {
            message[key] = value.clone();
        }
        if let Place::Guild(guild) = who.place {
            let mut member = member(who.id);
            member.as_object_mut().unwrap().remove("user");
            message["guild_id"] = json!(guild.to_string());
            message["member"] = member;
        }
        inner.dispatch("MESSAGE_CREATE", &message);
        message["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Mentions the bot in reply to a message of another member.
    pub(crate) fn mention_below(&self, who: &Member, text: &str, replied: &str) -> String {
        let other = self.guild_message(&Member::new(8), replied);
        let mut replied = self.message(&other).expect("a message");
        let channel = replied["channel_id"].clone();
        replied["mentions"] = json!([]);
        let extra = json!({
            "type": 19, "referenced_message": replied,
            "message_reference": {"type": 0, "message_id": other, "channel_id": channel},
        });
        let text = format!("<@{BOT_ID}> {text}");
        self.post_with(who, &text, user(who.id), &[bot(), user(USERS + 8)], &extra)
    }

    /// Forwards a message of another channel to the bot.
    pub(crate) fn forward(&self, who: &Member, text: &str) -> String {
        let snapshot = json!({
            "type": 0, "content": text, "timestamp": "2026-11-22T02:00:00.000000+00:00",
            "edited_timestamp": null, "mentions": [], "mention_roles": [], "attachments": [],
            "embeds": [], "components": [], "flags": 0,
        });
        let extra = json!({
            "flags": 1 << 14, "message_snapshots": [{"message": snapshot}],
            "message_reference": {"type": 1, "message_id": "1", "channel_id": "2"},
        });
        let who = who.clone().at(Place::Dm);
        self.post_with(&who, "", user(who.id), &[], &extra)
    }

    /// Edits a member's message and sends the event.
    pub(crate) fn edit(&self, id: &str, text: &str) {
        let mut inner = self.shared.lock();
        let mut message = inner.messages.get(id).cloned().expect("a message");
        message["content"] = json!(text);
        message["edited_timestamp"] = json!("2026-11-22T03:00:02.000000+00:00");
        inner.dispatch("MESSAGE_UPDATE", &message);
    }
}

impl Inner {
    fn add_message(&mut self, channel: &Value, author: Value, text: &str) -> Value {
        let id = self.next();
        let channel = channel["id"].as_str().unwrap_or_default();
        let message = messages::blank(&id, channel, author, text);
        self.messages.insert(message.clone(), None, self.keeps);
        message
    }
}

/// An option of a command in an interaction.
#[track_caller]
fn option(registered: &Value, name: &str, value: &Value) -> Value {
    let kind = match value {
        Value::String(_) => 3,
        Value::Number(_) => 4,
        Value::Bool(_) => 5,
        other => panic!("`{other}` is no option"),
    };
    if !registered.is_null() {
        let mut options = registered["options"].as_array().into_iter().flatten();
        let found = options.find(|option| option["name"] == name);
        let found = found.unwrap_or_else(|| panic!("no option `{name}` in {registered:#}"));
        assert_eq!(found["type"], kind, "`{name}`");
    }
    json!({"name": name, "type": kind, "value": value})
}
