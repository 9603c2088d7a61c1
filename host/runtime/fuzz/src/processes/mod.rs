//! Sequences of operations on processes, run on a host and on a naive model of it side by side.
//!
//! - `op`: the operations, and how bytes become some;
//! - `model`: who is linked with whom, who watches whom, and what the end of one means for all
//!   others. It does not say in which order they end, as the host does not;
//! - `world`: puppets, guests that do what they are told, beside the model; compares after every step.
//!
//! After each step everybody who has to end has ended, with a status there is a cause for, everybody else
//! lives, and each monitor was told of what it watches, once.

mod model;
mod op;
mod world;

pub use op::Op;

/// Runs the operations that bytes are.
pub fn run(bytes: &[u8]) {
    let ops: Vec<Op> = bytes
        .chunks_exact(op::OP_BYTES)
        .map(Op::from_bytes)
        .collect();
    world::run(&ops);
}
