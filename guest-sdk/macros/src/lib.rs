//! `#[weft_guest::main]` and `#[weft_guest::entry_point]`: a Rust function becomes an entry point of
//! a guest.
//!
//! Everything happens while the guest is compiled: `signature` reads the
//! function, `types` says what each Rust type is in WIT, `contract` holds
//! the part of the Weft contract an entry point can mention, and `expand`
//! puts the three together into a world and the glue that exports it.
//!
//! This crate knows nothing of values: what happens to an argument on its way
//! in is `weft_guest::rt`'s business.

// Panicking is how a test says no.
#![cfg_attr(test, allow(clippy::expect_used, clippy::unwrap_used))]

mod contract;
mod expand;
mod signature;
mod types;

use expand::Export;
use proc_macro::TokenStream;

/// Makes a function the entry point of the guest: the exported function `run`.
///
/// The function's parameters and its result become the WIT signature of `run`;
/// there is no WIT to write. An `async fn` is exported as `async func` and may
/// use everything of `weft_guest`; a plain `fn` is exported as `func` and waits
/// with `weft_guest::blocking` only.
///
/// Parameters and results can be made of `bool`, the integers from `u8` to
/// `i64`, `f32`, `f64`, `char`, `String`, `Vec<T>`, `Option<T>`,
/// `Result<T, E>`, tuples, `Reader`, `Writer`, `Channel`, `TypedReader<..>` and
/// `TypedWriter<..>`. A parameter `max_rows` is called `max-rows` in WIT.
///
/// A function that returns `Result<T, E>` exports `result<T, string>`: the
/// error is formatted with `{:#}`, which for `weft_guest::Error` names the
/// causes too.
///
/// Before the body runs, panics and the records of `log` and `tracing` are
/// directed to the process log; after it, stdout and stderr are flushed.
///
/// # Errors
///
/// Anything that cannot be an entry point is a compile error at its place: a
/// generic function, a `self` parameter, a pattern in place of a name, a type
/// that has no counterpart in WIT.
///
/// # Example
///
/// ```ignore
/// #[weft_guest::main]
/// async fn main(name: String) -> String {
///     format!("Hello, {name}!")
/// }
/// ```
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Export::Run, args.into(), item.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// Makes a function one more entry point of the guest, exported under its own name: `fn
/// read_all` as `read-all`.
///
/// As [`macro@main`] in everything else. A process is started at one entry point: a manifest names it
/// with `entry-point`, `weft run` with `--invoke`, a guest in its start options. So one component
/// can be several kinds of process.
///
/// # Errors
///
/// As [`macro@main`], and for a function whose name is none in WIT.
///
/// # Example
///
/// ```ignore
/// #[weft_guest::main]
/// async fn main(input: Reader, output: Writer) -> weft_guest::Result { .. }
///
/// #[weft_guest::entry_point]
/// async fn feed(path: String, lines: Writer) -> weft_guest::Result { .. }
/// ```
#[proc_macro_attribute]
pub fn entry_point(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(Export::OwnName, args.into(), item.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
