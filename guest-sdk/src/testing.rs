//! Tests of guests without a host: `cargo test`, no WebAssembly.
//!
//! [`run`] runs an async block with everything a guest has: channels, timers, its log, names. [`start`] starts the body of an
//! `async fn main` beside it, [`start_blocking`] that of a plain one, and [`Stage`] runs a transform, as
//! [`transform!`](crate::transform!) makes one of a type. The code under test is called as it is; `#[weft_guest::main]` leaves the
//! function where it was.
//!
//! ```
//! # mod guest {
//! use weft_guest::{Reader, Writer, testing};
//!
//! #[weft_guest::main]
//! async fn main(mut input: Reader, output: Writer) -> weft_guest::Result<u64> {
//!     let mut lines = 0;
//!     while let Some(frame) = input.read().await? {
//!         output.write(frame.payload.to_ascii_uppercase()).await?.or_dropped();
//!         lines += 1;
//!     }
//!     Ok(lines)
//! }
//!
//! // #[test]
//! pub fn lines_come_out_in_capitals() -> weft_guest::Result {
//!     testing::run(async {
//!         let (lines, input) = testing::channel(1024);
//!         let (output, capitals) = testing::channel(1024);
//!         let stage = testing::start(main(input, output));
//!         lines.write("over").await?.or_dropped();
//!         lines.write("and under").await?.or_dropped();
//!         drop(lines); // the end of the input
//!         assert_eq!(testing::texts(capitals).await?, ["OVER", "AND UNDER"]);
//!         assert_eq!(stage.returned().await?, 2);
//!         Ok(())
//!     })
//! }
//! # }
//! # guest::lines_come_out_in_capitals().unwrap();
//! ```
//!
//! # What is as on a host
//! The SDK is the one that guests have. Only the functions below it, those of the contract, are others: they work in this program's
//! memory. Channels keep to the whole contract: bounds in bytes, `block` and `drop`, strong and weak ends, `lagged`, the end of a
//! channel, drained and terminated ones, handles that travel with frames, access that was narrowed. So requests and replies, typed and
//! buffered ends, tasks and supervision of a stop work as they do there. [`kept`] makes a reader for guests that are started again: what
//! one of them has not finished comes again to the next.
//!
//! # What is not
//! - Time. The clock of a test stands still while anything can go on, and jumps to the next timer when nothing can. So a test with
//!   timers takes no time and always ends the same. `std::time::Instant` is not that clock.
//! - Rights and limits: a guest of a test has all capabilities, and no limit is reached.
//! - Processes that a guest starts itself, links, and a log channel: these calls fail with [`CallError::Unsupported`](crate::CallError).
//!   [`Guest::process`] gives a process to wait for, to stop and to watch.
//! - WASI: files, environment, standard streams and clocks are those of the test.
//! - WebAssembly: a panic is the panic of the test, memory is not bounded, and integers of pointer size have 64 bits.
//! - Guests that wait on their own stack at the same time: they share the stack of the test, so one that began to wait later has to
//!   go on first.
//! - Speed, fairness and the order in which processes run: the order is the same in every run, which no host promises.
//!
//! # For the target of guests there is none of this
//! The module is there wherever `target_family` is not `wasm`. So no feature has to be switched on for a test, a guest pays nothing,
//! and code that uses it by mistake does not compile for the guest.

mod engine;
mod entry;
mod guest;
pub(crate) mod host;
mod kept;
mod outcome;
pub(crate) mod plugged;
mod process;
mod series;
mod stage;
mod world;

pub use entry::Entry;
pub use guest::{At, Guest, start, start_blocking};
pub use kept::{Kept, kept};
pub use outcome::Outcome;
pub use plugged::plug;
pub use stage::Stage;

pub(crate) use host::clock;

use crate::channel::{Channel, Reader, Writer};
use crate::error::ReadError;
use crate::log::subscriber;
use crate::rt;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// Runs a test: this async block, and the guests that it starts, until the block is done.
///
/// What the block returns is returned, so that a test can use `?`. Guests that still run then are ended.
///
/// ```
/// use weft_guest::{Channel, testing};
/// let frame = testing::run(async {
///     let channel = Channel::bounded(1024)?;
///     let (writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
///     writer.write("a frame").await?.or_dropped();
///     Ok::<_, weft_guest::Error>(reader.read().await?)
/// });
/// assert_eq!(frame.unwrap().unwrap().payload, b"a frame");
/// ```
///
/// # Panics
///
/// When neither the block nor any guest can go on and no timer runs. The message says who waits for what.
pub fn run<T: 'static>(test: impl Future<Output = T> + 'static) -> T {
    subscriber::scoped(|| {
        let (made, process) = process::made();
        let world = Rc::clone(made.world());
        let result = Rc::new(RefCell::new(None));
        let returned = Rc::clone(&result);
        let test = async move {
            rt::start();
            let (value, _) = rt::drive_to(test, |_| false).await;
            returned.replace(Some(value));
        };
        world.spawn_as(process, Box::pin(test));
        world.drive(|| result.take())
    })
}

/// Makes a channel of this many bytes whose writers wait for room, and both of its ends, strong ones.
///
/// The ends are the only handles: when the writer is dropped the channel ends.
///
/// ```
/// use weft_guest::testing;
/// testing::run(async {
///     let (writer, reader) = testing::channel(64);
///     writer.write("one").await.unwrap().or_dropped();
///     drop(writer);
///     assert_eq!(testing::texts(reader).await.unwrap(), ["one"]);
/// });
/// ```
///
/// # Panics
///
/// For a capacity of 0, and outside of [`run`].
#[allow(clippy::panic, reason = "a test says no by panicking")]
pub fn channel(bytes: u64) -> (Writer, Reader) {
    let ends = || {
        let channel = Channel::bounded(bytes)?;
        Ok((channel.strong_writer()?, channel.strong_reader()?))
    };
    match ends() {
        Ok(ends) => ends,
        Err::<_, crate::CallError>(error) => panic!("{error}"),
    }
}

/// Reads all frames until the channel ends.
///
/// ```
/// use weft_guest::testing;
/// testing::run(async {
///     let (writer, reader) = testing::channel(64);
///     writer.write([1, 2]).await.unwrap().or_dropped();
///     drop(writer);
///     assert_eq!(testing::frames(reader).await.unwrap(), [[1, 2]]);
/// });
/// ```
///
/// # Errors
///
/// As [`Reader::read`].
pub async fn frames(mut reader: Reader) -> Result<Vec<Vec<u8>>, ReadError> {
    let mut frames = Vec::new();
    while let Some(frame) = reader.read().await? {
        frames.push(frame.payload);
    }
    Ok(frames)
}

/// The same as text; what is no UTF-8 becomes `U+FFFD`.
///
/// ```
/// use weft_guest::testing;
/// testing::run(async {
///     let (writer, reader) = testing::channel(64);
///     writer.write("one").await.unwrap().or_dropped();
///     drop(writer);
///     assert_eq!(testing::texts(reader).await.unwrap(), ["one"]);
/// });
/// ```
///
/// # Errors
///
/// As [`Reader::read`].
pub async fn texts(reader: Reader) -> Result<Vec<String>, ReadError> {
    let frames = frames(reader).await?;
    let texts = frames.iter();
    Ok(texts
        .map(|frame| String::from_utf8_lossy(frame).into_owned())
        .collect())
}

/// How much time has passed in this test.
///
/// ```
/// use std::time::Duration;
/// use weft_guest::{testing, time};
/// testing::run(async {
///     time::sleep(Duration::from_secs(3600)).await; // at once
///     assert_eq!(testing::elapsed(), Duration::from_secs(3600));
/// });
/// ```
///
/// # Panics
///
/// Outside of [`run`].
pub fn elapsed() -> Duration {
    Duration::from_nanos(world::world().now())
}

/// Whether a test runs on this thread.
pub(crate) fn is_running() -> bool {
    world::try_world().is_some()
}

/// Has a future polled as long as the process that runs.
pub(crate) fn spawn_local(future: impl Future<Output = ()> + 'static) {
    world::world().spawn(future);
}
