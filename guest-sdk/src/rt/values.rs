//! The types of an entry point that are not the guest's own.

use super::flat::{Flat, Lowered};
use super::layout::{Layout, Shape};
use super::memory::{self, At, Kept};
use super::{Lift, Lower, no_such_case};
use crate::bindings;
use crate::bindings::weft::fabric::{channel as raw, process as raw_process};
use crate::blocking;
use crate::channel::{Channel, Reader, Writer};
use crate::process::Process;
use crate::typed::{TypedReader, TypedWriter};

/// Values of one core value: how many bytes they have, and how they are made of bits and the other way.
macro_rules! number {
    ($($ty:ty, $size:expr, |$bits:ident| $of:expr, |$value:ident| $to:expr;)*) => {$(
        impl Layout for $ty {
            const SHAPE: Shape = Shape::number($size);
        }
        impl Lift for $ty {
            fn lift(flat: &mut Flat) -> Self {
                let $bits = flat.take();
                $of
            }
            fn load(at: At) -> Self {
                let $bits = at.load_bits($size);
                $of
            }
        }
        impl Lower for $ty {
            fn lower(self, flat: &mut Lowered) {
                let $value = self;
                flat.push($to);
            }
            fn store(self, at: At, _kept: &mut Kept) {
                let $value = self;
                at.store_bits($size, $to);
            }
        }
    )*};
}

// A narrow number fills an `i32`, with its sign; what is beyond 32 bits is no part of it.
number! {
    bool, 1, |bits| bits != 0, |value| value.into();
    u8, 1, |bits| bits as u8, |value| value.into();
    u16, 2, |bits| bits as u16, |value| value.into();
    u32, 4, |bits| bits as u32, |value| value.into();
    u64, 8, |bits| bits, |value| value;
    i8, 1, |bits| bits as i8, |value| i32::from(value) as u32 as u64;
    i16, 2, |bits| bits as i16, |value| i32::from(value) as u32 as u64;
    i32, 4, |bits| bits as i32, |value| value as u32 as u64;
    i64, 8, |bits| bits as i64, |value| value as u64;
    f32, 4, |bits| f32::from_bits(bits as u32), |value| value.to_bits().into();
    f64, 8, |bits| f64::from_bits(bits), |value| value.to_bits();
    char, 4, |bits| char::from_u32(bits as u32).unwrap_or(char::REPLACEMENT_CHARACTER), |value| u32::from(value).into();
}

/// Handles: `from_raw` one way, `into_raw` the other.
macro_rules! handle {
    ($([$($generics:tt)*] $ty:ty => $raw:ty, $new:ident, $from:expr, $into:expr;)*) => {$(
        impl<$($generics)*> Layout for $ty {
            const SHAPE: Shape = Shape::number(4);
        }
        impl<$($generics)*> Lift for $ty {
            fn lift(flat: &mut Flat) -> Self {
                $from(bindings::$new(flat.take() as u32))
            }
            fn load(at: At) -> Self {
                $from(bindings::$new(at.load_number(4)))
            }
        }
        impl<$($generics)*> Lower for $ty {
            fn lower(self, flat: &mut Lowered) {
                let raw: $raw = $into(self);
                flat.push(raw.take_handle().into());
            }
            fn store(self, at: At, _kept: &mut Kept) {
                let raw: $raw = $into(self);
                at.store_number(4, raw.take_handle());
            }
        }
    )*};
}

handle! {
    [] Channel => raw::Channel, new_channel, Channel::from_raw, Channel::into_raw;
    [] Reader => raw::Reader, new_reader, Reader::from_raw, Reader::into_raw;
    [] Writer => raw::Writer, new_writer, Writer::from_raw, Writer::into_raw;
    [] Process => raw_process::Process, new_process, Process::from_raw, Process::into_raw;
    [] blocking::Reader => raw::Reader, new_reader, |raw| Reader::from_raw(raw).into(), |end| Reader::from(end).into_raw();
    [] blocking::Writer => raw::Writer, new_writer, |raw| Writer::from_raw(raw).into(), |end| Writer::from(end).into_raw();
    [T, C] TypedReader<T, C> => raw::Reader, new_reader, |raw| Reader::from_raw(raw).into(), |end: Self| end.into_inner().into_raw();
    [T: ?Sized, C] TypedWriter<T, C> => raw::Writer, new_writer, |raw| Writer::from_raw(raw).into(), |end: Self| end.into_inner().into_raw();
}

impl Layout for () {
    const SHAPE: Shape = Shape::NOTHING;
}

impl Lift for () {
    fn lift(_flat: &mut Flat) {}
    fn load(_at: At) {}
}

impl Lower for () {
    fn lower(self, _flat: &mut Lowered) {}
    fn store(self, _at: At, _kept: &mut Kept) {}
}

impl Layout for String {
    const SHAPE: Shape = Shape::LIST;
}

impl Lift for String {
    #[allow(unsafe_code)]
    fn lift(flat: &mut Flat) -> Self {
        let (pointer, length) = (flat.take(), flat.take());
        // SAFETY: a `string` stands here.
        text(unsafe { memory::bytes(pointer, length) })
    }

    #[allow(unsafe_code)]
    fn load(at: At) -> Self {
        let (pointer, length) = at.load_pair();
        // SAFETY: a `string` stands here.
        text(unsafe { memory::bytes(pointer, length) })
    }
}

/// The host has checked it.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

impl Lower for String {
    fn lower(self, flat: &mut Lowered) {
        flat.push_list(self.into_bytes());
    }

    fn store(self, at: At, kept: &mut Kept) {
        kept.store_list(self.into_bytes(), at);
    }
}

impl<T: Layout> Layout for Vec<T> {
    const SHAPE: Shape = Shape::LIST;
}

impl<T: Lift> Lift for Vec<T> {
    #[allow(unsafe_code)]
    fn lift(flat: &mut Flat) -> Self {
        let (pointer, length) = (flat.take(), flat.take());
        // SAFETY: a list of this type stands here.
        unsafe { memory::list(pointer, length) }
    }

    #[allow(unsafe_code)]
    fn load(at: At) -> Self {
        let (pointer, length) = at.load_pair();
        // SAFETY: a list of this type stands here.
        unsafe { memory::list(pointer, length) }
    }
}

impl<T: Lower> Lower for Vec<T> {
    fn lower(self, flat: &mut Lowered) {
        flat.push_list(self);
    }

    fn store(self, at: At, kept: &mut Kept) {
        kept.store_list(self, at);
    }
}

impl<T: Layout> Layout for Option<T> {
    const SHAPE: Shape = Shape::variant(2, &[T::SHAPE]);
}

impl<T: Lift> Lift for Option<T> {
    fn lift(flat: &mut Flat) -> Self {
        flat.case(Self::SHAPE, |number, flat| match number {
            0 => None,
            1 => Some(T::lift(flat)),
            _ => no_such_case(),
        })
    }

    fn load(at: At) -> Self {
        match Self::SHAPE.load_case(at, 2) {
            (0, _) => None,
            (1, value) => Some(T::load(value)),
            _ => no_such_case(),
        }
    }
}

impl<T: Lower> Lower for Option<T> {
    fn lower(self, flat: &mut Lowered) {
        flat.case(Self::SHAPE, |flat| match self {
            None => flat.push(0),
            Some(value) => {
                flat.push(1);
                value.lower(flat);
            }
        });
    }

    fn store(self, at: At, kept: &mut Kept) {
        match self {
            None => drop(Self::SHAPE.store_case(at, 2, 0)),
            Some(value) => value.store(Self::SHAPE.store_case(at, 2, 1), kept),
        }
    }
}

impl<T: Layout, E: Layout> Layout for Result<T, E> {
    const SHAPE: Shape = Shape::variant(2, &[T::SHAPE, E::SHAPE]);
}

impl<T: Lift, E: Lift> Lift for Result<T, E> {
    fn lift(flat: &mut Flat) -> Self {
        flat.case(Self::SHAPE, |number, flat| match number {
            0 => Ok(T::lift(flat)),
            1 => Err(E::lift(flat)),
            _ => no_such_case(),
        })
    }

    fn load(at: At) -> Self {
        match Self::SHAPE.load_case(at, 2) {
            (0, value) => Ok(T::load(value)),
            (1, error) => Err(E::load(error)),
            _ => no_such_case(),
        }
    }
}

impl<T: Lower, E: Lower> Lower for Result<T, E> {
    fn lower(self, flat: &mut Lowered) {
        flat.case(Self::SHAPE, |flat| match self {
            Ok(value) => {
                flat.push(0);
                value.lower(flat);
            }
            Err(error) => {
                flat.push(1);
                error.lower(flat);
            }
        });
    }

    fn store(self, at: At, kept: &mut Kept) {
        match self {
            Ok(value) => value.store(Self::SHAPE.store_case(at, 2, 0), kept),
            Err(error) => error.store(Self::SHAPE.store_case(at, 2, 1), kept),
        }
    }
}

/// Tuples, up to the length that the macros of others have in practice.
macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Layout),*> Layout for ($($name,)*) {
            const SHAPE: Shape = Shape::record(&[$($name::SHAPE),*]);
        }
        impl<$($name: Lift),*> Lift for ($($name,)*) {
            fn lift(flat: &mut Flat) -> Self {
                ($($name::lift(flat),)*)
            }
            fn load(at: At) -> Self {
                let mut fields = at.fields();
                ($(fields.load::<$name>(),)*)
            }
        }
        impl<$($name: Lower),*> Lower for ($($name,)*) {
            #[allow(non_snake_case, reason = "the type parameters name the parts as well")]
            fn lower(self, flat: &mut Lowered) {
                let ($($name,)*) = self;
                $($name.lower(flat);)*
            }
            #[allow(non_snake_case, reason = "the type parameters name the parts as well")]
            fn store(self, at: At, kept: &mut Kept) {
                let ($($name,)*) = self;
                let mut fields = at.fields();
                $(fields.store($name, kept);)*
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

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
