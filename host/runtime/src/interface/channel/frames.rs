//! `weft:fabric/frames`: what channels carry, written by hand where `bindgen!` would
//! make a `Vec` of every payload.
//!
//! Invariant: a payload is copied from the engine's buffer straight into the guest.
//! Only a batch that is gathered from several writes is put together first.

use bytes::Bytes;
use wasmtime::Result;
use wasmtime::component::{ComponentType, HasData, Lift, Linker, Lower};

/// A frame on its way to a guest.
#[derive(Debug, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Frame {
    /// Who sent it.
    pub writer: u32,
    /// Its bytes, shared with the channel.
    pub payload: Bytes,
}

/// Frames on their way to a guest.
#[derive(Debug, ComponentType, Lift, Lower)]
#[component(record)]
pub struct PackedFrames {
    /// Where each frame ends.
    pub ends: Vec<u32>,
    /// Who sent each frame.
    pub writers: Vec<u32>,
    /// The bytes of all frames.
    pub payload: Bytes,
}

impl From<weft_channel::PackedFrames> for PackedFrames {
    fn from(frames: weft_channel::PackedFrames) -> Self {
        Self {
            ends: frames.ends,
            writers: frames.writers,
            payload: frames.payload,
        }
    }
}

/// What `bindgen!` makes of every interface; this one has no functions.
#[allow(dead_code, reason = "what is generated names it")]
pub trait Host {}

impl<T: ?Sized> Host for T {}

/// As [`Host`].
#[allow(dead_code, reason = "what is generated names it")]
pub trait HostWithStore<T>: HasData {}

impl<T, D: HasData> HostWithStore<T> for D {}

/// Links nothing: types need no linking.
pub(crate) fn add_to_linker<T, D: HasData>(
    _linker: &mut Linker<T>,
    _get: fn(&mut T) -> D::Data<'_>,
) -> Result<()> {
    Ok(())
}
