//! The spans of the steps of an answer in the traces.

use tracing::Span;

/// Begins a step of the answer to a request or an update. Outside of one, as while the knowledge is
/// checked, there is no span.
pub(super) fn step(name: &'static str) -> Span {
    if Span::current().is_disabled() {
        return Span::none();
    }
    tracing::trace_span!("step", otel.name = name)
}
