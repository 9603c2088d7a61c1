//! Tests of everything that the host accepts from others.
//!
//! - `component`: bytes, loaded as a component and run if they are one;
//! - `invocation`: calls as people type them, fitted to parameters of every type;
//! - `processes`: sequences of operations on processes, compared with a naive model of who ends with whom and who
//!   is told;
//! - `weights`: components with many items of one kind or of two (`axes`), loaded within the memory that they were
//!   estimated to take.
//!
//! The property tests `tests/host/random.rs` draw their input at random. The fuzz targets with the same names (`just fuzz`) search for
//! input that reaches new code. Both call `run` here, so input that one finds can be given to the other.
//!
//! This crate is not shipped. It reports failures by panicking, like tests.
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

/// The runtime for everything in this program.
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

/// The main function of a fuzz target. Built by `just fuzz` it is a libFuzzer program. Otherwise it runs each
/// given file once, to examine what the fuzzer found.
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
