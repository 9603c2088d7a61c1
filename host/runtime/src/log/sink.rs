//! The log of one process: the channel its entries go to.
//!
//! The channel drops what it has no room for rather than wait; with weak
//! readers alone, as logs are handed out, that is always its oldest entries.
//!
//! Invariant: there is a channel to write to from before the first instruction
//! of the process, and its last frame is written before its end can be observed.

use super::entry::{LogEntry, LogResource, LogScope, Severity};
use super::rate::Rate;
use crate::capability::Right;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use weft_channel::{Backpressure, Channel, OpenError, Options, OptionsError, WriteError, Writer};

/// The attribute that marks an entry as a panic, as OpenTelemetry names it.
const EXCEPTION_TYPE: &str = "exception.type";
/// The attribute with a panic's message.
const EXCEPTION_MESSAGE: &str = "exception.message";
/// The attribute with the name of a capability that was missing.
const CAPABILITY: &str = "weft.capability";
/// The scope of entries that the host writes itself.
const SCOPE: &str = "weft";
/// The attribute of an entry that was too large for its channel: bytes of the whole body.
const TRUNCATED: &str = "weft.truncated.bytes";
/// The attribute of an entry before which others were dropped, as the process wrote too fast: how many.
const DROPPED: &str = "weft.log.dropped";
/// Bytes that are left of the body of such an entry.
const TRUNCATED_BODY: usize = 8 << 10;
/// Bytes that are left of a panic's message: it becomes part of the exit status.
const PANIC_BYTES: usize = 8 << 10;
/// The value of [`EXCEPTION_TYPE`] that the guest SDK writes for a panic.
const PANIC: &str = "panic";

/// The log of one process.
#[derive(Debug)]
pub(crate) struct ProcessLog {
    resource: LogResource,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    channel: Channel,
    /// Gone once the process has ended: readers then see the end of the log.
    writer: Option<Writer>,
    rate: Rate,
    panic: Option<String>,
    /// Whether the guest said that its allocator got no memory.
    allocation_failed: bool,
    /// Capabilities whose denial stands in the log already.
    denied: BTreeSet<&'static str>,
}

impl ProcessLog {
    /// A log that retains so many bytes, and takes no more than `rate` bytes in a second.
    pub(crate) fn new(name: &str, id: u64, capacity: u64, rate: u64) -> Result<Self, OptionsError> {
        let channel = Channel::new(Options {
            capacity,
            backpressure: Backpressure::Drop,
        })?;
        let writer = channel.strong_writer().ok();
        Ok(Self {
            resource: LogResource {
                service_name: name.to_owned(),
                process_id: id,
            },
            state: Mutex::new(State {
                channel,
                writer,
                rate: Rate::new(rate),
                panic: None,
                allocation_failed: false,
                denied: BTreeSet::new(),
            }),
        })
    }

    /// The channel that entries go to now.
    pub(crate) fn channel(&self) -> Channel {
        self.lock().channel.clone()
    }

    /// Puts another channel in the place of this one's.
    pub(crate) fn register(&self, channel: &Channel) -> Result<(), OpenError> {
        let writer = channel.strong_writer()?;
        let mut state = self.lock();
        state.channel = channel.clone();
        let before = state.writer.replace(writer);
        // Dropped outside the lock: it ends the log before, which wakes its readers.
        drop(state);
        drop(before);
        Ok(())
    }

    /// Writes an entry.
    pub(crate) fn write(
        &self,
        severity: Severity,
        scope: &str,
        body: String,
        mut attributes: BTreeMap<String, String>,
    ) {
        if attributes
            .get(EXCEPTION_TYPE)
            .is_some_and(|kind| kind == PANIC)
        {
            let message = attributes.get(EXCEPTION_MESSAGE).unwrap_or(&body);
            self.note_panic(message.clone());
        }
        let text = scope.len()
            + body.len()
            + attributes
                .iter()
                .map(|(k, v)| k.len() + v.len())
                .sum::<usize>();
        let mut state = self.lock();
        match state.rate.admit(text) {
            Some(0) => {}
            Some(dropped) => {
                attributes.insert(DROPPED.to_owned(), dropped.to_string());
            }
            None => return,
        }
        self.put(&state, severity, scope, body, attributes);
    }

    /// Writes an entry, whatever was written before it.
    fn put(
        &self,
        state: &State,
        severity: Severity,
        scope: &str,
        body: String,
        attributes: BTreeMap<String, String>,
    ) {
        let timestamp = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        let mut entry = LogEntry {
            timestamp: timestamp.to_string(),
            severity_text: severity.text().to_owned(),
            severity_number: severity.number(),
            body,
            attributes,
            instrumentation_scope: LogScope {
                name: scope.to_owned(),
            },
            resource: self.resource.clone(),
        };
        let Some(writer) = &state.writer else { return };
        // A log that has ended or terminated takes nothing more; the process goes on.
        if let Err(WriteError::TooLarge { .. }) = writer.try_write(frame(&entry)) {
            entry
                .attributes
                .insert(TRUNCATED.to_owned(), entry.body.len().to_string());
            entry
                .attributes
                .retain(|name, _| name == TRUNCATED || name == DROPPED);
            let end = entry.body.floor_char_boundary(TRUNCATED_BODY);
            entry.body.truncate(end);
            let _ = writer.try_write(frame(&entry));
        }
    }

    /// Remembers the message of a panic, so that the trap that follows can be told apart.
    pub(crate) fn note_panic(&self, mut message: String) {
        message.truncate(message.floor_char_boundary(PANIC_BYTES));
        self.lock().panic = Some(message);
    }

    /// Remembers that the guest's allocator got no memory.
    pub(crate) fn note_allocation_failed(&self) {
        self.lock().allocation_failed = true;
    }

    /// Whether the guest's allocator got no memory.
    pub(crate) fn allocation_failed(&self) -> bool {
        self.lock().allocation_failed
    }

    /// The message of the last panic.
    pub(crate) fn panic_message(&self) -> Option<String> {
        self.lock().panic.clone()
    }

    /// Says in the log that a capability was missing, once for each: a guest that
    /// swallows its errors would otherwise fail without a word.
    pub(crate) fn note_denial(&self, capability: &'static str) {
        if self.lock().denied.insert(capability) {
            let attributes = [(CAPABILITY.to_owned(), capability.to_owned())].into();
            let text = if capability == Right::Clocks.name() {
                "a clock was read without the right to: it stands at zero"
            } else {
                "a call was denied"
            };
            self.write(Severity::Warn, SCOPE, text.to_owned(), attributes);
        }
    }

    /// Ends the log, after a last word on entries that were dropped: its readers read what is left and then its end.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        let dropped = state.rate.take_dropped();
        if dropped > 0 {
            let attributes = [(DROPPED.to_owned(), dropped.to_string())].into();
            let text = "entries were dropped, as they came too fast".to_owned();
            self.put(&state, Severity::Warn, SCOPE, text, attributes);
        }
        let writer = state.writer.take();
        drop(state);
        drop(writer);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An entry as it stands in a frame. Serialising plain text and numbers cannot fail.
fn frame(entry: &LogEntry) -> Bytes {
    Bytes::from(serde_json::to_vec(entry).unwrap_or_default())
}
