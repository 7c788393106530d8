//! The real bot against the fake, on the gateway or the endpoint.

use std::ops::Deref;
use std::sync::Arc;

use jiff::SignedDuration;
use madoguchi::answer::Assistant;
use madoguchi::channels::discord::{Options, start};
use serde_json::Value;

use super::transport::{Transport, public_key_hex};
use super::{FakeDiscord, Member, Response, TOKEN};
use crate::support;
use crate::support::bot::RunningBot;
use crate::support::knowledge::shipped;

/// A running bot with its fake.
pub(crate) struct TestBot {
    pub(crate) fake: FakeDiscord,
    bot: RunningBot,
    /// The transport of its interactions.
    pub(crate) transport: Transport,
}

impl Deref for TestBot {
    type Target = RunningBot;

    fn deref(&self) -> &RunningBot {
        &self.bot
    }
}

/// Options of a bot with the endpoint.
pub(crate) fn endpoint_options() -> Options {
    Options {
        public_key: Some(public_key_hex()),
        ..Options::default()
    }
}

impl TestBot {
    /// Starts with the shipped knowledge on the gateway, and waits until it is connected.
    pub(crate) async fn start() -> Self {
        let bot = Self::start_on(FakeDiscord::start().await);
        bot.ready().await;
        bot
    }

    /// Starts with the shipped knowledge on the gateway of a fake.
    pub(crate) fn start_on(fake: FakeDiscord) -> Self {
        Self::start_at(fake, shipped(), Options::default())
    }

    /// Starts with the shipped knowledge on the endpoint, and waits for its commands.
    pub(crate) async fn start_endpoint() -> Self {
        let bot = Self::start_at(FakeDiscord::start().await, shipped(), endpoint_options());
        let bot = bot.serve().await;
        bot.fake.registered().await;
        bot
    }

    /// Starts with a fake, which sets the address, the clock and, unless set, the token; an empty
    /// token means no token.
    pub(crate) fn start_at(
        fake: FakeDiscord,
        assistant: &Arc<Assistant>,
        options: Options,
    ) -> Self {
        let token = options.token.unwrap_or_else(|| TOKEN.to_owned());
        let api_url = Some(fake.url());
        let bot = RunningBot::start(assistant, |service, clock, cancellation| {
            let options = Options {
                token: Some(token).filter(|token| !token.is_empty()),
                api_url,
                clock,
                ..options
            };
            start(service, options, cancellation)
        });
        let bot = Self {
            fake,
            bot,
            transport: Transport::Gateway,
        };
        bot.set_time();
        bot
    }

    /// Serves the endpoint on a free port.
    pub(crate) async fn serve(mut self) -> Self {
        let router = self.bot.running.router().expect("a route");
        self.transport = Transport::endpoint(support::serve(router).await);
        self
    }

    /// Returns the URL of the endpoint.
    pub(crate) fn url(&self) -> &str {
        match &self.transport {
            Transport::Endpoint(url) => url,
            Transport::Gateway => panic!("the bot has no endpoint"),
        }
    }

    /// Waits until it is connected and has registered its commands.
    pub(crate) async fn ready(&self) {
        self.fake.registered().await;
        self.fake.ready(1).await;
    }

    /// Stops it and waits for the end.
    pub(crate) async fn stop(self) -> FakeDiscord {
        self.bot.stop().await;
        self.fake
    }

    pub(crate) fn advance(&self, duration: SignedDuration) {
        self.bot.advance(duration);
        self.set_time();
    }

    fn set_time(&self) {
        let seconds = self.clock.read().as_second();
        self.fake.set_now(u64::try_from(seconds).unwrap());
    }

    /// Sends an interaction over its transport, and waits for the response.
    pub(crate) async fn interact(&self, payload: Value) -> Response {
        self.transport.interact(&self.fake, payload).await
    }

    /// Asks a question with the command.
    pub(crate) async fn ask(&self, who: &Member, question: &str) -> Response {
        self.interact(self.fake.question(who, question)).await
    }

    /// Presses a button and waits for the response.
    pub(crate) async fn press(&self, who: &Member, message: &Value, what: &str) -> Response {
        self.interact(self.fake.press(who, message, what)).await
    }
}
