//! Sequences of operations on processes, run on a host and on a naive model of it side by side.
//!
//! - `op`: the operations, and how bytes become operations;
//! - `model`: who is linked with whom, who watches whom, and what one end means for all others. The model does
//!   not predict the order of ends, as the host does not fix it;
//! - `world`: puppets, which are guests that follow commands, and the model beside them; compares both after
//!   every step.
//!
//! After each step, every process that has to end has ended, with a status that has a cause; every other
//! process lives; and each monitor has reported each end that it watches once.

mod model;
mod op;
mod world;

pub use op::Op;

/// Runs the operations that the bytes stand for.
pub fn run(bytes: &[u8]) {
    let ops: Vec<Op> = bytes
        .chunks_exact(op::OP_BYTES)
        .map(Op::from_bytes)
        .collect();
    world::run(&ops);
}
