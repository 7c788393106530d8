//! Fixtures, fakes and processes for the tests.

pub(crate) mod app;
pub(crate) mod discord;
pub(crate) mod embeddings;
pub(crate) mod knowledge;
pub(crate) mod process;
pub(crate) mod python;
pub(crate) mod telegram;

/// Runs a future of the library to its end, in a test that is not async itself.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
