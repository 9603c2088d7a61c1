//! Spans that an extension begins for a process: work on what somebody asked from outside, such as a request.
//!
//! They are spans as the guest's own are: bounded and paid for by the process, and in its log when they end.
//!
//! Invariant: a span that nobody wants costs nothing. It is wanted when who asked records the trace, or when the process's log has entries of
//! the level `debug`.

use crate::log::{SPAN_KIND, SPAN_OF_SERVER, Severity, Span, TraceContext, scope};
use crate::process::ProcessState;

/// A span of a process that the host has begun. Its end is its drop.
#[derive(Debug)]
pub struct HostSpan(Span);

impl HostSpan {
    /// The span as the parent of others, as a W3C `traceparent`.
    pub fn traceparent(&self) -> String {
        self.0.context().to_string()
    }

    /// Adds an attribute, if there is room for it.
    pub fn set(&mut self, key: &str, value: String) {
        self.0.set(key.to_owned(), value);
    }
}

impl ProcessState {
    /// Begins a span of the process for something that was asked from outside. `traceparent` is the span of who asked, as W3C Trace Context
    /// writes it; one that makes no sense counts as none. None when nobody wants the span, or the process has no room for it.
    pub fn begin_span(&self, name: &str, traceparent: Option<&str>) -> Option<HostSpan> {
        let parent = traceparent.and_then(|text| text.parse::<TraceContext>().ok());
        let severity = match parent {
            Some(TraceContext { sampled: true, .. }) => Severity::Info,
            _ => Severity::Debug,
        };
        if !self.log_levels.enabled("", scope::HOST, severity) {
            return None;
        }
        let (name, target) = (name.to_owned(), scope::HOST.to_owned());
        let span = Span::begin(&self.log, &self.account, name, target, severity, parent);
        let mut span = HostSpan(span?);
        span.set(SPAN_KIND, SPAN_OF_SERVER.to_owned());
        Some(span)
    }
}
