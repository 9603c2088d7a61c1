//! The table: every axis along which a guest can grow, and what must come of it. This is the one declaration of them; the guest
//! `axes` makes what they name.

mod channels;
mod files;
mod logs;
mod processes;
mod waits;
mod wasi;
mod wasm;

use crate::row::Row;

/// All rows.
pub fn rows() -> Vec<Row> {
    let parts = [
        channels::rows(),
        waits::rows(),
        processes::rows(),
        logs::rows(),
        wasi::rows(),
        files::rows(),
        wasm::rows(),
    ];
    parts.into_iter().flatten().collect()
}
