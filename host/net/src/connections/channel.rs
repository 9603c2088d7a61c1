//! `weft:fabric/channel` as the interfaces of this folder use it: its ends. The runtime links it.

pub use weft_host::extension::{ReaderHandle as Reader, WriterHandle as Writer};

use weft_host::wasmtime::Result;
use weft_host::wasmtime::component::{HasData, Linker};

/// What `bindgen!` makes of every interface.
#[allow(dead_code, reason = "what is generated names it")]
pub trait Host {}

impl<T: ?Sized> Host for T {}

/// As [`Host`].
#[allow(dead_code, reason = "what is generated names it")]
pub trait HostWithStore<T>: HasData {}

impl<T, D: HasData> HostWithStore<T> for D {}

/// Links nothing: it is linked already.
#[allow(dead_code, reason = "what is generated names it")]
pub fn add_to_linker<T, D: HasData>(
    _linker: &mut Linker<T>,
    _get: fn(&mut T) -> D::Data<'_>,
) -> Result<()> {
    Ok(())
}
