//! Madoguchi (窓口): a self-hosted Japanese FAQ answering service.
//!
//! It answers members' questions with the words of an organisation's FAQ and nothing else, asks
//! back when two answers are likely, and leads to the right desk when there is no answer.
//!
//! # The map
//!
//! ```text
//! knowledge <- search <- answer <- channels <- app <- cli <- main
//!    TOML      analysis   decide    bot core    load
//!    folder    index      escalate  http        serve
//!    check     ranking    reply     telegram    reload
//!                                   discord
//! ```
//!
//! A folder imports only folders to its left; `tests/suite/architecture.rs` enforces it. Leaves:
//! the crate `encoder/` (the built-in embedding model); `embedding` (that model or a server, and the
//! cache) is imported by `search`; `settings` by `app`
//! and `cli` only. `evaluate` measures `answer` with question sets.
//!
//! A question takes this path: a channel reads a message, [`answer::Assistant`] analyzes it, ranks
//! the entries, decides and renders a reply, and the channel sends it.
//!
//! # Where is …?
//!
//! | question | place |
//! |---|---|
//! | where is an outcome decided (answered, suggested, escalated, small talk) | `answer/decision.rs`; the steps around it in `answer/pipeline.rs` |
//! | where is the desk of an escalation chosen | `answer/desk.rs` |
//! | where are the words of a message | `knowledge/messages.toml`, named in `knowledge/messages.rs` |
//! | where is a weight of the ranking defined | `search/ranking/features.rs`; its value in `knowledge/calibration.toml` |
//! | why do two spellings match | `search/analysis/`, `knowledge/lexicon.toml` |
//! | where is the index built and opened | `search/index/` |
//! | where is a route of the API, or a page | `channels/http/<name>.rs`, `channels/http/pages/<name>.rs` |
//! | where is the widget | `channels/http/widget/` |
//! | where is a press of a bot's button handled | `channels/bot/turn.rs`; Discord's button ids in `channels/discord/components.rs` |
//! | where does a bot look different | `channels/telegram/`, `channels/discord/` |
//! | where are counters and masking | `channels/metrics.rs`, `channels/privacy.rs` |
//! | where is a setting read | `settings/` |
//! | where is the service put together | `app/serve.rs`; the assistant in `app/loading.rs` |
//! | where is the log line of a failed reload written | `app/reload.rs`, `Live::reload` |
//! | where is a problem of a TOML file reported | `knowledge/load/`; rules across files in `knowledge/check.rs` |
//! | where is a command, and its Japanese help | `cli/<name>.rs`, `cli/help.rs` |
//! | how good are the answers | `evaluate/`, `tests/questions/` |
//! | how fast are they | `benches/speed.rs` |
//! | what must a browser show | `tests/browser/` |
//!
//! Invariant: [`answer::Assistant::answer`] reads no clock and no disk. Only with an embeddings
//! server it uses the network, and waits for it up to a deadline.

pub mod answer;
pub mod app;
pub mod channels;
pub mod cli;
pub mod embedding;
pub mod evaluate;
pub mod knowledge;
pub mod search;
pub mod settings;
