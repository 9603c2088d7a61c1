//! What the host takes from others, tried with everything.
//!
//! - `component`: bytes that are loaded as a component, and run if they are one;
//! - `invocation`: calls as people type them, fitted to parameters of every type;
//! - `processes`: sequences of operations on processes, against a naive model of who ends with whom and
//!   who is told;
//! - `weights`: components that are much of one thing or of two (`axes`), loaded within the memory that they weigh.
//!
//! The property tests `tests/host/random.rs` draw their input at random, the fuzz targets of the same
//! names (`just fuzz`) search for input that reaches new code. Both call `run` here, so what one of them finds the other can be given.
//!
//! This crate is not: part of what ships. It says no by panicking, as tests do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says no by panicking"
)]

pub mod axes;
pub mod component;
pub mod invocation;
pub mod processes;
pub mod weights;

pub mod words;

use std::sync::OnceLock;
use tokio::runtime::Runtime;

/// The runtime of all that this program runs.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime")
    })
}

/// The main function of a fuzz target: a libFuzzer program when built by `just fuzz`; else it runs
/// the files it is given, each once, which is how to look at what the fuzzer found.
#[macro_export]
macro_rules! target {
    ($run:path) => {
        #[cfg(feature = "fuzzing")]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $run(bytes));

        #[cfg(not(feature = "fuzzing"))]
        fn main() -> std::io::Result<()> {
            for file in std::env::args_os().skip(1) {
                $run(&std::fs::read(file)?);
            }
            Ok(())
        }
    };
}
