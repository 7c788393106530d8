//! Madoguchi (窓口): a self-hosted Japanese FAQ answering service.
//!
//! It answers members' questions by quoting an organisation's FAQ and never generates text. If
//! several entries are likely it asks which one is meant; if none is, it refers the member to a desk.
//!
//! # Module map
//!
//! ```text
//! knowledge <- search <- answer <- channels <- app <- cli <- main
//!    TOML      analysis   decide    bot core    load
//!    folder    index      escalate  http        serve
//!    check     ranking    reply     telegram    reload
//!                                   discord
//! ```
//!
//! A folder imports only folders to its left; `tests/suite/architecture.rs` enforces it. Beside this
//! order, `search` imports `embedding` (the built-in model of the crate `encoder/`, or a server, with
//! a cache); only `app` and `cli` import `settings`; `evaluate` measures `answer` with question sets.
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
//! | where are the texts for members | `knowledge/messages.toml`, named in `knowledge/messages.rs` |
//! | where is a weight of the ranking defined | `search/ranking/features.rs`; its value in `knowledge/calibration.toml` |
//! | why do two spellings match | `search/analysis/`, `knowledge/lexicon.toml` |
//! | where is the index built and opened | `search/index/` |
//! | where is a route of the API, or a page | `channels/http/<name>.rs`, `channels/http/pages/<name>.rs` |
//! | where is the widget | `channels/http/widget/` |
//! | where is a click on a bot's button handled | `channels/bot/turn.rs`; Discord's button ids in `channels/discord/components.rs` |
//! | where is a bot's formatting | `channels/telegram/`, `channels/discord/` |
//! | where are counters and masking | `channels/metrics.rs`, `channels/privacy.rs` |
//! | where is a setting read | `settings/` |
//! | where is the service assembled | `app/serve.rs`; the assistant in `app/loading.rs` |
//! | where is the log line of a failed reload written | `app/reload.rs`, `Live::reload` |
//! | where is a problem of a TOML file reported | `knowledge/load/`; rules across files in `knowledge/check.rs` |
//! | where is a command, and its Japanese help | `cli/<name>.rs`, `cli/help.rs` |
//! | how good are the answers | `evaluate/`, `tests/questions/` |
//! | how fast are they | `benches/speed.rs` |
//! | what must a browser show | `tests/browser/` |
//!
//! Invariant: [`answer::Assistant::answer`] reads no clock and no disk. It uses the
//! network only if an embeddings server is set, and waits for it up to a deadline.

pub mod answer;
pub mod app;
pub mod channels;
pub mod cli;
pub mod embedding;
pub mod evaluate;
pub mod knowledge;
pub mod search;
pub mod settings;
