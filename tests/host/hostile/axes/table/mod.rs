//! The table: every axis along which a guest can grow, and the expected ends. The axes are declared only here; the
//! guest `axes` carries them out.

mod channels;
mod files;
mod logs;
mod metrics;
mod networks;
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
        metrics::rows(),
        wasi::rows(),
        files::rows(),
        networks::rows(),
        wasm::rows(),
    ];
    parts.into_iter().flatten().collect()
}
