//! Text commands, for channels in which a command begins with `/`: text -> [`Command`].
//!
//! Invariant: text without a command is a question; only a command for another bot and an unknown
//! command are ignored.

/// A request of a member to a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Answer a question; empty if there is only the command or nothing.
    Ask(String),
    /// Explain the bot.
    Help,
    /// Show the desks.
    Contact,
    /// List the categories.
    Topics,
    /// Greet; with the parameter of the link to the bot, if any.
    Start(Option<String>),
}

/// The reason why a text is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// The command is for another bot.
    Elsewhere,
    /// The command is unknown.
    Unknown,
}

impl Command {
    /// Parses a text that was sent to the bot with the name `bot`.
    ///
    /// # Errors
    /// [`Ignored`] if it begins with an unknown command or with a command for another bot.
    pub fn parse(text: &str, bot: &str) -> Result<Self, Ignored> {
        let text = text.trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let Some(rest) = text
            .strip_prefix('/')
            .filter(|rest| rest.starts_with(is_name))
        else {
            return Ok(Self::Ask(text.trim_start_matches('/').to_owned()));
        };
        let end = rest.find(|c| !is_name(c) && c != '@').unwrap_or(rest.len());
        let (name, argument) = (&rest[..end], rest[end..].trim());
        let (name, addressee) = name.split_once('@').unwrap_or((name, bot));
        if !addressee.eq_ignore_ascii_case(bot) {
            return Err(Ignored::Elsewhere);
        }
        let argument = (!argument.is_empty()).then(|| argument.to_owned());
        match name.to_ascii_lowercase().as_str() {
            "ask" => Ok(Self::Ask(argument.unwrap_or_default())),
            "help" => Ok(Self::Help),
            "contact" => Ok(Self::Contact),
            "topics" => Ok(Self::Topics),
            "start" => Ok(Self::Start(argument)),
            _ => Err(Ignored::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_questions_are_distinguished() {
        let ask = |text: &str| Ok(Command::Ask(text.to_owned()));
        for (text, expected) in [
            (" 解約したい ", ask("解約したい")),
            ("/解約", ask("解約")),
            ("3/4 って", ask("3/4 って")),
            ("/", ask("")),
            ("/help", Ok(Command::Help)),
            ("/HELP@Desk_Bot", Ok(Command::Help)),
            ("/help@other_bot", Err(Ignored::Elsewhere)),
            ("/ask 解約したい", ask("解約したい")),
            ("/ask　解約したい", ask("解約したい")),
            ("/ask", ask("")),
            ("/contact", Ok(Command::Contact)),
            ("/topics@desk_bot", Ok(Command::Topics)),
            ("/start", Ok(Command::Start(None))),
            ("/start a-b", Ok(Command::Start(Some("a-b".to_owned())))),
            ("/settings", Err(Ignored::Unknown)),
        ] {
            assert_eq!(Command::parse(text, "desk_bot"), expected, "{text}");
        }
    }
}
