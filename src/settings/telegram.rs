//! The settings of the Telegram bot: [`Sources`] -> [`Telegram`], or the error of a value.
//!
//! Invariant: no error contains a token or a secret.

use std::ops::RangeInclusive;

use reqwest::Url;

use super::{Secret, Sources, parse_origin, trimmed};

/// The token of the Telegram bot; without it the bot is off.
const TELEGRAM_TOKEN: &str = "MADOGUCHI_TELEGRAM_TOKEN";
/// The address of the Bot API; Telegram's own by default.
const TELEGRAM_API_URL: &str = "MADOGUCHI_TELEGRAM_API_URL";
/// The address to which Telegram sends updates; the bot polls by default.
const TELEGRAM_WEBHOOK_URL: &str = "MADOGUCHI_TELEGRAM_WEBHOOK_URL";
/// The secret that Telegram sends with each update.
const TELEGRAM_WEBHOOK_SECRET: &str = "MADOGUCHI_TELEGRAM_WEBHOOK_SECRET";

/// The settings of the Telegram bot. Not available as flags, because other users of the machine can
/// read command lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telegram {
    /// The bot's token.
    pub token: Secret,
    /// The address of the Bot API; Telegram's own by default.
    pub api_url: Option<Url>,
    /// The address to which Telegram sends updates, and the secret that it sends with them.
    pub webhook: Option<(Url, Secret)>,
}

impl Telegram {
    /// Reads the settings; `None` without a token.
    ///
    /// # Errors
    /// [`InvalidTelegram`] for values that cannot be used, alone or together.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, InvalidTelegram> {
        Self::read(|name| sources.value(name))
    }

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidTelegram> {
        let value = |name| trimmed(value(name));
        let url = value(TELEGRAM_WEBHOOK_URL);
        let secret = value(TELEGRAM_WEBHOOK_SECRET);
        let api_url = value(TELEGRAM_API_URL);
        let Some(token) = value(TELEGRAM_TOKEN) else {
            return if url.is_some() || secret.is_some() || api_url.is_some() {
                Err(InvalidTelegram::WithoutToken)
            } else {
                Ok(None)
            };
        };
        if !is_token(&token) {
            return Err(InvalidTelegram::Token);
        }
        let api_url = api_url
            .map(|url| {
                let origin = parse_origin(&url).and_then(|origin| origin.parse().ok());
                origin.ok_or(InvalidTelegram::ApiUrl)
            })
            .transpose()?;
        let webhook = match (url, secret) {
            (None, None) => None,
            (Some(url), Some(secret)) => {
                let parsed = parse_webhook(&url).ok_or(InvalidTelegram::WebhookUrl(url))?;
                if !is_webhook_secret(&secret) {
                    return Err(InvalidTelegram::WebhookSecret);
                }
                Some((parsed, Secret(secret)))
            }
            _ => return Err(InvalidTelegram::WebhookHalf),
        };
        Ok(Some(Self {
            token: Secret(token),
            api_url,
            webhook,
        }))
    }
}

fn is_secret_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn is_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(id, secret)| {
        !id.is_empty() && id.chars().all(|c| c.is_ascii_digit())
            // Logs mask each occurrence of the secret; a shorter one would mask ordinary words.
            && secret.len() >= 8 && secret.chars().all(is_secret_character)
    })
}

fn is_webhook_secret(text: &str) -> bool {
    /// A shorter secret can be guessed; Telegram refuses a longer one than 256.
    const SECRET_CHARS: RangeInclusive<usize> = 16..=256;
    SECRET_CHARS.contains(&text.len()) && text.chars().all(is_secret_character)
}

/// Parses an `https` URL below `/telegram/`, a path that no web page uses.
fn parse_webhook(text: &str) -> Option<Url> {
    let (host, path) = text.strip_prefix("https://")?.split_once('/')?;
    parse_origin(&format!("https://{host}"))?;
    let allowed = |c: char| is_secret_character(c) || matches!(c, '/' | '.');
    let rest = path.strip_prefix("telegram/")?;
    let is_path = !rest.is_empty() && path.chars().all(allowed);
    is_path.then(|| text.parse().ok())?
}

/// The reason why the settings of the Telegram bot are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTelegram {
    /// Other settings without a token.
    #[error(
        "MADOGUCHI_TELEGRAM_API_URL, _WEBHOOK_URL and _WEBHOOK_SECRET need MADOGUCHI_TELEGRAM_TOKEN; set it to the token from BotFather, or leave them out"
    )]
    WithoutToken,
    /// Not a token. The value is not shown.
    #[error(
        "MADOGUCHI_TELEGRAM_TOKEN is not a token, expected the token from BotFather: digits, `:`, and letters, digits, `_` or `-`"
    )]
    Token,
    /// Not the address of a Bot API. The value is not shown, since it may be a token in the wrong
    /// place.
    #[error(
        "MADOGUCHI_TELEGRAM_API_URL is not an address, expected scheme and host without a path, for example `http://127.0.0.1:8081`"
    )]
    ApiUrl,
    /// Not an address that Telegram can call.
    #[error(
        "MADOGUCHI_TELEGRAM_WEBHOOK_URL is `{0}`, expected https and a path under /telegram/, for example `https://faq.example.jp/telegram/webhook`"
    )]
    WebhookUrl(String),
    /// Not a secret that Telegram accepts. The value is not shown.
    #[error(
        "MADOGUCHI_TELEGRAM_WEBHOOK_SECRET cannot be used, expected 16 to 256 letters, digits, `_` or `-`, for example the output of `openssl rand -hex 32`"
    )]
    WebhookSecret,
    /// A webhook address without a secret, or a secret without an address.
    #[error(
        "MADOGUCHI_TELEGRAM_WEBHOOK_URL and MADOGUCHI_TELEGRAM_WEBHOOK_SECRET belong together; set both for a webhook, or neither to poll"
    )]
    WebhookHalf,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telegram(values: &[(&str, &str)]) -> Result<Option<Telegram>, InvalidTelegram> {
        let find = |name: &str| {
            let mut values = values.iter();
            let found = values.find(|(key, _)| name == format!("MADOGUCHI_TELEGRAM_{key}"));
            found.map(|(_, value)| (*value).to_owned())
        };
        Telegram::read(find)
    }

    #[test]
    fn settings_of_telegram_that_contradict_each_other_are_refused() {
        let token = ("TOKEN", "123:ABCdef_-x");
        let url = ("WEBHOOK_URL", "https://faq.example.jp/telegram/webhook");
        let secret = ("WEBHOOK_SECRET", "0123456789abcdef");
        assert_eq!(telegram(&[]), Ok(None));
        assert_eq!(telegram(&[("TOKEN", " ")]), Ok(None));
        let polling = telegram(&[token]).expect("settings").expect("a bot");
        assert_eq!(polling.webhook, None);
        let webhook = telegram(&[token, url, secret])
            .expect("settings")
            .expect("a bot");
        let printed = format!("{webhook:?}");
        assert!(
            !printed.contains("ABCdef") && !printed.contains("0123456"),
            "{printed}"
        );
        let half = Err(InvalidTelegram::WebhookHalf);
        assert_eq!(telegram(&[token, url]), half);
        assert_eq!(telegram(&[token, secret]), half);
        assert_eq!(telegram(&[url, secret]), Err(InvalidTelegram::WithoutToken));
        for wrong in ["123", "abc:def", "123:", "123:a b", "https://x"] {
            let refused = telegram(&[("TOKEN", wrong)]);
            assert_eq!(refused, Err(InvalidTelegram::Token), "{wrong}");
        }
        for wrong in [
            "http://faq.example.jp/telegram/webhook",
            "https://faq.example.jp",
            "https://faq.example.jp/api/v1/ask",
            "https://faq.example.jp/telegram/{x}",
            "https:///telegram/x",
        ] {
            let refused = telegram(&[token, ("WEBHOOK_URL", wrong), secret]);
            assert!(
                matches!(refused, Err(InvalidTelegram::WebhookUrl(_))),
                "{wrong}"
            );
        }
        let refused = telegram(&[token, url, ("WEBHOOK_SECRET", "short")]);
        assert_eq!(refused, Err(InvalidTelegram::WebhookSecret));
        for wrong in ["127.0.0.1:1", token.1] {
            let refused = telegram(&[token, ("API_URL", wrong)]);
            assert_eq!(refused, Err(InvalidTelegram::ApiUrl), "{wrong}");
        }
    }
}
