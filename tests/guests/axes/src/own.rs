//! What wasm itself takes: memory, stack, time, and a result.

use crate::make::{How, MIB, Made};
use std::hint::black_box;
use std::time::Duration;
use weft_guest::blocking;

pub fn make(axis: &str, how: How) -> Option<Made> {
    match axis {
        "memory" => Some(memory(how)),
        "time" => spin(),
        "waiting" => {
            blocking::sleep(Duration::from_secs(3600));
            None
        }
        "stack" => Some(Made::new(recurse(0), "all", ())),
        "result" => Some(Made::new(0, "x".repeat(how.pick(0, 2 * MIB, 0)), ())),
        _ => None,
    }
}

/// Allocates and touches, expecting no refusal.
fn memory(how: How) -> Made {
    let bytes = how.pick(1, 40 * MIB, MIB);
    let mut kept = Vec::new();
    for _ in 0..how.pick(100_000_000, 2, 1000) {
        kept.push(black_box(vec![1u8; bytes]));
    }
    Made::new(0, "all", kept)
}

/// Never calls the host again.
fn spin() -> ! {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns + 1);
    }
}

#[allow(unconditional_recursion, reason = "this is what it is for")]
#[inline(never)]
fn recurse(depth: u64) -> u64 {
    // The sum is done after the call, or the call becomes a loop.
    black_box(recurse(black_box(depth + 1))) + 1
}
