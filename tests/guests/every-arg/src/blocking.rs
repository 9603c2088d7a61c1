//! As `every-arg`, from a plain `fn main`.

use weft_guest::blocking::{self, Reader, Writer};
use weft_guest::{Channel, Process};

/// Returns all scalars in Rust's debug form and the length of what it read; copies one frame from
/// `input` to `output`, and ends with the process.
#[weft_guest::main]
#[allow(clippy::too_many_arguments, reason = "one of each is the point")]
fn main(
    bool: bool,
    s8: i8,
    u8: u8,
    s16: i16,
    u16: u16,
    s32: i32,
    u32: u32,
    s64: i64,
    u64: u64,
    f32: f32,
    f64: f64,
    char: char,
    text: String,
    bytes: Vec<u8>,
    channel: Channel,
    mut input: Reader,
    output: Writer,
    process: Process,
    wave: Option<Vec<u8>>,
) -> weft_guest::Result<(String, Option<u32>)> {
    let frame = input.read()?.unwrap_or_default();
    let length = u32::try_from(frame.payload.len())?;
    output.write(&frame.payload)?.or_dropped();
    let own: Writer = channel.strong_writer()?.into();
    own.write(b"from the channel")?.or_dropped();
    let end = blocking::wait(&process);
    let scalars = format!(
        "{bool} {s8} {u8} {s16} {u16} {s32} {u32} {s64} {u64} {f32} {f64} {char} {text} {bytes:?} {wave:?}"
    );
    Ok((format!("{scalars}; {} {end}", process.name()), Some(length)))
}
