//! `#[weft_guest::main]` and `#[weft_guest::entry_point]`: a Rust function becomes an entry point of
//! a guest.
//!
//! Everything happens while the guest is compiled: `signature` reads the
//! function, `types` says what each Rust type is in WIT, `declared` reads the types that the guest declares, and `chain` brings their declarations to
//! the function. `expand` makes the glue that exports it, with its core values from `flat` and its world from `section`.
//!
//! No WIT is parsed and none is written: a parser would be most of what a guest has to compile.
//!
//! This crate knows nothing of values: what happens to an argument on its way
//! in is `weft_guest::rt`'s business.

// Panicking is how a test says no.
#![cfg_attr(test, allow(clippy::expect_used, clippy::unwrap_used))]

mod chain;
mod declared;
mod derive;
mod expand;
mod flat;
#[rustfmt::skip]
mod interfaces;
mod section;
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
/// `Result<T, E>`, tuples, `Reader`, `Writer`, `Channel`, `TypedReader<..>`,
/// `TypedWriter<..>`, `Process`, and types that derive [`macro@WitType`], such as one struct
/// with all that a guest is configured with. A parameter `max_rows` is called `max-rows` in WIT.
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

/// Makes a type one that entry points can take and return: a record, a variant, an enum or flags of WIT.
///
/// - A struct with named fields is a record.
/// - An enum is a variant; each case carries one value or none. One of which no case carries anything is an `enum`.
/// - A struct of `bool`s with `#[wit(flags)]` is a type of flags.
///
/// Names become WIT's: `max_rows` is `max-rows`, `ReadOnly` is `read-only`. Fields can have any type that a parameter can have, ends and
/// processes too, and other types that derive this. The type and the function are in one crate. Import the type by its own name where it is
/// used: a macro of that name comes with it, by which the function's attribute learns what the type is made of.
///
/// # Errors
///
/// A compile error at each field or case that has no counterpart in WIT, with its name.
///
/// # Example
///
/// ```ignore
/// #[derive(WitType)]
/// struct Config {
///     max_rows: Option<u32>,
///     mode: Mode,
///     input: Reader,
/// }
///
/// #[derive(WitType)]
/// enum Mode {
///     Fast,
///     Careful(u32),
/// }
///
/// #[weft_guest::main]
/// async fn main(config: Config) -> weft_guest::Result { .. }
/// ```
#[proc_macro_derive(WitType, attributes(wit))]
pub fn wit_type(item: TokenStream) -> TokenStream {
    derive::expand(item.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// A step on the way to the declarations of types. Not for people.
#[doc(hidden)]
#[proc_macro]
pub fn __wit_step(input: TokenStream) -> TokenStream {
    chain::step(input.into())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
