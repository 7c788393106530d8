//! The messenger bots: settings -> running bots and their routes.
//!
//! Invariant: a bot without credentials does not start, and the log states that it is off.

use std::sync::Arc;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::channels::bot::Service;
use crate::channels::{discord, http, line, telegram};
use crate::settings::{Discord, Line, Settings, Sources, Telegram};

/// Name of the folder of delayed updates of Telegram in the index folder, the one that the service may
/// write to.
const TELEGRAM_FOLDER: &str = "telegram-delayed";

/// Name of the folder of delayed events of LINE.
const LINE_FOLDER: &str = "line-delayed";

/// The settings of the configured bots.
pub(super) struct Bots {
    telegram: Option<Telegram>,
    discord: Option<Discord>,
    line: Option<Line>,
}

/// The running bots.
pub(super) struct Running {
    telegram: Option<telegram::Running>,
    discord: Option<discord::Running>,
    line: Option<line::Running>,
}

impl Bots {
    /// Reads the settings; logs each bot that is off.
    pub(super) fn from_sources(sources: &Sources) -> anyhow::Result<Self> {
        let bots = Self {
            telegram: Telegram::from_sources(sources)?,
            discord: Discord::from_sources(sources)?,
            line: Line::from_sources(sources)?,
        };
        if bots.telegram.is_none() {
            tracing::info!(
                hint = "set MADOGUCHI_TELEGRAM_TOKEN",
                "Telegram bot off: no token"
            );
        }
        if bots.discord.is_none() {
            tracing::info!(
                hint = "set MADOGUCHI_DISCORD_TOKEN, or MADOGUCHI_DISCORD_PUBLIC_KEY",
                "Discord bot off: no token and no public key"
            );
        }
        if bots.line.is_none() {
            tracing::info!(
                hint = "set MADOGUCHI_LINE_SECRET and MADOGUCHI_LINE_TOKEN",
                "LINE bot off: no secret and no token"
            );
        }
        Ok(bots)
    }

    /// Starts the bots, which share the assistant and the counters of the HTTP service; returns
    /// their routes.
    pub(super) fn start(
        self,
        settings: &Settings,
        service: &http::Service,
        stop: &CancellationToken,
    ) -> anyhow::Result<(Running, axum::Router)> {
        let shared = Service {
            assistant: Arc::clone(&service.assistant),
            metrics: Arc::clone(&service.metrics),
            records: service.records.clone(),
        };
        let telegram = self.telegram.map(|bot| {
            let options = telegram_options(bot, settings);
            let started = telegram::start(shared.clone(), options, stop.clone());
            started.context("cannot start the Telegram bot")
        });
        let discord = self.discord.map(|bot| {
            let options = discord_options(bot, settings);
            let started = discord::start(shared.clone(), options, stop.clone());
            started.context("cannot start the Discord bot")
        });
        let line = self.line.map(|bot| {
            let options = line_options(bot, settings);
            let started = line::start(shared.clone(), options, stop.clone());
            started.context("cannot start the LINE bot")
        });
        let mut running = Running {
            telegram: telegram.transpose()?,
            discord: discord.transpose()?,
            line: line.transpose()?,
        };
        let webhook = running
            .telegram
            .as_mut()
            .and_then(telegram::Running::router);
        let endpoint = running.discord.as_mut().and_then(discord::Running::router);
        let line = running.line.as_mut().and_then(line::Running::router);
        let routes = webhook.into_iter().chain(endpoint).chain(line);
        let routes = routes.fold(axum::Router::new(), axum::Router::merge);
        Ok((running, routes))
    }
}

impl Running {
    /// Waits until all bots have stopped.
    pub(super) async fn stopped(self) {
        if let Some(bot) = self.telegram {
            bot.stopped().await;
        }
        if let Some(bot) = self.discord {
            bot.stopped().await;
        }
        if let Some(bot) = self.line {
            bot.stopped().await;
        }
    }
}

fn telegram_options(bot: Telegram, settings: &Settings) -> telegram::Options {
    let webhook = bot.webhook.map(|(url, secret)| telegram::Webhook {
        url,
        secret: secret.expose().to_owned(),
    });
    telegram::Options {
        api_url: bot.api_url,
        webhook,
        delayed_folder: Some(settings.index.join(TELEGRAM_FOLDER)),
        ..telegram::Options::new(bot.token.expose())
    }
}

fn line_options(bot: Line, settings: &Settings) -> line::Options {
    line::Options {
        api_url: bot.api_url,
        can_push: bot.can_push,
        public_url: settings.public_url.clone(),
        delayed_folder: Some(settings.index.join(LINE_FOLDER)),
        ..line::Options::new(bot.secret.expose(), bot.token.expose())
    }
}

fn discord_options(bot: Discord, settings: &Settings) -> discord::Options {
    discord::Options {
        token: bot.token.map(|token| token.expose().to_owned()),
        public_key: bot.public_key,
        api_url: bot.api_url,
        public_url: settings.public_url.clone(),
        ..discord::Options::default()
    }
}
