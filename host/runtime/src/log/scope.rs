//! The scopes that belong to the host. A viewer uses them to tell lines of streams and entries of the host from a guest's entries.
//!
//! Invariant: no call of a guest writes an entry with one of these scopes. A guest that registers its own channel as log can write any
//! entries to that channel; they are not checked.

/// Entries that the host writes itself.
pub(crate) const HOST: &str = "weft";
/// Lines of stdout.
pub(super) const STDOUT: &str = "stdout";
/// Lines of stderr.
pub(super) const STDERR: &str = "stderr";

/// The prefix for a guest's scope that has the name of a host scope.
const GUEST: &str = "guest.";

/// The scope of a guest's entry with this target.
pub(crate) fn of_guest(target: String) -> String {
    match [HOST, STDOUT, STDERR].contains(&target.as_str()) {
        true => format!("{GUEST}{target}"),
        false => target,
    }
}
