//! What the host says in the log of a process: what was missing, which bound was reached, what is refused to everybody.
//!
//! Invariant: each is said once, so a guest that ignores its errors neither fails silently nor floods its log.

use super::entry::Severity;
use super::scope;
use super::sink::ProcessLog;
use crate::capability::{Capability, Right};
use crate::extension::ExtensionRight;

/// The attribute with the name of a capability that was missing.
const CAPABILITY: &str = "weft.capability";
/// The attribute with the name of a limit that was reached.
const LIMIT: &str = "weft.limit";
/// The attribute with the name of something that is refused to every process.
const REFUSED: &str = "weft.refused";
/// The attribute with the name of a metric of the guest.
const METRIC: &str = "weft.metric";
/// Most missing rights of extensions that a log tells of. Their values are a guest's to choose.
const MOST_MISSING: usize = 16;
/// Bytes of one that are told.
const MISSING_BYTES: usize = 300;

impl ProcessLog {
    /// Logs a missing capability, once for each: a guest that ignores its errors would otherwise fail silently.
    pub(crate) fn note_denial(&self, capability: Capability) {
        let text = match capability {
            Capability::Right(Right::Clocks) => {
                "a clock was read without the right to: it stands at zero"
            }
            _ => "a call was denied",
        };
        self.note_once(CAPABILITY, capability.name(), text);
    }

    /// Logs a missing right of an extension with what is to be granted and maybe why, once for each value and not for too many.
    pub(crate) fn note_missing(
        &self,
        right: &ExtensionRight,
        value: Option<&str>,
        cause: Option<&str>,
    ) {
        let mut needed = match value {
            Some(value) => format!("{}={value}", right.name),
            None => right.written(),
        };
        needed.truncate(needed.floor_char_boundary(MISSING_BYTES));
        let mut state = self.lock();
        if state.missing.len() >= MOST_MISSING || !state.missing.insert(needed.clone()) {
            return;
        }
        drop(state);
        let mut text = format!("a call was denied: it needs `{needed}`");
        if let Some(cause) = cause {
            text.push_str(": ");
            text.push_str(cause);
        }
        let attributes = [(CAPABILITY.to_owned(), right.name.to_owned())].into();
        self.write(Severity::Warn, scope::HOST, text, attributes);
    }

    /// Logs a reached limit, once for each: the guest gets one of WASI's errors, which cannot name the limit.
    pub(crate) fn note_limit(&self, limit: &'static str, text: &str) {
        self.note_once(LIMIT, limit, text);
    }

    /// Logs an operation that no capability can allow, once for each.
    pub(crate) fn note_refusal(&self, what: &'static str, text: &str) {
        self.note_once(REFUSED, what, text);
    }

    /// Logs that there is no network, once: the errors of sockets do not say why they fail.
    pub(crate) fn note_no_network(&self) {
        let text = "no socket connects, listens or sends, and no name is looked up: this host offers no network";
        self.note_refusal("network", text);
    }

    fn note_once(&self, attribute: &str, name: &'static str, text: &str) {
        if self.lock().denied.insert(name) {
            let attributes = [(attribute.to_owned(), name.to_owned())].into();
            self.write(Severity::Warn, scope::HOST, text.to_owned(), attributes);
        }
    }

    /// Logs that metrics of the guest are not in the host's snapshot. The caller says it once.
    pub(crate) fn note_left_out(&self, metric: &str, text: String) {
        let attributes = [(METRIC.to_owned(), metric.to_owned())].into();
        self.write(Severity::Warn, scope::HOST, text, attributes);
    }
}
