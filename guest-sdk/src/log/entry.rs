//! A log entry as it stands in a frame of a log channel, for guests that read logs.
//!
//! The same format as the host writes; its reference is `wit/log.wit`.

use crate::serde::{Deserialize, Serialize};
use crate::trace::TraceContext;
use std::collections::BTreeMap;
use std::time::Duration;

/// The [`Entry::event_name`] of an entry that stands for a span that has ended.
///
/// ```no_run
/// # fn f(entry: weft_guest::log::Entry) {
/// let is_span = entry.event_name.as_deref() == Some(weft_guest::log::SPAN_EVENT);
/// # }
/// ```
pub const SPAN_EVENT: &str = "weft.span";

/// One log entry.
///
/// ```no_run
/// # async fn f(worker: weft_guest::Process) -> weft_guest::Result {
/// use weft_guest::log::{Entry, Level};
/// let mut log = worker.log_channel()?.weak_reader()?;
/// while let Some(frame) = log.read().await? {
///     let entry = Entry::from_frame(&frame.payload)?;
///     if entry.level() >= Level::Warn {
///         println!("{}: {}", entry.resource.service_name, entry.body);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde", rename_all = "PascalCase")]
pub struct Entry {
    /// Nanoseconds since 1970, as text.
    pub timestamp: String,
    /// `TRACE`, `DEBUG`, `INFO`, `WARN` or `ERROR`.
    pub severity_text: String,
    /// 1, 5, 9, 13 or 17.
    pub severity_number: u8,
    /// The message.
    pub body: String,
    /// The fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Where in the process it comes from.
    pub instrumentation_scope: Scope,
    /// Which process it comes from.
    pub resource: Resource,
    /// The trace it belongs to: 32 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The span it was written in, or that it stands for: 16 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// 1 when the origin of the trace records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_flags: Option<u8>,
    /// [`SPAN_EVENT`] for a span that has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_name: Option<String>,
}

/// Where in a process an entry comes from.
///
/// ```no_run
/// # fn f(entry: weft_guest::log::Entry) {
/// let printed = entry.instrumentation_scope.name == "stdout";
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub struct Scope {
    /// A module path, `stdout`, `stderr`, or `weft` for entries of the host.
    pub name: String,
}

/// The process an entry comes from.
///
/// ```no_run
/// # fn f(entry: weft_guest::log::Entry) {
/// println!("{} ({})", entry.resource.service_name, entry.resource.process_id);
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "crate::serde")]
pub struct Resource {
    /// The process's friendly name.
    #[serde(rename = "service.name")]
    pub service_name: String,
    /// The process's id.
    #[serde(rename = "weft.process.id")]
    pub process_id: u64,
}

/// Why a frame is no log entry.
///
/// ```no_run
/// let error = weft_guest::log::Entry::from_frame(b"hello").unwrap_err();
/// println!("{error}");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("not a log entry: {0}")]
pub struct NotAnEntry(#[from] serde_json::Error);

impl Entry {
    /// Reads a frame of a log channel.
    ///
    /// ```no_run
    /// # fn f(frame: weft_guest::Frame) -> weft_guest::Result {
    /// let entry = weft_guest::log::Entry::from_frame(&frame.payload)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotAnEntry`] for other frames, as a channel that a guest registered as its log may
    /// have.
    pub fn from_frame(payload: &[u8]) -> Result<Self, NotAnEntry> {
        Ok(serde_json::from_slice(payload)?)
    }

    /// When it was written: the time since 1970, by the host's clock.
    ///
    /// ```no_run
    /// # fn f(first: weft_guest::log::Entry, second: weft_guest::log::Entry) {
    /// println!("{:?} later", second.time().saturating_sub(first.time()));
    /// # }
    /// ```
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.timestamp.parse().unwrap_or(0))
    }

    /// The severity.
    ///
    /// ```no_run
    /// # fn f(entry: weft_guest::log::Entry) {
    /// let failed = entry.level() == weft_guest::log::Level::Error;
    /// # }
    /// ```
    pub fn level(&self) -> super::Level {
        use super::Level;
        match self.severity_number {
            ..5 => Level::Trace,
            5..9 => Level::Debug,
            9..13 => Level::Info,
            13..17 => Level::Warn,
            17.. => Level::Error,
        }
    }

    /// The span it was written in, or that it stands for.
    ///
    /// ```no_run
    /// # fn f(entry: weft_guest::log::Entry) {
    /// if let Some(context) = entry.context() {
    ///     println!("of trace {:x}", context.trace_id);
    /// }
    /// # }
    /// ```
    pub fn context(&self) -> Option<TraceContext> {
        let id = |text: &Option<String>| u128::from_str_radix(text.as_deref()?, 16).ok();
        Some(TraceContext {
            trace_id: id(&self.trace_id)?,
            span_id: id(&self.span_id)?.try_into().ok()?,
            sampled: self.trace_flags.unwrap_or(0) & 1 == 1,
        })
    }

    /// How long the span took, if this stands for one that has ended.
    ///
    /// ```no_run
    /// # fn f(entry: weft_guest::log::Entry) {
    /// if let Some(took) = entry.span_duration() {
    ///     println!("{} took {took:?}", entry.body);
    /// }
    /// # }
    /// ```
    pub fn span_duration(&self) -> Option<Duration> {
        let nanoseconds = self.attributes.get("weft.span.duration")?;
        Some(Duration::from_nanos(nanoseconds.parse().ok()?))
    }

    /// How many entries were lost before this one; see `wit/log.wit` for the reasons.
    ///
    /// ```no_run
    /// # fn f(entry: weft_guest::log::Entry) {
    /// println!("{} entries are missing here", entry.dropped());
    /// # }
    /// ```
    pub fn dropped(&self) -> u64 {
        let dropped = self.attributes.get("weft.log.dropped");
        dropped.and_then(|count| count.parse().ok()).unwrap_or(0)
    }
}
