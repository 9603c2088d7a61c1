//! What guests of the command can import besides what the host has itself.
//!
//! One line for each extension. The host, `--grant`, manifests, the help and the hints in the log all take them from here.

use weft_host::extension::Extensions;

/// The extensions of every host that the command makes.
pub(crate) fn all() -> Extensions {
    Extensions::none()
}
