//! The back end for `tracing`.
//!
//! An event becomes one entry: its own fields, the fields of the spans around
//! it (the innermost wins where names meet), and an attribute `span` with the
//! spans' names, outermost first, separated by `:`. A span that ends leaves an
//! entry of the host, with how long it took. Whether a place in the code logs at all is asked of the
//! host once.

use super::spans::Spans;
use super::{Level, field, write_raw};
use crate::bindings::weft::fabric::log as raw;
use crate::trace::{self, TraceContext};
use std::cell::Cell;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

thread_local! {
    /// How many spans are entered, where it can be read while the table is locked.
    static ENTERED: Cell<usize> = const { Cell::new(0) };
}

/// Sends events to the process log.
#[derive(Default)]
struct ProcessLog {
    // `Subscriber` asks for `Sync`; a guest has one thread and never waits here.
    spans: Mutex<Spans>,
}

/// Makes it the subscriber, unless the guest has one already.
#[cfg(target_family = "wasm")]
pub(super) fn install() {
    let _ = tracing::subscriber::set_global_default(ProcessLog::default());
}

/// Runs a test with it as the subscriber of its thread.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn scoped<T>(test: impl FnOnce() -> T) -> T {
    tracing::subscriber::with_default(ProcessLog::default(), test)
}

/// The span entered last, unless the guest has a subscriber of its own.
pub(crate) fn current() -> Option<TraceContext> {
    tracing::dispatcher::get_default(|dispatch| {
        let log = dispatch.downcast_ref::<ProcessLog>()?;
        // Locked only after a panic in this module, which must not happen.
        let mut spans = log.spans.try_lock().ok()?;
        let id = spans.current()?.clone();
        spans.get_mut(&id)?.context.map(Into::into)
    })
}

/// How many spans are entered.
pub(crate) fn depth() -> usize {
    ENTERED.get()
}

impl From<&tracing::Level> for Level {
    fn from(level: &tracing::Level) -> Self {
        match *level {
            tracing::Level::TRACE => Level::Trace,
            tracing::Level::DEBUG => Level::Debug,
            tracing::Level::INFO => Level::Info,
            tracing::Level::WARN => Level::Warn,
            tracing::Level::ERROR => Level::Error,
        }
    }
}

impl ProcessLog {
    fn spans(&self) -> MutexGuard<'_, Spans> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber for ProcessLog {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // The answer is kept for all threads, and tests run on several.
        if cfg!(not(target_family = "wasm")) {
            Interest::sometimes()
        } else if self.enabled(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        super::enabled(metadata.level().into(), metadata.target())
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut visitor = Visitor::default();
        attributes.record(&mut visitor);
        let mut spans = self.spans();
        let parent = if attributes.is_contextual() {
            spans.current().cloned()
        } else {
            attributes.parent().cloned()
        };
        let remote = trace::remote().filter(|_| attributes.is_contextual());
        let remote = remote.map(Into::into);
        spans.add(attributes.metadata(), visitor.into_fields(), parent, remote)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut visitor = Visitor::default();
        values.record(&mut visitor);
        if let Some(span) = self.spans().get_mut(id) {
            let recorded = visitor.into_fields();
            if let Some(raw) = &span.raw {
                raw.record(&recorded);
            }
            span.fields
                .retain(|old| recorded.iter().all(|new| new.key != old.key));
            span.fields.extend(recorded);
        }
    }

    // Only parents matter to an entry.
    fn record_follows_from(&self, _id: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut visitor = Visitor::default();
        event.record(&mut visitor);
        let Visitor {
            message,
            mut fields,
        } = visitor;

        let spans = self.spans();
        let parent = if event.is_contextual() {
            spans.current()
        } else {
            event.parent()
        };
        let around = spans.ancestors(parent);
        let context = around.first().and_then(|span| span.context);
        let remote = trace::remote().filter(|_| event.is_contextual());
        let context = remote.or_else(|| context.map(Into::into));
        for outer in around.iter().flat_map(|span| &span.fields) {
            if fields.iter().all(|inner| inner.key != outer.key) {
                fields.push(outer.clone());
            }
        }
        if !around.is_empty() {
            let names = around.iter().rev().map(|span| span.metadata.name());
            fields.push(field("span", &names.collect::<Vec<_>>().join(":")));
        }

        let metadata = event.metadata();
        let (level, target) = (metadata.level().into(), metadata.target());
        write_raw(level, target, message, fields, context);
    }

    fn enter(&self, id: &Id) {
        ENTERED.set(self.spans().enter(id));
    }

    fn exit(&self, id: &Id) {
        ENTERED.set(self.spans().exit(id));
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.spans().hold(id);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        self.spans().release(&id)
    }

    fn current_span(&self) -> tracing_core::span::Current {
        let mut spans = self.spans();
        let Some(id) = spans.current().cloned() else {
            return tracing_core::span::Current::none();
        };
        match spans.get_mut(&id) {
            Some(span) => tracing_core::span::Current::new(id, span.metadata),
            None => tracing_core::span::Current::none(),
        }
    }
}

/// Collects fields as text; the field `message` is the entry's text.
#[derive(Default)]
struct Visitor {
    message: String,
    fields: Vec<raw::Field>,
}

impl Visitor {
    /// The fields of a span, where a message is a field like any other.
    fn into_fields(mut self) -> Vec<raw::Field> {
        if !self.message.is_empty() {
            self.fields.push(field("message", &self.message));
        }
        self.fields
    }

    fn put(&mut self, name: &Field, value: &(impl fmt::Display + ?Sized)) {
        if name.name() == "message" {
            self.message = value.to_string();
        } else {
            self.fields.push(field(name.name(), value));
        }
    }
}

impl Visit for Visitor {
    fn record_str(&mut self, name: &Field, value: &str) {
        self.put(name, value);
    }

    fn record_error(&mut self, name: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(name, &value);
    }

    fn record_debug(&mut self, name: &Field, value: &dyn fmt::Debug) {
        self.put(name, &format_args!("{value:?}"));
    }
}
