//! What `#[weft_guest::main]` calls. Not for people: no promises are made here.
//!
//! [`Lift`] and [`Lower`] take a value from the type the raw bindings give it
//! to the type the guest's function has, and back. The macro goes by names. A type that has one of these names
//! and is another does not implement the trait, and does not compile.

use crate::bindings::weft::fabric::{channel as raw, process as raw_process};
use crate::channel::{Channel, Reader, Writer};
use crate::error::WriteError;
use crate::process::Process;
use crate::task::{Root, buffers};
use crate::typed::{TypedReader, TypedWriter};
use crate::{blocking, log, process, task};
use futures::future::{poll_immediate, select};
use std::fmt::Display;
use std::future::poll_fn;
use std::io::Write as _;
use std::pin::pin;

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

async fn drive_to<T: 'static>(
    main: impl Future<Output = T> + 'static,
    tasks_go_on: fn(&T) -> bool,
) -> (T, Option<WriteError>) {
    let main = async move {
        let returned = main.await;
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
    note = "`Reader`, `Writer`, `Channel`, `TypedReader`, `TypedWriter` and `Process` are those of `weft_guest`"
)]
pub trait Lift: Sized {
    /// As the raw bindings have it.
    type Raw;
    /// Takes the raw value.
    fn lift(raw: Self::Raw) -> Self;
}

/// A type that the result of an entry point can have.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of an entry point",
    note = "`Reader`, `Writer`, `Channel`, `TypedReader`, `TypedWriter` and `Process` are those of `weft_guest`"
)]
pub trait Lower {
    /// As the raw bindings have it.
    type Raw;
    /// Gives the raw value.
    fn lower(self) -> Self::Raw;
}

/// Lifts a parameter; its type is known from the function it is passed to.
pub fn lift<T: Lift>(raw: T::Raw) -> T {
    T::lift(raw)
}

/// Lowers a result.
pub fn lower<T: Lower>((value, lost): (T, Option<WriteError>)) -> T::Raw {
    report(lost);
    value.lower()
}

/// Lowers a result that can be an error, which becomes text.
///
/// # Errors
///
/// The guest's own, formatted with `{:#}`, or that of frames that were not sent.
pub fn lower_result<T: Lower, E: Display>(
    (result, lost): (Result<T, E>, Option<WriteError>),
) -> Result<T::Raw, String> {
    match (result, lost) {
        (Ok(_), Some(lost)) => Err(format!("{UNSENT}: {lost}")),
        (Ok(value), None) => Ok(value.lower()),
        (Err(error), lost) => {
            report(lost);
            Err(format!("{error:#}"))
        }
    }
}

/// What is said of frames that a buffered writer could not send.
const UNSENT: &str = "frames collected by a buffered writer were not sent";

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

/// Types that are the same on both sides.
macro_rules! identity {
    ($($ty:ty),*) => {$(
        impl Lift for $ty {
            type Raw = $ty;
            fn lift(raw: $ty) -> $ty {
                raw
            }
        }
        impl Lower for $ty {
            type Raw = $ty;
            fn lower(self) -> $ty {
                self
            }
        }
    )*};
}

identity!(
    (),
    bool,
    u8,
    u16,
    u32,
    u64,
    i8,
    i16,
    i32,
    i64,
    f32,
    f64,
    char,
    String
);

/// Ends of channels: `from_raw` one way, `into_raw` the other.
macro_rules! resource {
    ($([$($generics:tt)*] $ty:ty => $raw:ty, $from:expr, $into:expr;)*) => {$(
        impl<$($generics)*> Lift for $ty {
            type Raw = $raw;
            fn lift(raw: $raw) -> Self {
                $from(raw)
            }
        }
        impl<$($generics)*> Lower for $ty {
            type Raw = $raw;
            fn lower(self) -> $raw {
                $into(self)
            }
        }
    )*};
}

resource! {
    [] Channel => raw::Channel, Channel::from_raw, Channel::into_raw;
    [] Reader => raw::Reader, Reader::from_raw, Reader::into_raw;
    [] Writer => raw::Writer, Writer::from_raw, Writer::into_raw;
    [] Process => raw_process::Process, Process::from_raw, Process::into_raw;
    [] blocking::Reader => raw::Reader, |raw| Reader::from_raw(raw).into(), |end| Reader::from(end).into_raw();
    [] blocking::Writer => raw::Writer, |raw| Writer::from_raw(raw).into(), |end| Writer::from(end).into_raw();
    [T, C] TypedReader<T, C> => raw::Reader, |raw| Reader::from_raw(raw).into(), |end: Self| end.into_reader().into_raw();
    [T: ?Sized, C] TypedWriter<T, C> => raw::Writer, |raw| Writer::from_raw(raw).into(), |end: Self| end.into_writer().into_raw();
}

impl<T: Lift> Lift for Vec<T> {
    type Raw = Vec<T::Raw>;
    fn lift(raw: Self::Raw) -> Self {
        // In place, where both types are the same.
        raw.into_iter().map(T::lift).collect()
    }
}

impl<T: Lower> Lower for Vec<T> {
    type Raw = Vec<T::Raw>;
    fn lower(self) -> Self::Raw {
        self.into_iter().map(T::lower).collect()
    }
}

impl<T: Lift> Lift for Option<T> {
    type Raw = Option<T::Raw>;
    fn lift(raw: Self::Raw) -> Self {
        raw.map(T::lift)
    }
}

impl<T: Lower> Lower for Option<T> {
    type Raw = Option<T::Raw>;
    fn lower(self) -> Self::Raw {
        self.map(T::lower)
    }
}

impl<T: Lift, E: Lift> Lift for Result<T, E> {
    type Raw = Result<T::Raw, E::Raw>;
    fn lift(raw: Self::Raw) -> Self {
        raw.map(T::lift).map_err(E::lift)
    }
}

impl<T: Lower, E: Lower> Lower for Result<T, E> {
    type Raw = Result<T::Raw, E::Raw>;
    fn lower(self) -> Self::Raw {
        self.map(T::lower).map_err(E::lower)
    }
}

/// Tuples, up to the length wit-bindgen's own parameters have in practice.
macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Lift),*> Lift for ($($name,)*) {
            type Raw = ($($name::Raw,)*);
            #[allow(non_snake_case, reason = "the type parameters name the parts as well")]
            fn lift(raw: Self::Raw) -> Self {
                let ($($name,)*) = raw;
                ($($name::lift($name),)*)
            }
        }
        impl<$($name: Lower),*> Lower for ($($name,)*) {
            type Raw = ($($name::Raw,)*);
            #[allow(non_snake_case, reason = "the type parameters name the parts as well")]
            fn lower(self) -> Self::Raw {
                let ($($name,)*) = self;
                ($($name.lower(),)*)
            }
        }
    };
}

tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);
