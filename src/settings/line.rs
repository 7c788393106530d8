//! The settings of the LINE bot: [`Sources`] -> [`Line`], or the error of a value.
//!
//! Invariant: no error contains a token or a secret.

use super::{Secret, Sources, parse_origin, trimmed};

/// The channel secret, with which LINE signs its requests; without it the bot is off.
const LINE_SECRET: &str = "MADOGUCHI_LINE_SECRET";
/// The channel access token.
const LINE_TOKEN: &str = "MADOGUCHI_LINE_TOKEN";
/// Whether an answer that is too late for a reply is sent as a push message; `off` by default.
const LINE_PUSH: &str = "MADOGUCHI_LINE_PUSH";
/// The address of the Messaging API; LINE's own by default.
const LINE_API_URL: &str = "MADOGUCHI_LINE_API_URL";

/// The settings of the LINE bot. Not available as flags, because other users of the machine can read
/// command lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The channel secret.
    pub secret: Secret,
    /// The channel access token.
    pub token: Secret,
    /// Whether push messages may be sent.
    pub can_push: bool,
    /// The address of the Messaging API; LINE's own by default.
    pub api_url: Option<String>,
}

impl Line {
    /// Reads the settings; `None` without a secret and a token.
    ///
    /// # Errors
    /// [`InvalidLine`] for values that cannot be used, alone or together.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, InvalidLine> {
        Self::read(|name| sources.value(name))
    }

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidLine> {
        let value = |name| trimmed(value(name));
        let (push, api_url) = (value(LINE_PUSH), value(LINE_API_URL));
        let (secret, token) = match (value(LINE_SECRET), value(LINE_TOKEN)) {
            (Some(secret), Some(token)) => (secret, token),
            (None, None) if push.is_none() && api_url.is_none() => return Ok(None),
            (None, None) => return Err(InvalidLine::WithoutToken),
            _ => return Err(InvalidLine::Half),
        };
        if !is_secret(&secret) {
            return Err(InvalidLine::Secret);
        }
        if !is_token(&token) {
            return Err(InvalidLine::Token);
        }
        let can_push = match push.as_deref() {
            None | Some("off") => false,
            Some("on") => true,
            Some(other) => return Err(InvalidLine::Push(other.to_owned())),
        };
        let api_url = api_url
            .map(|url| parse_origin(&url).ok_or(InvalidLine::ApiUrl))
            .transpose()?;
        Ok(Some(Self {
            secret: Secret(secret),
            token: Secret(token),
            can_push,
            api_url,
        }))
    }
}

fn is_secret(text: &str) -> bool {
    text.len() == 32 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// Returns whether a text may be a channel access token: a long one is base64, others have dots.
fn is_token(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+/=._-".contains(c);
    text.len() >= 40 && text.chars().all(allowed)
}

/// The reason why the settings of the LINE bot are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLine {
    /// Other settings without a token.
    #[error(
        "MADOGUCHI_LINE_PUSH and MADOGUCHI_LINE_API_URL need MADOGUCHI_LINE_SECRET and MADOGUCHI_LINE_TOKEN; set both, or leave the others out"
    )]
    WithoutToken,
    /// A secret without a token, or a token without a secret.
    #[error(
        "MADOGUCHI_LINE_SECRET and MADOGUCHI_LINE_TOKEN belong together; set both for the bot, or neither"
    )]
    Half,
    /// Not a channel secret. The value is not shown.
    #[error(
        "MADOGUCHI_LINE_SECRET is not a channel secret, expected the 32 hexadecimal digits under `Channel secret` in the LINE Developers console"
    )]
    Secret,
    /// Not a token. The value is not shown.
    #[error(
        "MADOGUCHI_LINE_TOKEN is not a channel access token, expected the long token under `Channel access token` in the LINE Developers console"
    )]
    Token,
    /// Not a switch.
    #[error("MADOGUCHI_LINE_PUSH is `{0}`, expected `on` or `off`")]
    Push(String),
    /// Not the address of an API. The value is not shown, since it may be a token in the wrong place.
    #[error(
        "MADOGUCHI_LINE_API_URL is not an address, expected scheme and host without a path, for example `http://127.0.0.1:8081`"
    )]
    ApiUrl,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[(&str, &str)]) -> Result<Option<Line>, InvalidLine> {
        let find = |name: &str| {
            let mut values = values.iter();
            let found = values.find(|(key, _)| name == format!("MADOGUCHI_LINE_{key}"));
            found.map(|(_, value)| (*value).to_owned())
        };
        Line::read(find)
    }

    #[test]
    fn settings_of_line_that_cannot_be_used_are_refused() {
        let digits = "0123456789abcdef".repeat(2);
        let text = "Fake+Token/0123456789".repeat(3);
        let (secret, token) = (("SECRET", &*digits), ("TOKEN", &*text));
        assert_eq!(line(&[]), Ok(None));
        assert_eq!(line(&[("SECRET", " "), ("TOKEN", "")]), Ok(None));
        let read = line(&[secret, token]).expect("settings").expect("a bot");
        assert!(!read.can_push && read.api_url.is_none());
        let printed = format!("{read:?}");
        assert!(
            !printed.contains("Fake") && !printed.contains("0123"),
            "{printed}"
        );
        let push = line(&[secret, token, ("PUSH", "on")]).expect("settings");
        assert!(push.expect("a bot").can_push);
        for half in [secret, token] {
            assert_eq!(line(&[half]), Err(InvalidLine::Half));
        }
        for alone in [("PUSH", "off"), ("API_URL", "http://127.0.0.1:1")] {
            assert_eq!(line(&[alone]), Err(InvalidLine::WithoutToken));
        }
        for wrong in ["0123", &text, &"g".repeat(32)] {
            let refused = line(&[("SECRET", wrong), token]);
            assert_eq!(refused, Err(InvalidLine::Secret), "{wrong}");
        }
        for wrong in ["short", &format!("Bearer {text}"), &"ü".repeat(64)] {
            let refused = line(&[secret, ("TOKEN", wrong)]);
            assert_eq!(refused, Err(InvalidLine::Token), "{wrong}");
        }
        let refused = line(&[secret, token, ("PUSH", "yes")]);
        assert_eq!(refused, Err(InvalidLine::Push("yes".to_owned())));
        let refused = line(&[secret, token, ("API_URL", "api.line.me")]);
        assert_eq!(refused, Err(InvalidLine::ApiUrl));
    }
}
