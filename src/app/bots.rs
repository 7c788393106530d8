//! The messenger bots: settings -> running bots and their routes.
//!
//! Invariant: a bot without credentials does not start, and the log states that it is off.

use std::sync::Arc;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::channels::bot::Service;
use crate::channels::{discord, http, telegram};
use crate::settings::{Discord, Settings, Sources, Telegram};

/// Name of the folder of delayed updates in the index folder, the one that the service may write to.
const DELAYED_FOLDER: &str = "telegram-delayed";

/// The settings of the configured bots.
pub(super) struct Bots {
    telegram: Option<Telegram>,
    discord: Option<Discord>,
}

/// The running bots.
pub(super) struct Running {
    telegram: Option<telegram::Running>,
    discord: Option<discord::Running>,
}

impl Bots {
    /// Reads the settings; logs each bot that is off.
    pub(super) fn from_sources(sources: &Sources) -> anyhow::Result<Self> {
        let bots = Self {
            telegram: Telegram::from_sources(sources)?,
            discord: Discord::from_sources(sources)?,
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
        let mut running = Running {
            telegram: telegram.transpose()?,
            discord: discord.transpose()?,
        };
        let webhook = running
            .telegram
            .as_mut()
            .and_then(telegram::Running::router);
        let endpoint = running.discord.as_mut().and_then(discord::Running::router);
        let routes = webhook.into_iter().chain(endpoint);
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
        delayed_folder: Some(settings.index.join(DELAYED_FOLDER)),
        ..telegram::Options::new(bot.token.expose())
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
