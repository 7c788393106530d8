//! The behaviours of Madoguchi; one crate, so that tantivy and the dictionary are linked once.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod architecture;
mod bot_conformance;
mod bot_messages;
mod brand;
mod browser;
mod business_hours;
mod calibration;
mod category_pages;
mod check_rules;
mod chosen_desk;
mod cli;
mod configuration;
mod connections;
mod coverage;
mod decision_path;
mod defaults;
mod dialogue;
mod discord;
mod discord_endpoint;
mod discord_refusals;
mod discord_traffic;
mod draft_variants;
mod embeddings_server;
mod english_titles;
mod entry_pages;
mod evaluation;
mod export;
mod feedback;
mod follow_ups;
mod held_knowledge;
mod help_centre;
mod http_api;
mod http_conversation;
mod http_errors;
mod import;
mod independent_clients;
mod index_rebuild;
mod knowledge_problems;
mod letters;
mod licenses;
mod line;
mod line_delivery;
mod live_edits;
#[path = "../../benches/made_up/mod.rs"]
mod made_up;
mod mcp;
mod monitoring;
mod nasty_input;
mod numbers;
mod openapi_conformance;
mod packaging;
mod prepared_changes;
mod readme;
mod records;
mod records_outages;
mod records_privacy;
mod reload;
mod reports;
mod retrieval;
mod safety;
mod self_retrieval;
mod semantic_search;
mod several_requests;
mod shipped_knowledge;
mod staff_access;
mod staff_editing;
mod staff_files;
mod staff_forms;
mod staff_git;
mod staff_pages;
mod staff_records;
mod staff_saving;
mod staff_security;
mod stopping;
mod support;
mod telegram;
mod telegram_delivery;
mod telegram_traffic;
mod traces;
mod unfit_files;
mod variant_characters;
