//! Madoguchi (窓口): a self-hosted Japanese FAQ answering service.
//!
//! It answers members' questions with the words of an organisation's FAQ and nothing else, offers
//! a choice when several answers are likely, and names the right desk when there is no answer.
//!
//! # The map
//!
//! ```text
//! knowledge <- search <- answer <- channels <- app <- cli <- main
//!    TOML      analysis   decide    bot core    load
//!    folder    index      escalate  http        serve
//!    check     ranking    reply     telegram    reload
//!                                   discord
//!                                   line
//!                                   mcp
//! ```
//!
//! A folder imports only folders to its left; `tests/suite/architecture.rs` enforces it. Not in the
//! drawing: the crate `encoder/` is the built-in embedding model. `embedding` (that model or a
//! server, and the cache) and `records` (what was asked, in a database) import no other folder and are
//! imported by several. `settings` imports none and is imported by `app` and `cli`. `insights` makes reports and proposals from records; it imports
//! `answer`, `exchange` and `records` and is imported by `channels` (the staff desk) and `cli`. `staff` keeps drafts of the
//! knowledge, checks and publishes them; it imports `answer`, `exchange` and `records`. `evaluate` measures
//! `answer` with question sets and is imported by `cli` only. `exchange` imports and exports tables and pages; it imports `knowledge`
//! and is imported by `insights`, `staff`, `channels` and `cli`.
//!
//! A question takes this path: a channel reads a message, [`answer::Assistant`] analyzes it, ranks
//! the entries, decides and renders a reply, and the channel sends it.
//!
//! # Where is …?
//!
//! Paths are in `src/`, except `.toml` files in `knowledge/`, and `tests/`, `benches/`, `encoder/`.
//!
//! | question | place |
//! |---|---|
//! | where is an outcome decided (answered, suggested, escalated, small talk) | `answer/decision.rs`: `judge` by probabilities, then `decide` for the stricter rules; the steps around it in `answer/pipeline.rs` |
//! | where is a follow-up question recognised | `answer/context.rs`; thanks, corrections, contact questions and other dialogue acts: `answer/dialogue/` |
//! | where are choices and ratings handled | `answer/choice.rs`, `answer/compose.rs`; a choice by number in `answer/dialogue/choice.rs` |
//! | where is the desk of an escalation chosen | `answer/desk.rs` |
//! | where are the words of a message | `knowledge/messages.toml`, named in `knowledge/messages.rs` |
//! | where is a danger to a life recognised, and answered | `search/analysis/phrases.rs`, `answer/safety.rs`; the words and help lines in `knowledge/safety.toml` |
//! | where is a weight of the ranking defined | `search/ranking/features.rs`; its value in `knowledge/calibration.toml`; weights of terms: `search/analysis/terms.rs`; of the context: `search/mod.rs`, `answer/context.rs` |
//! | why do two spellings match | `search/analysis/`, `knowledge/lexicon.toml` |
//! | what does a number mean | `search/analysis/quantity/`; its use in `search/ranking/quantities.rs`, `answer/decision.rs` |
//! | where is the index built and opened | `search/index/` |
//! | where is a route of the API, or a page | `channels/http/<name>.rs`, `channels/http/pages/<name>.rs` |
//! | where is the widget | `channels/http/widget/` |
//! | where is a press of a bot's button handled | `channels/bot/turn.rs` (`Turn::press`), `channels/bot/answers.rs`; sharing and drafts in `channels/discord/turn.rs`; the codec of button ids: `channels/bot/press.rs`; their look: `channels/discord/components.rs`, `channels/telegram/keyboard.rs`, `channels/line/quick_reply.rs` |
//! | where is a webhook of a bot received | `channels/telegram/webhook.rs`, `channels/discord/endpoint.rs`, `channels/line/webhook.rs` |
//! | where is a call of an assistant (MCP) answered | `channels/mcp/tools.rs`, by a request to the JSON API in the process; the route in `channels/mcp/endpoint.rs`; over standard input in `app/mcp.rs` |
//! | where does a bot look different | `channels/telegram/`, `channels/discord/`, `channels/line/` |
//! | where are counters | `channels/metrics.rs` |
//! | where is a turn recorded, and masked | `channels/recording.rs`, `records/`; the table of what is masked: `records/masking/tests.rs` |
//! | where are the tables of the database | `records/migrations/` |
//! | what does a report, a replay, a proposal contain | `insights/` |
//! | where is a setting read | `settings/` |
//! | where is the service put together | `app/serve.rs`; the assistant in `app/loading.rs`, the bots in `app/bots.rs` |
//! | where is the log line of a failed reload written | `app/reload.rs`, `Live::reload` |
//! | where is a change held that removes much | `app/inventory.rs`; what a start serves instead: `app/start.rs`, `app/last_accepted.rs` |
//! | where are the files of the knowledge read | `knowledge/load/snapshot.rs` |
//! | where is a problem of a TOML file reported | `knowledge/load/`; rules across files in `knowledge/check.rs` |
//! | where is a table, page or document imported, exported | `exchange/`: CSV, Excel and JSON in `table/`, web pages in `html/`, plain text to Markdown in `text/`, the comparison with the folder in `plan/`, the writing in `edit.rs` |
//! | where is the folder of `madoguchi init` | `exchange/starter/`, with the texts of its files |
//! | where is the staff desk | its pages in `channels/http/staff/`; drafts, publishing and undo in `staff/`; its tables in `records/staff.rs`, `records/staff_changes.rs` |
//! | where is a command, and its help | `cli/<name>.rs`; English help mostly in `cli/commands.rs`, Japanese in `cli/help.rs` |
//! | how good are the answers | `evaluate/`, `tests/questions/` |
//! | how fast are they | `benches/README.md` |
//! | what does a reload check again after an edit | `search/affected.rs`, `app/loading.rs` |
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
pub mod exchange;
pub mod insights;
pub mod knowledge;
pub mod records;
pub mod search;
pub mod settings;
pub mod staff;
