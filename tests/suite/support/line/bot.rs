//! Runs the real bot against the fake of LINE.

use std::ops::Deref;
use std::sync::Arc;

use madoguchi::answer::Assistant;
use madoguchi::channels::line::{Options, start};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{FakeLine, SECRET, Sent, TOKEN, member};
use crate::support::bot::RunningBot;
use crate::support::knowledge::shipped;

/// The public address of the help centre.
pub(crate) const PUBLIC_URL: &str = "https://faq.example.jp";

/// A running bot with its fake.
pub(crate) struct TestBot {
    pub(crate) fake: FakeLine,
    pub(crate) bot: RunningBot,
    server: JoinHandle<()>,
}

impl Deref for TestBot {
    type Target = RunningBot;

    fn deref(&self) -> &RunningBot {
        &self.bot
    }
}

impl TestBot {
    /// Starts with the shipped knowledge.
    pub(crate) async fn start() -> Self {
        Self::start_as(FakeLine::start().await, shipped(), options()).await
    }

    /// Starts with options except the address and the clock.
    pub(crate) async fn start_as(
        fake: FakeLine,
        assistant: &Arc<Assistant>,
        options: Options,
    ) -> Self {
        let api_url = Some(fake.url());
        let mut bot = RunningBot::start(assistant, |service, clock, cancellation| {
            let options = Options {
                api_url,
                clock,
                ..options
            };
            start(service, options, cancellation)
        });
        let router = bot.running.router().expect("a route");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        fake.set_hook(listener.local_addr().expect("an address"));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { fake, bot, server }
    }

    /// Stops the bot, and waits until it has stopped and its route is closed.
    pub(crate) async fn stop(self) -> FakeLine {
        self.bot.stop().await;
        self.server.abort();
        let _ = self.server.await;
        self.fake
    }

    /// Sends a text and waits for the answer.
    pub(crate) async fn ask(&self, user: &str, text: &str) -> Sent {
        self.answer_to(user, self.fake.text(user, text)).await
    }

    /// Presses a button and waits for the answer.
    pub(crate) async fn press(&self, user: &str, data: &str) -> Sent {
        self.answer_to(user, self.fake.postback(user, data)).await
    }

    /// Delivers an event of a chat, and waits for what is sent to it then.
    pub(crate) async fn answer_to(&self, chat: &str, event: Value) -> Sent {
        let before = self.fake.sent_to(chat).len();
        self.fake.deliver(event);
        self.next(chat, before).await
    }

    /// Waits for what is sent to a chat after `before` others.
    pub(crate) async fn next(&self, chat: &str, before: usize) -> Sent {
        let sent = || self.fake.sent_to(chat).into_iter().nth(before);
        self.fake.until("an answer", sent).await
    }

    /// Makes the event of a message without text.
    pub(crate) fn file(&self, user: &str, kind: &str) -> Value {
        let mut message = match kind {
            "image" => json!({"contentProvider": {"type": "line"}, "quoteToken": "q"}),
            "video" => {
                json!({"contentProvider": {"type": "line"}, "duration": 9, "quoteToken": "q"})
            }
            "audio" => json!({"contentProvider": {"type": "line"}, "duration": 9}),
            "file" => json!({"fileName": "a.pdf", "fileSize": 9}),
            "location" => json!({"title": "東京", "latitude": 35.6, "longitude": 139.7}),
            _ => json!({"packageId": "1", "stickerId": "2", "stickerResourceType": "STATIC",
                        "quoteToken": "q"}),
        };
        message["id"] = json!(self.fake.message_id());
        message["type"] = json!(kind);
        self.fake
            .event("message", member(user), json!({ "message": message }))
    }

    /// Makes the event of a text in a group; the text in the message has further properties.
    pub(crate) fn in_group(&self, user: &str, mut message: Value) -> Value {
        message["id"] = json!(self.fake.message_id());
        message["quoteToken"] = json!("q");
        message["type"] = json!("text");
        let group = json!({"type": "group", "groupId": "C1", "userId": user});
        self.fake
            .event("message", group, json!({ "message": message }))
    }
}

/// The options of the tests.
pub(crate) fn options() -> Options {
    Options {
        public_url: Some(PUBLIC_URL.to_owned()),
        ..Options::new(SECRET, TOKEN)
    }
}
