//! The run as a trace of OpenTelemetry: a span for the call of the program, for each node, attempt and check of it, sent by OTLP over HTTP.
//!
//! A command is told its span when it starts, and the span is made when that has ended. So the ids follow from what is known of a run at
//! both times: who runs commands and who exports share a [`Trace`], which is a value, and nothing else.
//!
//! With the feature `otel` off, no run has a trace: what stands in `TRACEPARENT` is passed on as it is inherited.

use std::io::Write;

use crate::engine::Reporter;

mod context;
#[cfg(feature = "otel")]
mod export;
#[cfg(feature = "otel")]
mod make;
#[cfg(feature = "otel")]
mod reporter;
mod target;

pub use context::{Span, Trace};
pub use target::Target;

/// Who makes the spans of a run that is traced, and exports them; what goes wrong with that is said on `out`.
#[cfg(feature = "otel")]
pub fn reporter(trace: Option<Trace>, out: impl Write + 'static) -> Option<Box<dyn Reporter>> {
    trace.map(|trace| Box::new(reporter::SpanReporter::new(trace, out)) as Box<dyn Reporter>)
}

/// Nobody: no run is traced.
#[cfg(not(feature = "otel"))]
pub fn reporter(_trace: Option<Trace>, _out: impl Write + 'static) -> Option<Box<dyn Reporter>> {
    None
}
