//! Uses handles that it does not hold, or not any more. Unsafe, as no safe Rust can.
#![allow(unsafe_code)]

use crate::text;
use weft_guest::bindings::weft::fabric::channel as raw;
use weft_guest::bindings::weft::fabric::log;
use weft_guest::bindings::weft::fabric::process::{self, Limits, Ownership, StartOptions, Value};

/// A channel that was never closed, and a reader of it.
fn reader() -> Result<(raw::Channel, raw::Reader), String> {
    let options = raw::Options {
        capacity: 64,
        backpressure: raw::Backpressure::Block,
    };
    let channel = raw::Channel::create(options).map_err(text)?;
    let reader = channel.strong_reader().map_err(text)?;
    Ok((channel, reader))
}

/// The same handle once more.
fn copy(reader: &raw::Reader) -> raw::Reader {
    // SAFETY: there is none, which is the point; the host must not care.
    unsafe { raw::Reader::from_handle(reader.handle()) }
}

fn start(args: Vec<Value>) -> Result<process::Process, String> {
    let options = StartOptions {
        component: "parked".to_owned(),
        name: "taker".to_owned(),
        entry_point: "run".to_owned(),
        args,
        capabilities: vec![],
        limits: Limits {
            memory: None,
            table_elements: None,
            instances: None,
            handles: None,
            channels: None,
            channel_bytes: None,
            frame_bytes: None,
            handles_per_frame: None,
            hostcall_bytes: None,
            log_rate: None,
            children: None,
            spawn_depth: None,
            cpu_time_ms: None,
            fuel: None,
            wall_time_ms: None,
        },
        ownership: Ownership::Child,
    };
    process::Process::start(options).map_err(text)
}

/// Reads with the handle of number `arg`, which it was never given.
pub fn guess_handle(arg: &str) -> Result<String, String> {
    // SAFETY: as above.
    let guessed = unsafe { raw::Reader::from_handle(crate::number(arg)?) };
    Ok(format!("read {:?}", guessed.try_read().map(|_| ())))
}

/// Starts a child with one reader as two arguments.
pub fn pass_twice() -> Result<String, String> {
    let (_channel, reader) = reader()?;
    let twice = copy(&reader);
    start(vec![Value::Reader(reader), Value::Reader(twice)])?;
    Ok("passed".to_owned())
}

/// Sends one reader twice with a frame.
pub fn send_twice() -> Result<String, String> {
    let (channel, reader) = reader()?;
    let twice = copy(&reader);
    let writer = channel.strong_writer().map_err(text)?;
    let handles = vec![raw::Handle::Reader(reader), raw::Handle::Reader(twice)];
    Ok(format!("sent {:?}", writer.write_with(b"x", handles)))
}

/// Reads with a reader that a child has.
pub fn use_after_start() -> Result<String, String> {
    let (_channel, reader) = reader()?;
    let kept = copy(&reader);
    let _child = start(vec![Value::Reader(reader)])?;
    Ok(format!("read {:?}", kept.try_read().map(|_| ())))
}

/// Reads with a reader that went with a frame.
pub fn use_after_send() -> Result<String, String> {
    let (channel, reader) = reader()?;
    let kept = copy(&reader);
    let writer = channel.strong_writer().map_err(text)?;
    let sent = writer.write_with(b"x", vec![raw::Handle::Reader(reader)]);
    Ok(format!("{sent:?}, {:?}", kept.try_read().map(|_| ())))
}

/// Drops a reader twice.
pub fn drop_twice() -> Result<String, String> {
    let (_channel, reader) = reader()?;
    drop(copy(&reader));
    drop(reader);
    Ok("dropped".to_owned())
}

/// Makes its log of what is a reader.
pub fn register_reader() -> Result<String, String> {
    let (_channel, reader) = reader()?;
    // SAFETY: as above.
    let wrong = unsafe { raw::Channel::from_handle(reader.handle()) };
    Ok(format!("registered {:?}", log::register(&wrong)))
}

/// Makes its log of the handle of number `arg`, which it was never given.
pub fn register_guess(arg: &str) -> Result<String, String> {
    log::write(&log::Entry {
        level: log::Level::Info,
        target: String::new(),
        message: "before".to_owned(),
        fields: vec![],
        context: None,
    });
    // SAFETY: as above.
    let guessed = unsafe { raw::Channel::from_handle(crate::number(arg)?) };
    Ok(format!("registered {:?}", log::register(&guessed)))
}
