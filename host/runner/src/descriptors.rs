//! The number of descriptors that the command may open: its own files, folders and sockets, and those of its guests.
//!
//! The soft limit is usually 1,024, to protect old programs that use `select`. This program does not use it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit to the hard one. If the system refuses, for example because the hard limit exceeds its own,
/// nothing changes.
pub(crate) fn raise() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        let all = Rlimit {
            current: maximum,
            maximum,
        };
        let _ = setrlimit(Resource::Nofile, all);
    }
}
