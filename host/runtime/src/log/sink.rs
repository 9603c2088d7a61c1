//! The log of one process: makes its entries, and remembers facts about them. What the host itself says in it is in `notes`, how panics are
//! recognized in `panics`.
//!
//! Invariants:
//! - From before the first instruction of the process to its end, there is a channel to write to. If a channel
//!   that the guest registered ends, a new one takes its place.
//! - The last frame is written before the end of the process can be observed.

use super::entry::{LogEntry, LogResource, LogScope, Severity};
use super::outlet::{DROPPED, Outlet, own_channel, text_bytes};
use super::panics::Panic;
use super::rate::Rate;
use super::scope::{self, STDERR};
use super::span;
use super::trace::TraceContext;
use crate::channel::Rejected;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use weft_channel::{Channel, OpenError, OptionsError, Writer};

/// The attribute that marks an entry as a panic, with OpenTelemetry's name.
const EXCEPTION_TYPE: &str = "exception.type";
/// The attribute with the stack trace.
const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
/// The attribute with a panic's message.
const EXCEPTION_MESSAGE: &str = "exception.message";
/// The value of [`EXCEPTION_TYPE`] that the guest SDK writes for a panic.
const PANIC: &str = "panic";
/// The value of [`EXCEPTION_TYPE`] in the host's entry about a trap.
pub const TRAP: &str = "trap";

/// The log of one process.
#[derive(Debug)]
pub(crate) struct ProcessLog {
    resource: LogResource,
    /// Bytes that a channel of the host's own retains.
    capacity: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    outlet: Outlet,
    open_spans: usize,
    /// Whether the process is ending. Open spans then end with it.
    ending: bool,
    pub(super) panic: Option<Panic>,
    /// Whether the guest's allocator reported that it got no memory.
    pub(super) allocation_failed: bool,
    /// Capabilities, limits and refusals that the log has reported already.
    pub(super) denied: BTreeSet<&'static str>,
    /// Rights of extensions that were missing, with their values.
    pub(super) missing: BTreeSet<String>,
    /// Scopes whose lines are kept elsewhere too: the connected streams.
    copied: BTreeSet<&'static str>,
}

impl ProcessLog {
    /// A log that retains `capacity` bytes, and takes at most `rate` bytes per second.
    pub(crate) fn new(name: &str, id: u64, capacity: u64, rate: u64) -> Result<Self, OptionsError> {
        let outlet = Outlet::new(own_channel(capacity)?, Rate::new(rate));
        Ok(Self {
            resource: LogResource {
                service_name: name.to_owned(),
                process_id: id,
            },
            capacity,
            state: Mutex::new(State {
                outlet,
                open_spans: 0,
                ending: false,
                panic: None,
                allocation_failed: false,
                denied: BTreeSet::new(),
                missing: BTreeSet::new(),
                copied: BTreeSet::new(),
            }),
        })
    }

    /// The channel that entries go to now.
    pub(crate) fn channel(&self) -> Channel {
        let mut state = self.lock();
        let before = match state.outlet.has_ended() {
            true => self.replace_ended(&mut state),
            false => None,
        };
        let channel = state.outlet.channel();
        drop(state);
        drop(before);
        channel
    }

    /// Replaces the channel of this log.
    pub(crate) fn register(&self, channel: &Channel) -> Result<(), OpenError> {
        let writer = channel.strong_writer()?;
        let mut state = self.lock();
        let before = state.outlet.go_to(channel.clone(), writer, true);
        // Dropped outside the lock: this ends the previous log, which wakes its readers.
        drop(state);
        drop(before);
        Ok(())
    }

    /// Counts a new span, if there is room for it.
    pub(super) fn span_begins(&self) -> bool {
        let mut state = self.lock();
        let room = state.open_spans < span::OPEN;
        state.open_spans += usize::from(room);
        room
    }

    /// Counts the end of a span. True if the process is ending.
    pub(super) fn span_ends(&self) -> bool {
        let mut state = self.lock();
        state.open_spans = state.open_spans.saturating_sub(1);
        state.ending
    }

    /// Entries that are lost for good: over the rate limit, or evicted while nobody was reading.
    pub(crate) fn lost(&self) -> u64 {
        self.lock().outlet.rate.all_lost()
    }

    /// Entries in the current channel that are kept nowhere else. None for a channel that a guest registered, as others may
    /// write to it too.
    pub(crate) fn originals(&self) -> Option<u64> {
        self.lock().outlet.originals()
    }

    /// From now on open spans end with the process.
    pub(crate) fn ending(&self) {
        self.lock().ending = true;
    }

    /// Writes an entry.
    pub(crate) fn write(
        &self,
        severity: Severity,
        scope: &str,
        body: String,
        attributes: BTreeMap<String, String>,
    ) {
        self.write_in(severity, scope, body, attributes, None, None);
    }

    /// Writes a line of a stream. `copy`: the stream is connected, so its lines are kept elsewhere too.
    pub(super) fn write_line(
        &self,
        severity: Severity,
        stream: &'static str,
        line: String,
        attributes: BTreeMap<String, String>,
        copy: bool,
    ) {
        if copy {
            self.lock().copied.insert(stream);
        }
        let entry = self.entry(severity, stream, line, attributes);
        self.admit(entry);
    }

    /// Writes an entry that belongs to a span or represents one.
    pub(crate) fn write_in(
        &self,
        severity: Severity,
        scope: &str,
        body: String,
        attributes: BTreeMap<String, String>,
        context: Option<TraceContext>,
        event: Option<&str>,
    ) {
        if attributes
            .get(EXCEPTION_TYPE)
            .is_some_and(|kind| kind == PANIC)
        {
            let message = attributes.get(EXCEPTION_MESSAGE).unwrap_or(&body);
            self.note_panic(message, true);
        }
        let mut entry = self.entry(severity, scope, body, attributes);
        if let Some(context) = context {
            context.stamp(&mut entry);
        }
        entry.event_name = event.map(str::to_owned);
        self.admit(entry);
    }

    /// Writes an entry unless it exceeds the rate.
    fn admit(&self, entry: LogEntry) {
        let text = text_bytes(&entry);
        let mut state = self.lock();
        // Decided by the scope, because viewers decide by it too.
        let copy = state
            .copied
            .contains(entry.instrumentation_scope.name.as_str());
        if entry.instrumentation_scope.name != STDERR
            && !entry.attributes.contains_key(EXCEPTION_TYPE)
            && let Some(panic) = &mut state.panic
        {
            panic.is_last = false;
        }
        if !state.outlet.rate.admit(text, copy) {
            return;
        }
        let before = self.put(&mut state, entry, copy);
        drop(state);
        drop(before);
    }

    /// Writes the last entry of a process that trapped. The rate does not apply.
    pub(crate) fn trapped(
        &self,
        report: String,
        message: &str,
        backtrace: &[String],
        dumped: Option<(&str, String)>,
    ) {
        let mut attributes = BTreeMap::from([
            (EXCEPTION_TYPE.to_owned(), TRAP.to_owned()),
            (EXCEPTION_MESSAGE.to_owned(), message.to_owned()),
            (EXCEPTION_STACKTRACE.to_owned(), backtrace.join("\n")),
        ]);
        attributes.extend(dumped.map(|(key, value)| (key.to_owned(), value)));
        self.write_always(self.entry(Severity::Error, scope::HOST, report, attributes));
    }

    /// Writes that a frame will not be delivered again. The rate does not apply.
    pub(crate) fn rejected(&self, rejected: &Rejected) {
        let Rejected {
            bytes,
            deliveries,
            sent,
        } = rejected;
        let then = match sent {
            true => "it went to the channel for rejected frames",
            false => "it is dropped",
        };
        let text = format!(
            "a frame of {bytes} bytes is rejected, as {deliveries} processes ended while they handled it: {then}"
        );
        self.write_always(self.entry(Severity::Error, scope::HOST, text, BTreeMap::new()));
    }

    fn write_always(&self, entry: LogEntry) {
        let mut state = self.lock();
        let before = self.put(&mut state, entry, false);
        drop(state);
        drop(before);
    }

    fn entry(
        &self,
        severity: Severity,
        scope: &str,
        body: String,
        attributes: BTreeMap<String, String>,
    ) -> LogEntry {
        LogEntry {
            timestamp: nanoseconds(SystemTime::now()).to_string(),
            severity_text: severity.text().to_owned(),
            severity_number: severity.number(),
            body,
            attributes,
            instrumentation_scope: LogScope {
                name: scope.to_owned(),
            },
            resource: self.resource.clone(),
            trace_id: None,
            span_id: None,
            trace_flags: None,
            event_name: None,
        }
    }

    /// Writes an entry to the current channel, with the number of lost entries. Returns a writer to drop
    /// outside the lock.
    fn put(&self, state: &mut State, mut entry: LogEntry, copy: bool) -> Option<Writer> {
        if state.outlet.send(&mut entry, copy).is_ok() {
            return None;
        }
        let before = self.replace_ended(state);
        let _ = state.outlet.send(&mut entry, copy);
        before
    }

    /// Replaces a channel that the guest registered and that has ended. Returns a writer to drop outside the lock.
    fn replace_ended(&self, state: &mut State) -> Option<Writer> {
        let channel = own_channel(self.capacity).ok()?;
        let writer = channel.strong_writer().ok()?;
        let before = state.outlet.go_to(channel, writer, false);
        let text = "the channel that was registered as log has ended; this one takes its place";
        let mut note = self.entry(
            Severity::Warn,
            scope::HOST,
            text.to_owned(),
            BTreeMap::new(),
        );
        let _ = state.outlet.send(&mut note, false);
        before
    }

    /// Ends the log, after an entry about dropped entries if there are any. Its readers read the rest and then see
    /// the end.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        let mut before = None;
        if state.outlet.rate.dropped() > 0 {
            let text = "entries were dropped, as they came too fast".to_owned();
            let mut entry = self.entry(Severity::Warn, scope::HOST, text, BTreeMap::new());
            entry.event_name = Some(DROPPED.to_owned());
            before = self.put(&mut state, entry, false);
        }
        let writer = state.outlet.close();
        drop(state);
        drop((before, writer));
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nanoseconds since 1970.
pub(super) fn nanoseconds(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos()
}
