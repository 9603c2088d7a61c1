//! The longest calls of the host there are, again and again: lists of as many elements as one call may hand over by default, 128 MiB
//! in the host's form; and those that leave the most to do in channels. The bench has a neighbour beside them.

use crate::channels::dropping;
use crate::frames::hung;
use crate::make::MIB;
use crate::starts::options;
use crate::waits::woken;
use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::io::poll::{Pollable, poll};
use weft_guest::bindings::weft::fabric::log::{self, Entry, Field, Level};
use weft_guest::bindings::weft::fabric::process::{Process, StartOptions, Value};
use weft_guest::blocking;

/// Arguments of one start.
const ARGUMENTS: usize = 1_200_000;

/// Fields of one entry.
const FIELDS: usize = 2_000_000;

/// Empty frames of one batch.
const FRAMES: usize = 8_000_000;

/// Places of one list of pollables: as many as a process may hold handles by default, less some.
const PLACES: usize = 9_000;

/// Makes the call of this name without end; none for `quiet`.
pub async fn call(name: &str) -> Result<(), String> {
    match name {
        "look" => hung(u64::MAX)
            .map(drop)
            .map_err(|error| format!("{error:?}")),
        "wake" => woken(u64::MAX).await.map(drop),
        "free" => frees(),
        "start" => starts(),
        "write" => writes(),
        "poll" => polls(),
        "pack" => packs(),
        "quiet" => loop {
            blocking::sleep(std::time::Duration::from_secs(3600));
        },
        other => Err(format!("no call is named {other}")),
    }
}

fn starts() -> ! {
    loop {
        let _ = Process::start(StartOptions {
            args: (0..ARGUMENTS).map(|_| Value::Bool(true)).collect(),
            ..options("return")
        });
    }
}

fn writes() -> ! {
    let empty = |_| Field {
        key: String::new(),
        value: String::new(),
    };
    let entry = Entry {
        level: Level::Info,
        target: String::new(),
        message: String::new(),
        fields: (0..FIELDS).map(empty).collect(),
        context: None,
    };
    loop {
        log::write(&entry);
    }
}

fn polls() -> ! {
    let ready = subscribe_duration(0);
    ready.block();
    let later: Vec<Pollable> = (0..PLACES / 9)
        .map(|_| subscribe_duration(u64::MAX))
        .collect();
    let all = later.iter().cycle().take(PLACES);
    let list: Vec<&Pollable> = all.chain([&ready]).collect();
    loop {
        poll(&list);
    }
}

fn packs() -> Result<(), String> {
    let root = dropping(128 * MIB).map_err(|error| format!("{error:?}"))?;
    let writer = root.weak_writer().map_err(|error| format!("{error:?}"))?;
    let ends = vec![0; FRAMES];
    loop {
        let _ = writer.try_write_packed(&ends, &[]);
    }
}

/// Fills channels with small frames, and lets them all go at once.
fn frees() -> Result<(), String> {
    let text = |error: weft_guest::bindings::weft::fabric::types::Error| format!("{error:?}");
    loop {
        let root = dropping(8 * MIB).map_err(text)?;
        let (writer, _reader) = (
            root.weak_writer().map_err(text)?,
            root.strong_reader().map_err(text)?,
        );
        while let Ok(true) = writer.try_write(b"x") {}
        root.terminate().map_err(text)?;
    }
}
