//! Scalars as a guest gives them, without a text form, and the parameters each fits.
//!
//! Nothing is converted by value: the types alone decide whether a scalar fits. A start that works for one
//! number works for every number of that type.
//!
//! Invariant: a scalar fits its own type and every type that can hold all values of its own type exactly.

use std::fmt;
use wasmtime::component::{Type, Val};

/// Makes [`Scalar`]. `Target takes Source …` lists the scalars that a parameter of type `Target` takes.
macro_rules! scalars {
    ($($(#[$doc:meta])* $name:ident($rust:ty) $text:literal takes $($source:ident)*;)*) => {
        /// A scalar of a WIT type.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Scalar {
            $($(#[$doc])* $name($rust),)*
        }

        impl Scalar {
            /// The value for a parameter of this type, if the type can hold all values of the scalar's type.
            pub(super) fn fit(self, ty: &Type) -> Option<Val> {
                match (ty, self) {
                    $(
                        (Type::$name, Scalar::$name(value)) => Some(Val::$name(value)),
                        $((Type::$name, Scalar::$source(value)) => Some(Val::$name(value.into())),)*
                    )*
                    _ => None,
                }
            }
        }

        /// Type and value, such as `u32 300`.
        impl fmt::Display for Scalar {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Scalar::$name(value) => write!(f, concat!($text, " {:?}"), value),)*
                }
            }
        }
    };
}

scalars! {
    /// A `bool`.
    Bool(bool) "bool" takes;
    /// An `s8`.
    S8(i8) "s8" takes;
    /// A `u8`.
    U8(u8) "u8" takes;
    /// An `s16`.
    S16(i16) "s16" takes S8 U8;
    /// A `u16`.
    U16(u16) "u16" takes U8;
    /// An `s32`.
    S32(i32) "s32" takes S8 U8 S16 U16;
    /// A `u32`.
    U32(u32) "u32" takes U8 U16;
    /// An `s64`.
    S64(i64) "s64" takes S8 U8 S16 U16 S32 U32;
    /// A `u64`.
    U64(u64) "u64" takes U8 U16 U32;
    /// An `f32`.
    Float32(f32) "f32" takes S8 U8 S16 U16;
    /// An `f64`.
    Float64(f64) "f64" takes S8 U8 S16 U16 S32 U32 Float32;
    /// A `char`.
    Char(char) "char" takes;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_fits_its_own_type_and_wider_ones() {
        assert_eq!(Scalar::U8(200).fit(&Type::U8), Some(Val::U8(200)));
        assert_eq!(Scalar::U8(200).fit(&Type::S16), Some(Val::S16(200)));
        assert_eq!(Scalar::S32(-1).fit(&Type::S64), Some(Val::S64(-1)));
        assert_eq!(
            Scalar::U32(u32::MAX).fit(&Type::Float64),
            Some(Val::Float64(4_294_967_295.0))
        );
    }

    #[test]
    fn a_scalar_that_might_not_fit_never_does() {
        for (scalar, ty) in [
            (Scalar::U32(7), Type::U8),
            (Scalar::S32(7), Type::U32),
            (Scalar::U64(7), Type::S64),
            (Scalar::S32(7), Type::Float32),
            (Scalar::S64(7), Type::Float64),
            (Scalar::Float64(1.0), Type::Float32),
            (Scalar::Float64(1.0), Type::U32),
            (Scalar::Bool(true), Type::U8),
            (Scalar::Char('x'), Type::String),
            (Scalar::Char('x'), Type::U32),
        ] {
            assert_eq!(scalar.fit(&ty), None, "{scalar}");
        }
    }

    #[test]
    fn a_scalar_is_shown_with_its_type() {
        assert_eq!(Scalar::S8(-1).to_string(), "s8 -1");
        assert_eq!(Scalar::Float32(1.5).to_string(), "f32 1.5");
        assert_eq!(Scalar::Char('x').to_string(), "char 'x'");
    }
}
