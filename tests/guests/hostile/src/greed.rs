//! Wants all there is: time, memory, handles, processes, log.

use crate::text;
use std::hint::black_box;
use std::mem::forget;
use weft_guest::bindings::weft::fabric::log;
use weft_guest::log::info;
use weft_guest::{Capability, Channel, Monitor, Ownership, Process, StartOptions, blocking};

/// Never calls the host again.
pub fn spin() -> ! {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns + 1);
    }
}

/// Allocates and touches mebibyte after mebibyte, expecting no refusal.
pub fn memory_bomb() -> ! {
    loop {
        forget(black_box(vec![1u8; 1 << 20]));
    }
}

/// Makes handles of every kind and drops none, until none can be made. Returns how that was said.
pub fn handle_bomb() -> String {
    let make = || -> Result<(), weft_guest::CallError> {
        let channel = Channel::bounded(1)?;
        for _ in 0..16 {
            forget(channel.strong_reader()?);
            forget(channel.weak_writer()?);
            forget(Monitor::new()?);
        }
        forget(channel);
        Ok(())
    };
    loop {
        if let Err(error) = make() {
            return format!("{error:?}");
        }
    }
}

/// Starts copies of itself that do the same, for ever, whatever it is told.
pub fn fork_bomb() -> ! {
    loop {
        let copy = StartOptions::new("hostile")
            .arg("fork-bomb")
            .arg("")
            .ownership(Ownership::Detached)
            .capability(Capability::ProcessLifecycle);
        forget(Process::start(copy));
    }
}

/// Writes log entries of a few kilobytes for ever.
pub fn log_flood() -> ! {
    let entry = "x".repeat(4 << 10);
    loop {
        info!("{entry}");
    }
}

/// Makes calls for ever that each hold a thread of the host for as long as a call can: their entry has `arg` fields.
pub fn hold_a_thread(arg: &str) -> Result<String, String> {
    let entry = log::Entry {
        level: log::Level::Info,
        target: String::new(),
        message: String::new(),
        fields: vec![
            log::Field {
                key: String::new(),
                value: String::new(),
            };
            crate::number(arg)? as usize
        ],
        context: None,
    };
    loop {
        log::write(&entry);
    }
}

/// Recurses until the stack ends.
#[allow(unconditional_recursion, reason = "this is what it is for")]
#[inline(never)]
pub fn recurse(depth: u64) -> u64 {
    // The sum is done after the call, or the call becomes a loop.
    black_box(recurse(black_box(depth + 1))) + 1
}

/// Gets one of everything a hundred times, lets go of nothing, and returns.
pub fn never_drops() -> Result<String, String> {
    for round in 0..100 {
        let channel = Channel::bounded(64).map_err(text)?;
        let writer = channel.strong_writer().map_err(text)?;
        let reader = channel.strong_reader().map_err(text)?;
        writer.try_write(b"never read").map_err(text)?.or_dropped();
        channel.share().map_err(text)?;
        let name = format!("hostile/{round}");
        forget(weft_guest::registry::publish(&name, &channel).map_err(text)?);
        forget((channel, writer, reader));
    }
    let monitor = Monitor::new().map_err(text)?;
    for _ in 0..10 {
        let child = StartOptions::new("hostile")
            .arg("trap")
            .arg("")
            .ownership(Ownership::Detached);
        let child = Process::start(child).map_err(text)?;
        monitor.watch(&child, 1).map_err(text)?;
        blocking::wait(&child);
        forget(child);
    }
    forget(monitor);
    Ok("kept everything".to_owned())
}
