//! The waits for guests with a plain `fn main`, which wait on the guest's own
//! stack: the whole guest waits with them.
//!
//! All that an entry point typed sync may use. Not for `async fn main`: there
//! every other future would stand still meanwhile.
//!
//! Invariant: buffered writers are flushed before the guest waits.
//!
//! ```no_run
//! # mod guest {
//! use weft_guest::blocking::{Reader, Writer};
//!
//! #[weft_guest::main]
//! fn main(mut input: Reader, output: Writer) -> weft_guest::Result {
//!     while let Some(frame) = input.read()? {
//!         output.write(&frame.payload)?.or_dropped();
//!     }
//!     Ok(())
//! }
//! # }
//! # fn main() {}
//! ```

mod buffered;
mod client;
mod reader;
mod writer;

pub use buffered::{BufferedReader, BufferedWriter};
pub use client::Client;
pub use reader::Reader;
pub use writer::Writer;

use crate::bindings::weft::fabric::process as raw_process;
use crate::error::CallError;
use crate::process::{Exit, ExitStatus, Monitor, Process, millis};
use crate::task::buffers;
use std::time::Duration;

/// Waits for a process to end. Every call returns the same status.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::{Process, StartOptions, blocking};
/// let child = Process::start(StartOptions::new("hello").arg("Ada"))?;
/// println!("{}", blocking::wait(&child));
/// # Ok(()) }
/// ```
pub fn wait(process: &Process) -> ExitStatus {
    buffers::flush_and_wait();
    process.raw().wait().into()
}

/// Asks a process to stop, waits for its end, and has it killed when `grace` has passed. Returns how it ended,
/// also if it had ended before.
///
/// ```no_run
/// # fn f(child: weft_guest::Process) -> weft_guest::Result {
/// use std::time::Duration;
/// let status = weft_guest::blocking::stop(&child, Duration::from_secs(5))?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// Without the capability `process-lifecycle`.
pub fn stop(process: &Process, grace: Duration) -> Result<ExitStatus, CallError> {
    let raw: &raw_process::Process = process.raw();
    buffers::flush_and_wait();
    Ok(raw.stop(millis(grace))?.into())
}

/// Waits for the next end that a monitor reports. `None` when nothing is watched and no exits are trapped.
///
/// ```no_run
/// # fn f(monitor: weft_guest::Monitor) -> weft_guest::Result {
/// while let Some(exit) = weft_guest::blocking::next_exit(&monitor) {
///     println!("{}: {}", exit.name, exit.status);
/// }
/// # Ok(()) }
/// ```
pub fn next_exit(monitor: &Monitor) -> Option<Exit> {
    buffers::flush_and_wait();
    let next = || monitor.raw().next().map(Exit::from);
    monitor.try_next().or_else(next)
}

/// Returns when this process is asked to stop; at once if it was before. Between other work, ask
/// [`stop_requested`](crate::process::stop_requested).
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// weft_guest::blocking::stop_request();
/// println!("asked to stop");
/// # Ok(()) }
/// ```
pub fn stop_request() {
    buffers::flush_and_wait();
    raw_process::wait_stop();
}

/// Waits this long.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use std::time::Duration;
/// weft_guest::blocking::sleep(Duration::from_millis(10));
/// # Ok(()) }
/// ```
pub fn sleep(duration: Duration) {
    buffers::flush_and_wait();
    #[cfg(not(target_family = "wasm"))]
    if crate::testing::is_running() {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        return crate::testing::clock::block_for(nanos);
    }
    std::thread::sleep(duration);
}
