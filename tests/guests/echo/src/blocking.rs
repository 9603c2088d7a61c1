//! As `echo`, from an entry point typed sync: every wait is on the guest's own
//! stack.

use weft_guest::blocking::{Reader, Writer};

/// Returns the number of frames copied.
#[weft_guest::main]
fn main(mut input: Reader, output: Writer) -> weft_guest::Result<u64> {
    let mut frames = 0;
    while let Some(frame) = input.read()? {
        output.write(&frame.payload)?.or_dropped();
        frames += 1;
    }
    Ok(frames)
}
