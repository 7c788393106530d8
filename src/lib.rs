//! Madoguchi (窓口): a self-hosted Japanese FAQ answering service.
//!
//! It answers members' questions with the words of an organisation's FAQ and nothing else, asks
//! back when two answers are likely, and leads to the right desk when there is none.
//!
//! # The map
//!
//! ```text
//! knowledge, embedding <- search <- answer <- channels <- app <- cli <- main
//! ```
//!
//! A folder imports only folders to its left; `tests/suite/architecture.rs` refuses the rest.
//! `settings` is imported only by `app` and `cli`; `evaluate` stands on `answer`, beside `channels`.
//!
//! | where is … | it is in |
//! |---|---|
//! | what the service says | `knowledge/messages.toml` |
//! | why it chose that answer | [`answer::judge`], `answer/policy.rs` |
//! | why that hit is first | `search/rank.rs`, `search/model.rs`, `knowledge/calibration.toml` |
//! | why two spellings match | `search/analyzer.rs`, `search/terms.rs`, `knowledge/lexicon.toml` |
//! | why two meanings match | `search/meaning.rs`; the model in `embedding/builtin/`, a server's in `embedding/server/` |
//! | who is contacted | `answer/escalation.rs` |
//! | a route | `channels/http/<name>.rs` |
//! | a page of the help centre | `channels/http/pages/<name>.rs`, its look in `style.css` |
//! | the widget | `channels/http/widget/*.js`, put together in `mod.rs` |
//! | what is counted, what is masked | `channels/metrics.rs`, `channels/privacy.rs` |
//! | what a bot does about a message or a button | `channels/bot/turn.rs` |
//! | how the Telegram bot says it | `channels/telegram/mod.rs` |
//! | how the Discord bot says it | `channels/discord/mod.rs` |
//! | a setting | `settings/` |
//! | a command | `cli/<name>.rs` |
//! | how fast it is | `benches/speed.rs` |
//! | how a saved edit is taken over | `app/reload.rs` |
//! | a message about a bad TOML file | `knowledge/check.rs`, `knowledge/load/` |
//! | how good it is | `tests/questions/`, `evaluate/` |
//! | what a browser must show | `tests/browser/` |
//!
//! Invariant: [`answer::Assistant::answer`] reads no clock, no disk and no network; only where an
//! embeddings server is set, it waits for that up to a deadline.

pub mod answer;
pub mod app;
pub mod channels;
pub mod cli;
pub mod embedding;
pub mod evaluate;
pub mod knowledge;
pub mod search;
pub mod settings;
