//! The transform that is plugged into this component.
//!
//! A component that calls it imports `weft:fabric/transformer`, and runs only once
//! `weft compose APP --plug TRANSFORM` has put the two together.

use super::Frames;
#[cfg(target_family = "wasm")]
use crate::bindings::transform_user::weft::fabric::transformer as raw;
use crate::bindings::weft::fabric::frames::PackedFrames;
use crate::error::{Error, Result};
#[cfg(not(target_family = "wasm"))]
use crate::testing::plugged as raw;

/// Passes frames to it, and returns its output.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// for frame in weft_guest::transform::plugged::apply(["one", "two"])?.iter() {
///     println!("{} bytes are left", frame.len());
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
/// What it says is wrong.
pub fn apply<F: AsRef<[u8]>>(frames: impl IntoIterator<Item = F>) -> Result<Frames> {
    let mut out = super::Output::default();
    frames.into_iter().for_each(|frame| out.push(frame));
    apply_all(out.into())
}

/// The same, for frames that are together already.
///
/// ```no_run
/// # fn f(frames: weft_guest::transform::Frames) -> weft_guest::Result {
/// let filtered = weft_guest::transform::plugged::apply_all(frames)?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// What it says is wrong.
pub fn apply_all(frames: Frames) -> Result<Frames> {
    let packed = PackedFrames {
        // Their writers are not known here.
        writers: vec![0; frames.len()],
        ends: frames.ends,
        payload: frames.payload,
    };
    frames_of(raw::apply(&packed))
}

/// Tells it that there are no more frames, and returns its remaining output.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// let rest = weft_guest::transform::plugged::finish()?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// What it says is wrong.
pub fn finish() -> Result<Frames> {
    frames_of(raw::finish())
}

fn frames_of(given: std::result::Result<raw::Batch, String>) -> Result<Frames> {
    let raw::Batch { ends, payload } = given.map_err(Error::msg)?;
    Ok(Frames { ends, payload })
}
