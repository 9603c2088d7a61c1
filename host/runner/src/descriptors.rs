//! How many descriptors the system gives the command: its open files, folders and sockets, and those of its guests.
//!
//! The soft limit is usually 1,024, for the sake of old programs that use `select`; this is none.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit to the hard one. Where the system refuses, as for a hard limit beyond its own, all stays as it is.
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
