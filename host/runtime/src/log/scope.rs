//! The scopes of log entries that are the host's: by them whoever shows a log tells lines of streams and entries of the host from others.
//!
//! Invariant: no call of a guest writes an entry with one of them. What a guest writes into a channel of its own, which it has put in the
//! place of its log, is not looked at.

/// Entries that the host writes itself.
pub(super) const HOST: &str = "weft";
/// Lines of stdout.
pub(super) const STDOUT: &str = "stdout";
/// Lines of stderr.
pub(super) const STDERR: &str = "stderr";

/// What comes before a scope that a guest may not have.
const GUEST: &str = "guest.";

/// The scope of what a guest writes for this target.
pub(crate) fn of_guest(target: String) -> String {
    match [HOST, STDOUT, STDERR].contains(&target.as_str()) {
        true => format!("{GUEST}{target}"),
        false => target,
    }
}
