//! A channel as this host has it open: its log, what waits to be added, and the tasks that keep both going.
//!
//! - `open`: the stream and what is read of it first.
//! - `shared`: the state under one lock, and how its changes are waited for.
//! - `queue`: writes that wait for their turn and for room.
//! - `readers`: the places of readers, and what they hold back.
//! - `append`: the task that adds records, one after the other. `attempts`, `flight`: those under way.
//! - `follow`: the task that applies what others have added; and reads of older records.
//! - `keep`: the task that tells places, and removes what has made room. `lease`, `place`: what it tells.
//! - `answers`: what is seen of a server that answers late or takes nothing. `clock`: its time.
//! - `turn`: how a host that is far away gets its turn.
//! - `handle`, `writer`, `reader`: the traits of a remote engine.
//!
//! Invariants:
//! - Nothing is added to the log but by `append`, one chain of messages at a time.
//! - The lock is never held across a wait.
//! - The tasks end once the last handle is gone and what it left is told to the server, or the server stays away.

mod answers;
mod append;
mod attempts;
mod clock;
mod flight;
mod follow;
mod handle;
mod keep;
mod lease;
mod open;
mod place;
mod queue;
mod reader;
mod readers;
mod shared;
mod turn;
mod writer;

pub use handle::Durable;
pub(crate) use open::open;
