//! The settings of the Discord bot: [`Sources`] -> [`Discord`], or the error of a value.
//!
//! Invariant: no error contains a token.

use super::{Secret, Sources, parse_origin, trimmed};

/// The token of the Discord bot.
const DISCORD_TOKEN: &str = "MADOGUCHI_DISCORD_TOKEN";
/// The public key of the application, for the interactions endpoint.
const DISCORD_PUBLIC_KEY: &str = "MADOGUCHI_DISCORD_PUBLIC_KEY";
/// The address of Discord's API; Discord's own by default.
const DISCORD_API_URL: &str = "MADOGUCHI_DISCORD_API_URL";

/// The settings of the Discord bot: a token, a public key, or both. Not available as flags, because
/// other users of the machine can read command lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discord {
    /// The bot's token; without a public key it connects to the gateway.
    pub token: Option<Secret>,
    /// The application's public key, for the interactions endpoint.
    pub public_key: Option<String>,
    /// The address of Discord's API; Discord's own by default.
    pub api_url: Option<String>,
}

impl Discord {
    /// Reads the settings; `None` without a token and a public key.
    ///
    /// # Errors
    /// [`InvalidDiscord`] for values that cannot be used, alone or together.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, InvalidDiscord> {
        Self::read(|name| sources.value(name))
    }

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidDiscord> {
        let value = |name| trimmed(value(name));
        let token = value(DISCORD_TOKEN);
        let public_key = value(DISCORD_PUBLIC_KEY);
        let api_url = value(DISCORD_API_URL);
        if token.is_none() && public_key.is_none() {
            return match api_url {
                Some(_) => Err(InvalidDiscord::ApiUrlAlone),
                None => Ok(None),
            };
        }
        if token.as_deref().is_some_and(|token| !is_token(token)) {
            return Err(InvalidDiscord::Token);
        }
        if public_key.as_deref().is_some_and(|key| !is_public_key(key)) {
            return Err(InvalidDiscord::PublicKey);
        }
        let api_url = api_url
            .map(|url| parse_origin(&url).ok_or(InvalidDiscord::ApiUrl))
            .transpose()?;
        Ok(Some(Self {
            token: token.map(Secret),
            public_key,
            api_url,
        }))
    }
}

/// Returns whether a text has the form of a bot's token: three parts separated by dots.
fn is_token(text: &str) -> bool {
    let is_part = |part: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        !part.is_empty() && part.chars().all(allowed)
    };
    text.split('.').count() == 3 && text.split('.').all(is_part)
}

fn is_public_key(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// The reason why the settings of the Discord bot are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDiscord {
    /// An address without a bot.
    #[error(
        "MADOGUCHI_DISCORD_API_URL needs MADOGUCHI_DISCORD_TOKEN or MADOGUCHI_DISCORD_PUBLIC_KEY; set one of them, or leave it out"
    )]
    ApiUrlAlone,
    /// Not a token. The value is not shown.
    #[error(
        "MADOGUCHI_DISCORD_TOKEN is not a bot's token, expected the token from `Reset Token` in the developer portal: three parts separated by dots, without `Bot` before it"
    )]
    Token,
    /// Not a key. The value is not shown, since it may be a token in the wrong place.
    #[error(
        "MADOGUCHI_DISCORD_PUBLIC_KEY is not a public key, expected the 64 hexadecimal digits under `Public Key` in the developer portal"
    )]
    PublicKey,
    /// Not the address of an API. The value is not shown, since it may be a token in the wrong place.
    #[error(
        "MADOGUCHI_DISCORD_API_URL is not an address, expected scheme and host without a path, for example `http://127.0.0.1:8081`"
    )]
    ApiUrl,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discord(values: &[(&str, &str)]) -> Result<Option<Discord>, InvalidDiscord> {
        let find = |name: &str| {
            let mut values = values.iter();
            let found = values.find(|(key, _)| name == format!("MADOGUCHI_DISCORD_{key}"));
            found.map(|(_, value)| (*value).to_owned())
        };
        Discord::read(find)
    }

    #[test]
    fn settings_of_discord_that_cannot_be_used_are_refused() {
        let token = ("TOKEN", "OTg3.Fake-s.Secret_x");
        let digits = "0123456789abcdef".repeat(4);
        let key = ("PUBLIC_KEY", &*digits);
        let url = ("API_URL", "http://127.0.0.1:1");
        assert_eq!(discord(&[]), Ok(None));
        assert_eq!(discord(&[("TOKEN", " ")]), Ok(None));
        for values in [&[token][..], &[key], &[token, key, url]] {
            let read = discord(values).expect("settings").expect("a bot");
            assert!(!format!("{read:?}").contains("Secret_x"));
        }
        assert_eq!(discord(&[url]), Err(InvalidDiscord::ApiUrlAlone));
        for wrong in ["a", "a.b", "a..c", "Bot a.b.c", "a.b.c.d", "a.b.ü"] {
            let refused = discord(&[("TOKEN", wrong)]);
            assert_eq!(refused, Err(InvalidDiscord::Token), "{wrong}");
        }
        for wrong in ["a.b.c", &digits[1..], &format!("{}g", &digits[1..])] {
            let refused = discord(&[("PUBLIC_KEY", wrong)]);
            assert_eq!(refused, Err(InvalidDiscord::PublicKey), "{wrong}");
        }
        for wrong in ["http://a.example/api", token.1] {
            let refused = discord(&[token, ("API_URL", wrong)]);
            assert_eq!(refused, Err(InvalidDiscord::ApiUrl), "{wrong}");
        }
    }
}
