//! Deployment settings: flags and environment, one struct.
//!
//! A flag wins over its variable, a variable over the default; the defaults run on a fresh clone.
//! Invariant: a value that cannot be used is refused before anything starts, and the message
//! names the setting, the value, the expected form and an example that works.

use std::env;
use std::fmt;
use std::net::{SocketAddr, SocketAddrV6};
use std::path::PathBuf;

/// Variables of later versions. They are not read yet; whoever sets one is told so.
const RESERVED: [&str; 8] = [
    "MADOGUCHI_RECORDS",
    "MADOGUCHI_DISCORD_TOKEN",
    "MADOGUCHI_DISCORD_API_URL",
    "MADOGUCHI_DISCORD_PUBLIC_KEY",
    "MADOGUCHI_EMBEDDINGS_URL",
    "MADOGUCHI_EMBEDDINGS_MODEL",
    "MADOGUCHI_EMBEDDINGS_KEY",
    "MADOGUCHI_MODELS",
];

/// What a deployment sets.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Address that `serve` listens on
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080",
        value_parser = parse_listen
    )]
    pub listen: SocketAddr,

    /// Folder with what the service knows
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_KNOWLEDGE",
        value_name = "FOLDER",
        default_value = "knowledge"
    )]
    pub knowledge: PathBuf,

    /// Folder for the index; made if missing, safe to delete
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_INDEX",
        value_name = "FOLDER",
        default_value = "index"
    )]
    pub index: PathBuf,

    /// Origins of web pages that may call the API, separated by commas; `*` for all
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_ALLOWED_ORIGINS",
        value_name = "ORIGINS",
        default_value = "",
        hide_default_value = true,
        value_parser = parse_origins
    )]
    pub allowed_origins: Origins,

    /// Scheme and host that members see, for links from other places; as each request says if absent
    #[arg(
        long,
        global = true,
        env = "MADOGUCHI_PUBLIC_URL",
        value_name = "ORIGIN",
        value_parser = parse_public_url
    )]
    pub public_url: Option<String>,
}

impl Settings {
    /// Lists the settings of later versions that are set, by their names; never by their values,
    /// which may be secret.
    #[must_use]
    pub fn unsupported() -> Vec<&'static str> {
        let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
        RESERVED.into_iter().filter(is_set).collect()
    }
}

/// The token of the Telegram bot; without it the bot is off.
const TELEGRAM_TOKEN: &str = "MADOGUCHI_TELEGRAM_TOKEN";
/// Where the Bot API is; Telegram's own by default.
const TELEGRAM_API_URL: &str = "MADOGUCHI_TELEGRAM_API_URL";
/// Where Telegram brings updates; it is asked for them by default.
const TELEGRAM_WEBHOOK_URL: &str = "MADOGUCHI_TELEGRAM_WEBHOOK_URL";
/// What Telegram sends along with them.
const TELEGRAM_WEBHOOK_SECRET: &str = "MADOGUCHI_TELEGRAM_WEBHOOK_SECRET";

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns the value, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// The settings of the Telegram bot; from the environment alone, since other users of a machine
/// can read its command lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telegram {
    /// The bot's token.
    pub token: Secret,
    /// Where the Bot API is; Telegram's own by default.
    pub api_url: Option<String>,
    /// The address to which Telegram brings updates, and the secret that it sends along.
    pub webhook: Option<(String, Secret)>,
}

impl Telegram {
    /// Reads the environment; `None` without a token.
    ///
    /// # Errors
    /// [`InvalidSetting`] for values that cannot be used, alone or together.
    pub fn from_environment() -> Result<Option<Self>, InvalidSetting> {
        Self::read(|name| env::var(name).ok())
    }

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidSetting> {
        let value = |name| {
            let value: Option<String> = value(name);
            let value = value.map(|value| value.trim().to_owned());
            value.filter(|value| !value.is_empty())
        };
        let url = value(TELEGRAM_WEBHOOK_URL);
        let secret = value(TELEGRAM_WEBHOOK_SECRET);
        let api_url = value(TELEGRAM_API_URL);
        let Some(token) = value(TELEGRAM_TOKEN) else {
            return if url.is_some() || secret.is_some() || api_url.is_some() {
                Err(InvalidSetting::TelegramWithoutToken)
            } else {
                Ok(None)
            };
        };
        if !is_token(&token) {
            return Err(InvalidSetting::TelegramToken);
        }
        let api_url = api_url
            .map(|url| parse_origin(&url).ok_or(InvalidSetting::TelegramApiUrl(url)))
            .transpose()?;
        let webhook = match (url, secret) {
            (None, None) => None,
            (Some(url), Some(secret)) => {
                if !is_webhook(&url) {
                    return Err(InvalidSetting::TelegramWebhookUrl(url));
                }
                if !is_webhook_secret(&secret) {
                    return Err(InvalidSetting::TelegramWebhookSecret);
                }
                Some((url, Secret(secret)))
            }
            _ => return Err(InvalidSetting::TelegramWebhookHalf),
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
            // A shorter one is none, and would be masked in logs wherever a word holds it.
            && secret.len() >= 8 && secret.chars().all(is_secret_character)
    })
}

fn is_webhook_secret(text: &str) -> bool {
    /// Shorter ones can be guessed.
    const SHORTEST: usize = 16;
    (SHORTEST..=256).contains(&text.len()) && text.chars().all(is_secret_character)
}

/// Telegram takes `https` alone; the path must not be one of the web's own.
fn is_webhook(text: &str) -> bool {
    let rest = text.strip_prefix("https://");
    let Some((host, path)) = rest.and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let allowed = |c: char| is_secret_character(c) || matches!(c, '/' | '.');
    let is_path = path
        .strip_prefix("telegram/")
        .is_some_and(|rest| !rest.is_empty());
    parse_origin(&format!("https://{host}")).is_some() && is_path && path.chars().all(allowed)
}

/// Stands for every origin.
const ANY_ORIGIN: &str = "*";

/// Origins as browsers send them, such as `https://www.example.jp`, or `*` for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(pub Vec<String>);

/// Says why a value of a setting is refused. The command line adds the flag and the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// Not an address with a port.
    #[error(
        "expected an IP address and a port, for example `--listen 127.0.0.1:8080`, or `0.0.0.0:8080` for every network interface (MADOGUCHI_LISTEN is the same setting)"
    )]
    Listen,
    /// Not an origin.
    #[error(
        "`{0}` is not an origin, expected scheme and host in lower case without a path, or `*`, for example `--allowed-origins https://www.example.jp,https://shop.example.jp` (MADOGUCHI_ALLOWED_ORIGINS is the same setting)"
    )]
    Origin(String),
    /// Not the address of the service.
    #[error(
        "expected scheme and host in lower case without a path, for example `--public-url https://faq.example.jp` (MADOGUCHI_PUBLIC_URL is the same setting)"
    )]
    PublicUrl,
    /// Settings of a bot without a bot.
    #[error(
        "MADOGUCHI_TELEGRAM_API_URL, _WEBHOOK_URL and _WEBHOOK_SECRET are of no use without MADOGUCHI_TELEGRAM_TOKEN; set it to the token that BotFather gave, or leave them out"
    )]
    TelegramWithoutToken,
    /// Not a token. The value is not shown.
    #[error(
        "MADOGUCHI_TELEGRAM_TOKEN is not a token, expected what BotFather gave: digits, `:`, and letters, digits, `_` or `-`"
    )]
    TelegramToken,
    /// Not the address of a Bot API.
    #[error(
        "MADOGUCHI_TELEGRAM_API_URL is `{0}`, expected scheme and host without a path, for example `http://127.0.0.1:8081`"
    )]
    TelegramApiUrl(String),
    /// Not an address that Telegram can call.
    #[error(
        "MADOGUCHI_TELEGRAM_WEBHOOK_URL is `{0}`, expected https and a path under /telegram/, for example `https://faq.example.jp/telegram/webhook`"
    )]
    TelegramWebhookUrl(String),
    /// Not a secret that Telegram takes. The value is not shown.
    #[error(
        "MADOGUCHI_TELEGRAM_WEBHOOK_SECRET cannot be used, expected 16 to 256 letters, digits, `_` or `-`, for example what `openssl rand -hex 32` prints"
    )]
    TelegramWebhookSecret,
    /// An address without its secret, or the other way round.
    #[error(
        "MADOGUCHI_TELEGRAM_WEBHOOK_URL and MADOGUCHI_TELEGRAM_WEBHOOK_SECRET belong together; set both for a webhook, or neither to poll"
    )]
    TelegramWebhookHalf,
}

fn parse_listen(text: &str) -> Result<SocketAddr, InvalidSetting> {
    let text = text.trim();
    // Names would have to be looked up, and may stand for several addresses; this one is known.
    let port = text
        .strip_prefix("localhost:")
        .map(|port| format!("127.0.0.1:{port}"));
    let address = port.as_deref().unwrap_or(text).parse();
    address.map_err(|_| InvalidSetting::Listen)
}

fn parse_public_url(text: &str) -> Result<String, InvalidSetting> {
    parse_origin(text.trim()).ok_or(InvalidSetting::PublicUrl)
}

/// Reads an origin as browsers write it: a browser sends neither path nor upper case.
fn parse_origin(text: &str) -> Option<String> {
    let origin = text.trim_end_matches('/');
    let host = origin.strip_prefix("https://");
    let host = host.or_else(|| origin.strip_prefix("http://"))?;
    let allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':');
    let is_address = host.starts_with('[')
        && (host.parse::<SocketAddrV6>().is_ok()
            || format!("{host}:80").parse::<SocketAddrV6>().is_ok());
    let is_host = !host.is_empty() && (is_address || host.chars().all(allowed));
    is_host.then(|| origin.to_owned())
}

fn parse_origins(text: &str) -> Result<Origins, InvalidSetting> {
    let parts = text.split(',').map(str::trim);
    let origins = parts.filter(|part| !part.is_empty()).map(|part| {
        if part == ANY_ORIGIN {
            return Ok(part.to_owned());
        }
        parse_origin(part).ok_or_else(|| InvalidSetting::Origin(part.to_owned()))
    });
    origins.collect::<Result<_, _>>().map(Origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_port() {
        assert!(parse_listen("0.0.0.0:80").is_ok());
        assert!(parse_listen("[::1]:8080").is_ok());
        assert!(parse_listen("localhost:8080").is_ok());
        for wrong in ["", "8080", "127.0.0.1", "example.jp:80", "127.0.0.1:99999"] {
            let refused = parse_listen(wrong);
            assert_eq!(refused, Err(InvalidSetting::Listen), "{wrong}");
        }
    }

    #[test]
    fn origins_are_what_browsers_send() {
        let origins = parse_origins(" https://a.example, http://localhost:3000 ,,");
        let expected = ["https://a.example", "http://localhost:3000"];
        let expected = expected.map(str::to_owned).to_vec();
        assert_eq!(origins, Ok(Origins(expected)));
        let slash = parse_origins("https://a.example/");
        assert_eq!(slash, Ok(Origins(vec!["https://a.example".to_owned()])));
        assert!(parse_origins("*").is_ok());
        assert_eq!(parse_origins(""), Ok(Origins::default()));
        for right in ["http://[::1]", "http://[::1]:8080"] {
            let origins = parse_origins(right);
            assert_eq!(origins, Ok(Origins(vec![right.to_owned()])));
        }
        let wrongs = [
            "a.example",
            "https://a.example/faq",
            "https://A.example",
            "https://[x]/a?<b>",
        ];
        for wrong in wrongs {
            let refused = parse_origins(wrong);
            assert_eq!(refused, Err(InvalidSetting::Origin(wrong.to_owned())));
        }
    }

    fn telegram(values: &[(&str, &str)]) -> Result<Option<Telegram>, InvalidSetting> {
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
        let half = Err(InvalidSetting::TelegramWebhookHalf);
        assert_eq!(telegram(&[token, url]), half);
        assert_eq!(telegram(&[token, secret]), half);
        assert_eq!(
            telegram(&[url, secret]),
            Err(InvalidSetting::TelegramWithoutToken)
        );
        for wrong in ["123", "abc:def", "123:", "123:a b", "https://x"] {
            let refused = telegram(&[("TOKEN", wrong)]);
            assert_eq!(refused, Err(InvalidSetting::TelegramToken), "{wrong}");
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
                matches!(refused, Err(InvalidSetting::TelegramWebhookUrl(_))),
                "{wrong}"
            );
        }
        let refused = telegram(&[token, url, ("WEBHOOK_SECRET", "short")]);
        assert_eq!(refused, Err(InvalidSetting::TelegramWebhookSecret));
        let refused = telegram(&[token, ("API_URL", "127.0.0.1:1")]);
        assert!(matches!(refused, Err(InvalidSetting::TelegramApiUrl(_))));
    }
}
