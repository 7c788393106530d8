//! Fixtures, fakes and processes for the tests.

pub(crate) mod app;
pub(crate) mod discord;
pub(crate) mod embeddings;
pub(crate) mod knowledge;
pub(crate) mod process;
pub(crate) mod telegram;
