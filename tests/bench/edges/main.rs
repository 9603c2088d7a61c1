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
mod http;
mod idle;
// The bench of the runtime uses the rest of it.
#[allow(dead_code)]
#[path = "../measure.rs"]
mod measure;
mod native;
mod server;
mod tcp;

use measure::print_head;
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
    let mut rows = Vec::new();
    print_head();
    let cases = [http::cases(), tcp::cases(), filter::cases(), idle::cases()];
    for case in cases.into_iter().flatten() {
        if case.name.contains(filter) {
            let row = case.measure().await;
            row.print();
            rows.push(row);
        }
    }
    let json = serde_json::to_string_pretty(&rows).unwrap();
    std::fs::write(target().join("bench-edges.json"), json).unwrap();
}

fn target() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("../../target").canonicalize().unwrap()
}

/// A guest that `./dev guests` has built.
fn guest(name: &str) -> PathBuf {
    let file = format!("wasm32-wasip2/guest/{name}.wasm");
    target().join(file)
}
