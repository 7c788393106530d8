//! The real bot against the fake, on the gateway or the endpoint.

use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use madoguchi::answer::Assistant;
use madoguchi::channels::discord::{Options, Running, Service, start};
use madoguchi::channels::metrics::Metrics;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::transport::{Transport, public_key_hex};
use super::{FakeDiscord, Member, Response, TOKEN};
use crate::support::app::shipped;
use crate::support::knowledge::now;

/// A running bot.
pub(crate) struct TestBot {
    pub(crate) fake: FakeDiscord,
    pub(crate) metrics: Arc<Metrics>,
    /// The transport of its interactions.
    pub(crate) transport: Transport,
    clock: Arc<Mutex<Timestamp>>,
    running: Option<Running>,
    server: Option<JoinHandle<()>>,
    stop: CancellationToken,
}

impl TestBot {
    /// Starts with the shipped knowledge on the gateway, and waits until it is connected.
    pub(crate) async fn start() -> Self {
        let bot = Self::start_at(FakeDiscord::start().await, shipped(), Options::default());
        bot.ready().await;
        bot
    }

    /// Starts with the shipped knowledge on the endpoint, and waits for its commands.
    pub(crate) async fn start_endpoint() -> Self {
        let options = Options {
            public_key: Some(public_key_hex()),
            ..Options::default()
        };
        let bot = Self::start_at(FakeDiscord::start().await, shipped(), options);
        let bot = bot.serve().await;
        bot.fake.registered().await;
        bot
    }

    /// Starts with a fake, which sets the address, the clock and, unless set, the token; an empty
    /// token means no token.
    pub(crate) fn start_at(fake: FakeDiscord, assistant: Arc<Assistant>, options: Options) -> Self {
        let clock = Arc::new(Mutex::new(now()));
        let metrics = Arc::new(Metrics::default());
        let service = Service {
            assistant: Arc::new(ArcSwap::new(assistant)),
            metrics: Arc::clone(&metrics),
        };
        let read = Arc::clone(&clock);
        let token = options.token.unwrap_or_else(|| TOKEN.to_owned());
        let options = Options {
            token: Some(token).filter(|token| !token.is_empty()),
            api_url: Some(fake.url()),
            clock: Arc::new(move || *read.lock().unwrap()),
            ..options
        };
        let stop = CancellationToken::new();
        let running = start(service, options, stop.clone()).expect("a bot");
        let bot = Self {
            fake,
            metrics,
            transport: Transport::Gateway,
            clock,
            running: Some(running),
            server: None,
            stop,
        };
        bot.set_time();
        bot
    }

    /// Serves the endpoint on a free port.
    pub(crate) async fn serve(mut self) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.running.as_mut().unwrap().router().expect("a route");
        self.server = Some(tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        }));
        self.transport = Transport::Endpoint(format!("http://{address}/discord/interactions"));
        self
    }

    /// Waits until it is connected and has registered its commands.
    pub(crate) async fn ready(&self) {
        self.fake.registered().await;
        self.fake.ready(1).await;
    }

    /// Stops it and waits for the end.
    pub(crate) async fn stop(mut self) -> FakeDiscord {
        self.stop.cancel();
        let running = self.running.take().expect("a bot that runs");
        running.stopped().await;
        if let Some(server) = self.server {
            server.abort();
        }
        self.fake
    }

    pub(crate) fn advance(&self, duration: SignedDuration) {
        *self.clock.lock().unwrap() += duration;
        self.set_time();
    }

    fn set_time(&self) {
        let seconds = self.clock.lock().unwrap().as_second();
        self.fake.set_now(u64::try_from(seconds).unwrap());
    }

    /// Sends an interaction over its transport, and waits for the response.
    pub(crate) async fn interact(&self, payload: Value) -> Response {
        self.transport.interact(&self.fake, payload).await
    }

    /// Asks a question with the command.
    pub(crate) async fn ask(&self, who: &Member, question: &str) -> Response {
        let payload = self
            .fake
            .command(who, "ask", &json!({ "question": question }));
        self.interact(payload).await
    }

    /// Presses a button and waits for the response.
    pub(crate) async fn press(&self, who: &Member, message: &Value, what: &str) -> Response {
        self.interact(self.fake.press(who, message, what)).await
    }
}
