//! What `#[weft_guest::main]` calls. Not for people: no promises are made here.
//!
//! [`Lift`] and [`Lower`] take a value from what the canonical ABI of the component model passes to the type the guest's function has, and back. The macro
//! goes by names. A type that has one of these names and is another does not implement the trait, or has another layout, and does not compile.
//!
//! - `layout`: the room of types; `memory`: values there; `flat`: values as core values;
//! - `values`: the types that are not the guest's own;
//! - `export`: the task of an export.

#[cfg(target_family = "wasm")]
mod export;
mod flat;
mod layout;
mod memory;
mod values;

#[cfg(target_family = "wasm")]
pub use export::{begin, callback, free_result, keep_result, run_task};
pub use flat::{Args, Flat, Lowered};
pub use layout::{Layout, Shape};
pub use memory::{At, Fields, Kept};

use crate::error::WriteError;
use crate::task::{Root, buffers};
use crate::{log, process, task};
use futures::future::{poll_immediate, select};
use std::fmt::Display;
use std::future::poll_fn;
use std::io::Write as _;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

pub use crate::select::{again, once};

/// Runs before the guest's function.
pub fn start() {
    log::install();
}

/// Runs the future of an `async fn main`. Returns its result, and the first unseen error of frames that were
/// sent in the background.
///
/// Tasks that were spawned go on until they end, or the process is asked to stop.
pub async fn drive<T: 'static>(main: impl Future<Output = T> + 'static) -> (T, Option<WriteError>) {
    drive_to(main, |_| true).await
}

/// The same for a future that can fail: after an error the tasks end too.
pub async fn drive_result<T: 'static, E: 'static>(
    main: impl Future<Output = Result<T, E>> + 'static,
) -> (Result<T, E>, Option<WriteError>) {
    drive_to(main, Result::is_ok).await
}

pub(crate) async fn drive_to<T: 'static>(
    main: impl Future<Output = T> + 'static,
    tasks_go_on: fn(&T) -> bool,
) -> (T, Option<WriteError>) {
    let main = async move {
        let mut main = pin!(main);
        let returned = poll_fn(|cx| poll_apart(main.as_mut(), cx)).await;
        buffers::settle().await;
        if tasks_go_on(&returned) {
            let mut last = poll_fn(task::poll_last);
            // Without tasks the host is not asked.
            if poll_immediate(&mut last).await.is_none() {
                select(last, pin!(process::stop_request())).await;
                buffers::settle().await;
            }
        }
        (returned, buffers::take_lost())
    };
    Root::new(main).await
}

/// Polls the guest's own future by a call that is not inlined, so that backtraces name the guest's function and not this crate's.
#[inline(never)]
fn poll_apart<T>(main: Pin<&mut dyn Future<Output = T>>, cx: &mut Context<'_>) -> Poll<T> {
    main.poll(cx)
}

/// The same for the result of a plain `fn main`.
pub fn settle<T>(returned: T) -> (T, Option<WriteError>) {
    buffers::flush_and_wait();
    (returned, buffers::take_lost())
}

/// Runs after the guest's function.
pub fn finish() {
    // A library has no exit at which std would write out what `print!` without
    // a line end has left. Nobody could be told of a failure.
    let _ = std::io::stdout().flush();
}

/// A type that a parameter of an entry point can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of an entry point",
    note = "a type of the guest's own derives `weft_guest::WitType`",
    note = "`Reader`, `Writer`, `Channel`, `TypedReader`, `TypedWriter` and `Process` are those of `weft_guest`"
)]
pub trait Lift: Layout + Sized {
    /// Takes it from core values.
    fn lift(flat: &mut Flat) -> Self;
    /// Takes it from memory.
    fn load(at: At) -> Self;
}

/// A type that the result of an entry point can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of an entry point",
    note = "a type of the guest's own derives `weft_guest::WitType`",
    note = "`Reader`, `Writer`, `Channel`, `TypedReader`, `TypedWriter` and `Process` are those of `weft_guest`"
)]
pub trait Lower: Layout + Sized {
    /// Adds its core values.
    fn lower(self, flat: &mut Lowered);
    /// Puts it into memory.
    fn store(self, at: At, kept: &mut Kept);
}

/// The host passes no other numbers.
#[allow(clippy::panic, reason = "the component model would end the guest")]
pub fn no_such_case<T>() -> T {
    panic!("a value of no case")
}

/// Lowers a result.
pub fn lower<T: Lower>((value, lost): (T, Option<WriteError>), most: usize) -> Lowered {
    report(lost);
    Lowered::new(value, most)
}

/// Lowers a result that can be an error, which becomes text: the guest's own, formatted with `{:#}`, or that of
/// frames that were not sent.
pub fn lower_result<T: Lower, E: Display>(
    (result, lost): (Result<T, E>, Option<WriteError>),
    most: usize,
) -> Lowered {
    let result = match (result, lost) {
        (Ok(_), Some(lost)) => Err(format!("{UNSENT}: {lost}")),
        (Ok(value), None) => Ok(value),
        (Err(error), lost) => {
            report(lost);
            Err(format!("{error:#}"))
        }
    };
    Lowered::new(result, most)
}

/// What is said of frames that a buffered writer could not send.
pub(crate) const UNSENT: &str = "frames collected by a buffered writer were not sent";

/// Logs an error that cannot be reported otherwise.
fn report(lost: Option<WriteError>) {
    if let Some(lost) = lost {
        log::write(
            log::Level::Warn,
            module_path!(),
            UNSENT,
            &[("error", &lost)],
        );
    }
}
