//! The command's own entries, in the form of the objects on log channels.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};
use weft_host::log::{LogEntry, LogResource, LogScope, Severity};

/// An entry of `weft` itself, with the current time.
pub(crate) fn own(severity: Severity, body: &str) -> LogEntry {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    LogEntry {
        timestamp: now.unwrap_or_default().as_nanos().to_string(),
        severity_text: severity.text().to_owned(),
        severity_number: severity.number(),
        body: body.to_owned(),
        attributes: BTreeMap::new(),
        instrumentation_scope: LogScope {
            name: super::HOST.to_owned(),
        },
        resource: LogResource {
            // Processes never have the id 0.
            service_name: super::HOST.to_owned(),
            process_id: 0,
        },
        trace_id: None,
        span_id: None,
        trace_flags: None,
        event_name: None,
    }
}
