//! Entries as text on one line, for programs.
//!
//! Invariant: `Resource` names the process whose log it is, even if the guest wrote something else there.

use super::entry::{LogEntry, LogResource};
use serde::Deserialize;
use serde_json::Value;

/// The field of an entry that names its process.
const RESOURCE: &str = "Resource";

/// Only that field. JSON with the field twice is not an entry.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Claim {
    resource: Value,
}

impl LogEntry {
    /// The text of a frame of this process's log, on one line. Unchanged otherwise, but a `Resource` that names
    /// another process is replaced.
    pub fn line(text: &str, process: &LogResource) -> String {
        let truth = serde_json::to_value(process).unwrap_or_default();
        let claim = serde_json::from_str(text).map(|claim: Claim| claim.resource);
        match (claim, serde_json::from_str(text)) {
            (Ok(claim), Ok(Value::Object(mut entry))) if claim != truth => {
                entry.insert(RESOURCE.to_owned(), truth);
                one_line(&Value::Object(entry).to_string())
            }
            _ => one_line(text),
        }
    }

    /// This entry as text on one line.
    pub fn to_line(&self) -> String {
        // Writing text and numbers as JSON cannot fail.
        one_line(&serde_json::to_string(self).unwrap_or_default())
    }
}

/// The text of an entry on one line, otherwise unchanged.
///
/// A guest may have written the text itself. It is JSON. So line ends are between values, where a space means
/// the same, and other control characters are in strings, where they can be escaped.
fn one_line(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stays_as_it_is_but_for_what_a_terminal_or_a_reader_of_lines_would_take_otherwise() {
        let plain = r#"{"Body":"a\nb \u001b[2J é","Unknown":[1, 2.50]}"#;
        assert_eq!(one_line(plain), plain);
        assert_eq!(
            one_line("\n{\"Body\"\r\n:\t\"\u{9b}2J\u{7f}\"}\n"),
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
        assert_eq!(LogEntry::line(own, &process), own);
        let wanted = r#"{"Body":"a","Resource":{"service.name":"true","weft.process.id":7},"Unknown":[1,"b"]}"#;
        for claim in [
            r#"{"service.name":"other","weft.process.id":7}"#,
            r#"{"service.name":"true","weft.process.id":7,"host.name":"other"}"#,
            r#"{}"#,
            r#""true""#,
            r#"null"#,
        ] {
            let text = format!(r#"{{"Resource":{claim},"Body":"a","Unknown":[1,"b"]}}"#);
            assert_eq!(LogEntry::line(&text, &process), wanted, "{claim}");
            let escaped = text.replacen("Resource", "R\\u0065source", 1);
            assert_eq!(LogEntry::line(&escaped, &process), wanted, "{claim}");
        }
    }
}
