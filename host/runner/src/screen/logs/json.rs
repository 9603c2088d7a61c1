//! Entries for programs: the objects on the log channels, and such objects of `weft`'s own.
//!
//! Invariant: `Resource` says whose entry it is, whatever a guest has written there.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};
use weft_host::{LogEntry, LogResource, LogScope, Severity};

/// The member of an entry that says whose it is.
const RESOURCE: &str = "Resource";

/// That member alone. An entry that has it twice is none.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Claim {
    resource: Value,
}

/// The text of an entry in the log of this process on one line: as it is on the log channel, unless it says that it
/// is another's.
pub(crate) fn entry(text: &str, process: &LogResource) -> String {
    let truth = serde_json::to_value(process).unwrap_or_default();
    let claim = serde_json::from_str(text).map(|claim: Claim| claim.resource);
    match (claim, serde_json::from_str(text)) {
        (Ok(claim), Ok(Value::Object(mut entry))) if claim != truth => {
            entry.insert(RESOURCE.to_owned(), truth);
            line(&Value::Object(entry).to_string())
        }
        _ => line(text),
    }
}

/// The text of an entry on one line, and otherwise as it is on the log channel.
///
/// A guest may have put the text there itself. As it is JSON, line ends in it stand between values, where a
/// space means the same, and other control characters stand in strings, where they can be written out.
fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' | '\r' | '\t' => line.push(' '),
            c if c.is_control() => line.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => line.push(c),
        }
    }
    line
}

/// An entry of `weft` itself, about now.
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
            // Among processes; none has the id 0.
            service_name: super::HOST.to_owned(),
            process_id: 0,
        },
        trace_id: None,
        span_id: None,
        trace_flags: None,
        event_name: None,
    }
}

/// An entry as text. Writing text and numbers as JSON cannot fail.
pub(crate) fn text(entry: &LogEntry) -> String {
    line(&serde_json::to_string(entry).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stays_as_it_is_but_for_what_a_terminal_or_a_reader_of_lines_would_take_otherwise() {
        let plain = r#"{"Body":"a\nb \u001b[2J é","Unknown":[1, 2.50]}"#;
        assert_eq!(line(plain), plain);
        assert_eq!(
            line("\n{\"Body\"\r\n:\t\"\u{9b}2J\u{7f}\"}\n"),
            r#"{"Body"  : "\u009b2J\u007f"}"#
        );
    }

    #[test]
    fn an_entry_is_of_the_process_whose_log_it_is_in_whatever_it_says() {
        let process = LogResource {
            service_name: "true".to_owned(),
            process_id: 7,
        };
        let own = r#"{"Body":"a", "Resource":{"weft.process.id":7,"service.name":"true"},"Unknown":2.50}"#;
        assert_eq!(entry(own, &process), own);
        let wanted = r#"{"Body":"a","Resource":{"service.name":"true","weft.process.id":7},"Unknown":[1,"b"]}"#;
        for claim in [
            r#"{"service.name":"other","weft.process.id":7}"#,
            r#"{"service.name":"true","weft.process.id":7,"host.name":"other"}"#,
            r#"{}"#,
            r#""true""#,
            r#"null"#,
        ] {
            let text = format!(r#"{{"Resource":{claim},"Body":"a","Unknown":[1,"b"]}}"#);
            assert_eq!(entry(&text, &process), wanted, "{claim}");
            let escaped = text.replacen("Resource", "R\\u0065source", 1);
            assert_eq!(entry(&escaped, &process), wanted, "{claim}");
        }
    }
}
