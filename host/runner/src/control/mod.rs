//! The control socket: how other commands see and steer what `weft up` runs.
//!
//! ```text
//! protocol  what is asked and answered, one JSON object a line
//! place     where sockets are, which of them is meant, and what is left of runners that are gone; `folder` one of theirs, `file_name` a runner's in it
//! roster    the processes a runner knows, those that ended a while ago too; `rows` as a snapshot
//! server    the side of `weft up`: who is served; `answer` what is answered
//! client    the side of `weft ps`, `logs`, `stop`, `channels` and `top`
//! ```
//!
//! It is not: a way to start anything, or for other users. Who can open the socket is who
//! could end the runner.
//!
//! Invariant: nothing that a client sends or leaves unread holds up a process or the runner.

mod answer;
pub(crate) mod client;
mod file_name;
mod folder;
pub(crate) mod place;
pub(crate) mod protocol;
pub(crate) mod roster;
mod rows;
pub(crate) mod server;
