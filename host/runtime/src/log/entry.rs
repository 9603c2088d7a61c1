//! The format of a log entry: one JSON object, with the field names of the
//! OpenTelemetry log data model.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How important an entry is. The numbers are OpenTelemetry's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Every step.
    Trace,
    /// For debugging.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is odd.
    Warn,
    /// Something failed.
    Error,
}

impl Severity {
    /// The `SeverityText`.
    pub fn text(self) -> &'static str {
        match self {
            Severity::Trace => "TRACE",
            Severity::Debug => "DEBUG",
            Severity::Info => "INFO",
            Severity::Warn => "WARN",
            Severity::Error => "ERROR",
        }
    }

    /// The `SeverityNumber`.
    pub fn number(self) -> u8 {
        match self {
            Severity::Trace => 1,
            Severity::Debug => 5,
            Severity::Info => 9,
            Severity::Warn => 13,
            Severity::Error => 17,
        }
    }

    /// The severity of a `SeverityNumber`. OpenTelemetry has four numbers for each level and two more levels.
    /// An entry that a guest wrote to its own channel may have any number.
    pub fn of_number(number: u8) -> Self {
        match number {
            0..=4 => Severity::Trace,
            5..=8 => Severity::Debug,
            9..=12 => Severity::Info,
            13..=16 => Severity::Warn,
            17.. => Severity::Error,
        }
    }
}

/// The part of a process that wrote an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogScope {
    /// A module path, `stdout` or `stderr`.
    pub name: String,
}

/// The process an entry comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogResource {
    /// The process's friendly name.
    #[serde(rename = "service.name")]
    pub service_name: String,
    /// The process's id.
    #[serde(rename = "weft.process.id")]
    pub process_id: u64,
}

/// The `EventName` of an entry that represents an ended span.
pub const SPAN_EVENT: &str = "weft.span";

/// One log entry, as in a frame of a log channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LogEntry {
    /// Nanoseconds since 1970, as text: JSON numbers are too small for them.
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
    /// The part of the process that wrote it.
    pub instrumentation_scope: LogScope,
    /// The process that wrote it.
    pub resource: LogResource,
    /// The trace it belongs to: 32 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The span in which it was written, or which it represents: 16 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// 1 when the origin of the trace records it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_flags: Option<u8>,
    /// [`SPAN_EVENT`] for a span that has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_name: Option<String>,
}

impl LogEntry {
    /// Reads a frame of the log of this process; none if it is not an entry.
    ///
    /// A guest may have written the frame itself, with any content. So the process in the entry is ignored and replaced by the process whose
    /// log is read.
    pub fn read(frame: &[u8], process: LogResource) -> Option<Self> {
        let mut entry: Self = serde_json::from_slice(frame).ok()?;
        entry.resource = process;
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_entry_has_the_names_of_the_opentelemetry_log_data_model() {
        let entry = LogEntry {
            timestamp: "1700000000000000000".into(),
            severity_text: Severity::Info.text().into(),
            severity_number: Severity::Info.number(),
            body: "hello".into(),
            attributes: [("k".to_owned(), "v".to_owned())].into(),
            instrumentation_scope: LogScope { name: "app".into() },
            resource: LogResource {
                service_name: "stats".into(),
                process_id: 3,
            },
            trace_id: Some("0af7651916cd43dd8448eb211c80319c".into()),
            span_id: None,
            trace_flags: None,
            event_name: Some(SPAN_EVENT.into()),
        };
        let json = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            json,
            r#"{"Timestamp":"1700000000000000000","SeverityText":"INFO","SeverityNumber":9,"Body":"hello","Attributes":{"k":"v"},"InstrumentationScope":{"name":"app"},"Resource":{"service.name":"stats","weft.process.id":3},"TraceId":"0af7651916cd43dd8448eb211c80319c","EventName":"weft.span"}"#
        );
        assert_eq!(serde_json::from_str::<LogEntry>(&json).unwrap(), entry);
    }
}
