//! Spans: work of a guest with a beginning and an end, and the traces they belong to.
//!
//! A guest without the right to clocks has no clock, so the host measures. When a span is dropped, it writes
//! one entry to the log of its process.
//!
//! Invariant: the data in a process's open spans is at most [`OPEN`] times [`BYTES`], and is paid for.

use super::DROPPED_FIELDS;
use super::entry::{SPAN_EVENT, Severity};
use super::sink::ProcessLog;
use super::trace::TraceContext;
use crate::account::{Account, Charge, Good};
use crate::kept;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Most open spans of a process: more than a program nests or runs in parallel if it ends its spans.
pub(crate) const OPEN: usize = 1024;
/// Bytes that a span keeps of its name, target and fields, beyond the call that brought them. A field costs more than its
/// text, see [`kept::FIELD`].
pub(crate) const BYTES: usize = 8 << 10;

/// The prefix of the attributes of a span's entry.
pub const SPAN_ATTRIBUTES: &str = "weft.span.";
/// When a span began: nanoseconds since 1970.
pub const SPAN_START: &str = "weft.span.start";
/// How long a span took: nanoseconds.
pub const SPAN_DURATION: &str = "weft.span.duration";
/// The id of the span around it; left out for the outermost.
pub const SPAN_PARENT: &str = "weft.span.parent";
/// `true` for a span that its process did not live to end.
pub const SPAN_UNFINISHED: &str = "weft.span.unfinished";
/// [`SPAN_OF_SERVER`] for what was asked from outside; left out for all others. Only the host begins such spans.
pub const SPAN_KIND: &str = "weft.span.kind";
/// See [`SPAN_KIND`].
pub const SPAN_OF_SERVER: &str = "server";

/// An open span, as a process's table holds it.
#[derive(Debug)]
pub struct Span {
    log: Arc<ProcessLog>,
    name: String,
    target: String,
    severity: Severity,
    fields: BTreeMap<String, String>,
    bytes: usize,
    /// Fields that were dropped for lack of room.
    dropped: u64,
    _kept: Charge,
    context: TraceContext,
    parent: Option<u64>,
    started: SystemTime,
    began: Instant,
}

impl Span {
    /// Begins a span. None when too many are open, it cannot be paid for, or the system has no random numbers.
    pub(crate) fn begin(
        log: &Arc<ProcessLog>,
        account: &Arc<Account>,
        name: String,
        target: String,
        severity: Severity,
        parent: Option<TraceContext>,
    ) -> Option<Self> {
        let parent = parent.filter(|parent| parent.trace_id != 0 && parent.span_id != 0);
        let span_id = getrandom::u64().ok()?.max(1);
        let context = match parent {
            Some(parent) => TraceContext { span_id, ..parent },
            None => TraceContext {
                trace_id: u128::from(getrandom::u64().ok()?.max(1)) << 64
                    | u128::from(getrandom::u64().ok()?),
                span_id,
                sampled: true,
            },
        };
        let (name, target) = (cut(name), cut(target));
        let bytes = name.len() + target.len();
        let _kept = account.charge(Good::HostBytes, kept::SPAN).ok()?;
        log.span_begins().then(|| Self {
            log: log.clone(),
            name,
            target,
            severity,
            fields: BTreeMap::new(),
            bytes,
            dropped: 0,
            _kept,
            context,
            parent: parent.map(|parent| parent.span_id),
            started: SystemTime::now(),
            began: Instant::now(),
        })
    }

    /// Adds a field, if there is room for it.
    pub(crate) fn set(&mut self, key: String, value: String) {
        if let Some((key, before)) = self.fields.remove_entry(&key) {
            self.bytes -= kept::FIELD + key.len() + before.len();
        }
        let bytes = kept::FIELD + key.len() + value.len();
        if self.bytes + bytes <= BYTES {
            self.bytes += bytes;
            self.fields.insert(key, value);
        } else {
            self.lose(1);
        }
    }

    /// Counts fields that were dropped for lack of room.
    pub(crate) fn lose(&mut self, fields: u64) {
        self.dropped = self.dropped.saturating_add(fields);
    }

    pub(crate) fn context(&self) -> TraceContext {
        self.context
    }
}

/// The part of a text that a span keeps, copied if it is cut: a slice would keep the whole text alive.
fn cut(text: String) -> String {
    match text.get(..text.floor_char_boundary(BYTES / 4)) {
        Some(kept) if kept.len() < text.len() => kept.to_owned(),
        _ => text,
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let mut attributes = std::mem::take(&mut self.fields);
        let mut set = |key: &str, value: String| attributes.insert(key.to_owned(), value);
        set(
            SPAN_START,
            super::sink::nanoseconds(self.started).to_string(),
        );
        set(SPAN_DURATION, self.began.elapsed().as_nanos().to_string());
        if self.dropped > 0 {
            set(DROPPED_FIELDS, self.dropped.to_string());
        }
        if let Some(parent) = self.parent {
            set(SPAN_PARENT, format!("{parent:016x}"));
        }
        if self.log.span_ends() {
            set(SPAN_UNFINISHED, "true".to_owned());
        }
        self.log.write_in(
            self.severity,
            &self.target,
            std::mem::take(&mut self.name),
            attributes,
            Some(self.context),
            Some(SPAN_EVENT),
        );
    }
}
