//! The commands, and their registration.
//!
//! Invariant: commands are sent only if they differ from the registered ones; Discord accepts 200
//! registrations a day.

use serde_json::{Map, Value, json};
use serenity::builder::{CreateCommand, CreateCommandOption};
use serenity::model::application::{
    CommandOptionType, CommandType, InstallationContext, InteractionContext,
};

use super::rest::{Failure, Rest};
use crate::channels::bot::split::truncated;
use crate::knowledge::{Language, Messages, Sentence};

pub(super) const ASK: &str = "ask";
pub(super) const TOPICS: &str = "topics";
pub(super) const CONTACT: &str = "contact";
pub(super) const HELP: &str = "help";
/// The option with the question.
pub(super) const QUESTION: &str = "question";
/// The option that shows the answer to all members.
pub(super) const PUBLIC: &str = "public";

/// The commands in order: the name in English and in Japanese, and the description.
pub(super) const COMMANDS: [(&str, &str, Sentence); 4] = [
    (ASK, "質問", Sentence::AskButton),
    (TOPICS, "一覧", Sentence::CommandTopics),
    (CONTACT, "窓口", Sentence::CommandContact),
    (HELP, "使い方", Sentence::CommandHelp),
];

/// Length limit of a description.
const MAX_DESCRIPTION_CHARS: usize = 100;

/// Length limit of the name of a command.
const MAX_NAME_CHARS: usize = 32;

/// Length limit of a typed question: more than [`crate::answer::MAX_QUESTION_CHARS`], so that a longer
/// question gets an explanation.
const MAX_QUESTION_OPTION_CHARS: u16 = 600;

/// Describes the commands: in Japanese for members who use Discord in Japanese, else in English.
pub(super) fn definitions(messages: &Messages) -> Vec<CreateCommand> {
    let text =
        |sentence, language, limit| truncated(&messages.render(sentence, language, &[]), limit);
    let describe = |sentence| {
        [Language::English, Language::Japanese]
            .map(|language| text(sentence, language, MAX_DESCRIPTION_CHARS))
    };
    let japanese = Language::Japanese.tag();
    let option = |kind, name, ja, sentence| {
        let [english, translated] = describe(sentence);
        CreateCommandOption::new(kind, name, english)
            .name_localized(japanese, ja)
            .description_localized(japanese, translated)
    };
    let slash = COMMANDS.map(|(name, ja, sentence)| {
        let [english, translated] = describe(sentence);
        let command = CreateCommand::new(name)
            .kind(CommandType::ChatInput)
            .name_localized(japanese, ja)
            .description(english)
            .description_localized(japanese, translated);
        if name != ASK {
            return command;
        }
        let question = option(
            CommandOptionType::String,
            QUESTION,
            "質問文",
            Sentence::AskPlaceholder,
        );
        let question = question.required(true).set_autocomplete(true);
        let public = option(
            CommandOptionType::Boolean,
            PUBLIC,
            "公開",
            Sentence::SharePublicly,
        );
        command
            .add_option(question.max_length(MAX_QUESTION_OPTION_CHARS))
            .add_option(public.required(false))
    });
    let find = |language| text(Sentence::FindAnswer, language, MAX_NAME_CHARS);
    let find = CreateCommand::new(find(Language::English))
        .kind(CommandType::Message)
        .name_localized(japanese, find(Language::Japanese));
    let everywhere = |command: CreateCommand| {
        command
            .contexts(vec![
                InteractionContext::Guild,
                InteractionContext::BotDm,
                InteractionContext::PrivateChannel,
            ])
            .integration_types(vec![InstallationContext::Guild, InstallationContext::User])
    };
    slash.into_iter().chain([find]).map(everywhere).collect()
}

/// Registers the commands; `false` if the same commands are registered already.
pub(super) async fn publish(
    rest: &Rest,
    application: &str,
    messages: &Messages,
) -> Result<bool, Failure> {
    let wanted = json!(definitions(messages));
    let known = rest.commands(application).await?;
    if normalized(&known) == normalized(&wanted) {
        return Ok(false);
    }
    rest.put_commands(application, &wanted).await?;
    Ok(true)
}

/// Normalizes commands for comparison: without ids, versions and defaults that Discord adds.
fn normalized(commands: &Value) -> Vec<String> {
    let commands = commands.as_array().map_or(&[][..], Vec::as_slice);
    let mut normalized: Vec<String> = commands
        .iter()
        .map(|command| normalized_value(command).to_string())
        .collect();
    normalized.sort();
    normalized
}

fn normalized_value(value: &Value) -> Value {
    /// The fields of a command and its options; Discord adds others.
    const KEYS: [&str; 16] = [
        "name",
        "type",
        "description",
        "name_localizations",
        "description_localizations",
        "options",
        "choices",
        "required",
        "autocomplete",
        "min_length",
        "max_length",
        "value",
        "contexts",
        "integration_types",
        "default_member_permissions",
        "nsfw",
    ];
    let mut kept = Map::new();
    for key in KEYS {
        let value = match &value[key] {
            Value::Array(items) if key == "options" || key == "choices" => {
                Value::Array(items.iter().map(normalized_value).collect())
            }
            Value::Array(items) => {
                let mut items = items.clone();
                items.sort_by_key(Value::to_string);
                Value::Array(items)
            }
            other => other.clone(),
        };
        let is_default = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(items) => items.is_empty(),
            Value::Bool(true) | Value::Number(_) => false,
        };
        if !is_default {
            kept.insert(key.to_owned(), value);
        }
    }
    Value::Object(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_discord_adds_are_not_compared() {
        let mut wanted = json!(definitions(&Messages::default()));
        for command in wanted.as_array_mut().expect("commands") {
            command["id"] = json!("1");
            command["version"] = json!("2");
            command["default_member_permissions"] = Value::Null;
            command["integration_types"] = json!([1, 0]);
            if let Some(options) = command["options"].as_array_mut() {
                for option in options {
                    option["required"] = json!(option["required"] == true);
                }
            }
        }
        let own = json!(definitions(&Messages::default()));
        assert_eq!(normalized(&wanted), normalized(&own));
        wanted[0]["options"][0]["autocomplete"] = json!(false);
        assert_ne!(normalized(&wanted), normalized(&own));
    }
}
