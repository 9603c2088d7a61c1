//! What it costs to get data in and out: each row beside a baseline of the same run, by the `weft` command and real clients.
//!
//! `bench-edges [FILTER]` measures the rows whose names contain the filter, prints a table and writes `target/bench-edges.json`. What serves
//! is a program of its own, the row's and the baseline's alike: `weft`, `wasmtime`, or this one as `bench-edges --native NAME ...`. Nothing
//! here passes or fails.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod filter;
mod flights;
mod http;
mod idle;
// The bench of the runtime uses the rest of it.
#[allow(dead_code)]
#[path = "../measure.rs"]
mod measure;
mod native;
mod native_flights;
mod server;
mod tcp;

use measure::GUESTS;
use std::path::{Path, PathBuf};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // As many workers as processors, as `weft` has.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        match arguments[..] {
            ["--native", what, address] => native::run(what, address).await,
            [] => bench("").await,
            [filter] => bench(filter).await,
            _ => eprintln!("usage: bench-edges [FILTER]"),
        }
    });
}

async fn bench(filter: &str) {
    let cases = [
        http::cases(),
        tcp::cases(),
        filter::cases(),
        flights::cases(),
        idle::cases(),
    ];
    let cases = cases.into_iter().flatten();
    measure::bench(cases, filter, &target().join("bench-edges.json")).await;
}

fn target() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../../target").canonicalize().unwrap()
}

/// A guest that `./dev bench` has built.
fn guest(name: &str) -> PathBuf {
    target().join(format!("{GUESTS}/{name}.wasm"))
}
