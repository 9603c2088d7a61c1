//! An argument of an entry point.

use crate::bindings::weft::fabric::process as raw;
use crate::blocking;
use crate::channel::{Channel, Reader, Writer};
use crate::process::Process;
use crate::typed::{TypedReader, TypedWriter};

/// An argument of an entry point, made with `.into()` from a `bool`, a number, a
/// `char`, text, bytes, or from a channel, an end of one or a [`Process`], which
/// move to the new process. For every other type there is [`Value::wave`].
///
/// It fits a parameter of its own type. A number also fits the types that can hold all values of its type: a
/// `u16` fits an `s32`; an `i32` does not fit a `u32`, whatever its value.
///
/// A process started as [`Ownership::Linked`](crate::Ownership::Linked) stays linked when its
/// handle moves; dropping the handle stops it no longer.
///
/// ```
/// use weft_guest::{StartOptions, Value};
/// let options = StartOptions::new("parse")
///     .arg("text")
///     .arg(3u8)
///     .arg(Value::wave("{lat: 1.5, lon: 2.0}"));
/// ```
#[derive(Debug)]
pub struct Value(raw::Value);

impl Value {
    /// A value of any type without handles, in the WebAssembly value encoding,
    /// such as `some([1, 2])`.
    ///
    /// ```
    /// let nothing = weft_guest::Value::wave("none");
    /// ```
    pub fn wave(text: impl Into<String>) -> Self {
        Value(raw::Value::Wave(text.into()))
    }

    /// As the raw bindings want it.
    ///
    /// ```
    /// let raw = weft_guest::Value::from(true).into_raw();
    /// ```
    pub fn into_raw(self) -> raw::Value {
        self.0
    }
}

/// Conversions, one line each.
macro_rules! from {
    ($([$($generics:tt)*] $ty:ty => |$value:ident| $raw:expr;)*) => {$(
        impl<$($generics)*> From<$ty> for Value {
            fn from($value: $ty) -> Self {
                Value($raw)
            }
        }
    )*};
}

from! {
    [] bool => |value| raw::Value::Bool(value);
    [] i8 => |value| raw::Value::S8(value);
    [] u8 => |value| raw::Value::U8(value);
    [] i16 => |value| raw::Value::S16(value);
    [] u16 => |value| raw::Value::U16(value);
    [] i32 => |value| raw::Value::S32(value);
    [] u32 => |value| raw::Value::U32(value);
    [] i64 => |value| raw::Value::S64(value);
    [] u64 => |value| raw::Value::U64(value);
    [] f32 => |value| raw::Value::F32(value);
    [] f64 => |value| raw::Value::F64(value);
    [] char => |value| raw::Value::Char(value);
    [] &str => |value| raw::Value::String(value.to_owned());
    [] String => |value| raw::Value::String(value);
    [] &[u8] => |value| raw::Value::Bytes(value.to_owned());
    [] Vec<u8> => |value| raw::Value::Bytes(value);
    [] Channel => |value| raw::Value::Channel(value.into_raw());
    [] Reader => |value| raw::Value::Reader(value.into_raw());
    [] Writer => |value| raw::Value::Writer(value.into_raw());
    [] blocking::Reader => |value| raw::Value::Reader(Reader::from(value).into_raw());
    [] blocking::Writer => |value| raw::Value::Writer(Writer::from(value).into_raw());
    [] Process => |value| raw::Value::Process(value.into_raw());
    [T, C] TypedReader<T, C> => |value| raw::Value::Reader(value.into_inner().into_raw());
    [T: ?Sized, C] TypedWriter<T, C> => |value| raw::Value::Writer(value.into_inner().into_raw());
}
