//! Ways to end badly.

use crate::number;
use std::hint::black_box;

const MEBIBYTE: usize = 1 << 20;

/// Plays the scenario with this name, if it is one of these. What `arg` means is said at each.
pub fn play(scenario: &str, arg: &str) -> Option<Result<String, String>> {
    Some(match scenario {
        "panic" => panic(arg),
        "trap" => trap(),
        "stack-overflow" => overflow_the_stack(),
        "exit" => exit(arg),
        "spin" => spin(arg),
        "allocate" => allocate(arg),
        "allocate-or-abort" => allocate_or_abort(arg),
        "grow-one-by-one" => grow_until_refused(arg),
        "panic-of-another" => panic_of_another(),
        _ => return None,
    })
}

/// Panics with `arg` as its message.
pub fn panic(arg: &str) -> ! {
    panic!("{arg}")
}

/// Breaks a rule of wasm, with nothing logged.
pub fn trap() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort()
}

/// Shows what another program has printed, as a viewer of logs does, and breaks a rule of wasm then.
fn panic_of_another() -> ! {
    eprintln!("thread 'main' panicked at src/other.rs:1:1:");
    eprintln!("this was in a log");
    trap()
}

/// Recurses for ever.
fn overflow_the_stack() -> Result<String, String> {
    Ok(deeper(0).to_string())
}

#[allow(unconditional_recursion, reason = "this is what it is for")]
#[inline(never)]
fn deeper(depth: u64) -> u64 {
    // The frame must be used after the call, or the call becomes a loop.
    let frame = black_box([depth; 64]);
    deeper(depth + 1) + black_box(&frame).iter().sum::<u64>()
}

/// Exits with the code `arg`. WASI 0.2 makes 1 of every code but 0.
fn exit(arg: &str) -> Result<String, String> {
    std::process::exit(number(arg)?)
}

/// Says `arg`, if it is not empty, and then never gives the host a chance to be polite.
fn spin(arg: &str) -> ! {
    if !arg.is_empty() {
        eprintln!("{arg}");
    }
    let mut turns = 0u64;
    loop {
        turns = black_box(turns + 1);
    }
}

/// Allocates `arg` MiB at once and touches every page.
fn allocate(arg: &str) -> Result<String, String> {
    let bytes = number::<usize>(arg)?.saturating_mul(MEBIBYTE);
    let mut memory = Vec::new();
    memory
        .try_reserve_exact(bytes)
        .map_err(|error| error.to_string())?;
    memory.resize(bytes, 1u8);
    let touched = black_box(&memory).iter().step_by(4096).count();
    Ok(format!("touched {touched} pages"))
}

/// Allocates `arg` MiB as most programs do: without expecting a refusal.
fn allocate_or_abort(arg: &str) -> Result<String, String> {
    let bytes = number::<usize>(arg)?.saturating_mul(MEBIBYTE);
    let memory = vec![1u8; bytes];
    Ok(format!("{} bytes", black_box(memory).len()))
}

/// Allocates MiB by MiB, at most `arg` of them, until the host refuses one.
fn grow_until_refused(arg: &str) -> Result<String, String> {
    let most: usize = number(arg)?;
    let mut held: Vec<Vec<u8>> = Vec::new();
    while held.len() < most {
        let mut memory = Vec::new();
        if memory.try_reserve_exact(MEBIBYTE).is_err() {
            break;
        }
        memory.resize(MEBIBYTE, 1);
        held.push(memory);
    }
    Ok(format!("{} MiB", black_box(held).len()))
}
