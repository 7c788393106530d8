//! Helpers that several test files use.

pub(crate) mod app;
pub(crate) mod discord;
pub(crate) mod embeddings;
pub(crate) mod knowledge;
pub(crate) mod process;
pub(crate) mod python;
pub(crate) mod telegram;
