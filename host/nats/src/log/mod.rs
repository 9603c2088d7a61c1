//! What a channel is made of: a log of records, and the state that follows from them.
//!
//! Every host that has a channel open follows its stream and applies the same records in the same order, so all have the same state. A host
//! adds a record only behind the last one that it has applied: the server compares. So every decision, such as which frames make room or
//! that the last strong writer is gone, was made by somebody who knew all decisions before it.
//!
//! - `record`: a message of the stream, read and written.
//! - `control`: who has the channel open, and whether it has ended.
//! - `unit`: frames as they lie in the log, for readers.
//! - `state`: what follows from the records.
//!
//! This is not: anything that waits, or speaks with a server.

mod control;
mod record;
mod state;
#[cfg(test)]
mod tests;
mod unit;

pub(crate) use control::{Ending, Op, Outcome, Snapshot, register};
pub(crate) use record::{Body, Counts, Floor, Piece, Record};
pub(crate) use state::{Log, Room};
pub(crate) use unit::{Parcel, Unit};
