//! Copies a number of frames and then breaks a rule of wasm, with both its ends
//! open: what it held must be released all the same.

use weft_guest::{Reader, Writer};

/// Returns only when the input ends before `after` frames.
#[weft_guest::main]
async fn main(mut input: Reader, output: Writer, after: u32) -> weft_guest::Result<u32> {
    for frames in 0..after {
        match input.read().await? {
            Some(frame) => output.write(frame.payload).await?,
            None => return Ok(frames),
        }
        .or_dropped();
    }
    trap()
}

/// The `unreachable` instruction, which is no panic: nothing is logged.
fn trap() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort()
}
