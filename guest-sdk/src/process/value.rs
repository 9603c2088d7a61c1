//! An argument of an entry point.

use crate::bindings::weft::fabric::process as raw;
use crate::channel::{Channel, Reader, Writer};
use crate::typed::{TypedReader, TypedWriter};

/// An argument of an entry point, made with `.into()` from a `bool`, an integer
/// of 32 or 64 bits, an `f64`, text, bytes, or an end of a channel, which moves
/// to the new process. For every other type there is [`Value::wave`].
#[derive(Debug)]
pub struct Value(raw::Value);

impl Value {
    /// A value of any type without handles, in the WebAssembly value encoding,
    /// such as `some([1, 2])`.
    pub fn wave(text: impl Into<String>) -> Self {
        Value(raw::Value::Wave(text.into()))
    }

    /// As the raw bindings want it.
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
    [] i32 => |value| raw::Value::S32(value);
    [] u32 => |value| raw::Value::U32(value);
    [] i64 => |value| raw::Value::S64(value);
    [] u64 => |value| raw::Value::U64(value);
    [] f64 => |value| raw::Value::F64(value);
    [] &str => |value| raw::Value::String(value.to_owned());
    [] String => |value| raw::Value::String(value);
    [] &[u8] => |value| raw::Value::Bytes(value.to_owned());
    [] Vec<u8> => |value| raw::Value::Bytes(value);
    [] Channel => |value| raw::Value::Channel(value.into_raw());
    [] Reader => |value| raw::Value::Reader(value.into_raw());
    [] Writer => |value| raw::Value::Writer(value.into_raw());
    [T, C] TypedReader<T, C> => |value| raw::Value::Reader(value.into_reader().into_raw());
    [T: ?Sized, C] TypedWriter<T, C> => |value| raw::Value::Writer(value.into_writer().into_raw());
}
