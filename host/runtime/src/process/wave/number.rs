//! Numbers in WAVE as values of a type.
//!
//! Nothing is converted: a number is a value of the type or is refused. A decimal number becomes the nearest float, as usual, but
//! a number that is too large is refused and does not become infinity, and a whole number that the float has not is refused and does not
//! become another one.

use std::fmt::Display;
use wasmtime::component::{Type, Val};

/// Reads a number; none when the type has no numbers.
pub(super) fn read(text: &str, ty: &Type) -> Option<Result<Val, String>> {
    Some(match ty {
        Type::S8 => whole(text, "s8", i8::MIN, i8::MAX).map(Val::S8),
        Type::U8 => whole(text, "u8", u8::MIN, u8::MAX).map(Val::U8),
        Type::S16 => whole(text, "s16", i16::MIN, i16::MAX).map(Val::S16),
        Type::U16 => whole(text, "u16", u16::MIN, u16::MAX).map(Val::U16),
        Type::S32 => whole(text, "s32", i32::MIN, i32::MAX).map(Val::S32),
        Type::U32 => whole(text, "u32", u32::MIN, u32::MAX).map(Val::U32),
        Type::S64 => whole(text, "s64", i64::MIN, i64::MAX).map(Val::S64),
        Type::U64 => whole(text, "u64", u64::MIN, u64::MAX).map(Val::U64),
        Type::Float32 => match text.parse::<f32>() {
            Ok(number) if number.is_infinite() && !is_infinity(text) => {
                Err(too_large(text, "f32", f32::MAX))
            }
            Ok(number) if number.is_nan() => Ok(Val::Float32(f32::NAN)),
            Ok(number) if is_whole(text) && !is_same(text, &format!("{number:.0}")) => {
                Err(not_exact(text, "f32", &format!("{number:.0}")))
            }
            Ok(number) => Ok(Val::Float32(number)),
            Err(error) => Err(error.to_string()),
        },
        Type::Float64 => match text.parse::<f64>() {
            Ok(number) if number.is_infinite() && !is_infinity(text) => {
                Err(too_large(text, "f64", f64::MAX))
            }
            Ok(number) if number.is_nan() => Ok(Val::Float64(f64::NAN)),
            Ok(number) if is_whole(text) && !is_same(text, &format!("{number:.0}")) => {
                Err(not_exact(text, "f64", &format!("{number:.0}")))
            }
            Ok(number) => Ok(Val::Float64(number)),
            Err(error) => Err(error.to_string()),
        },
        _ => return None,
    })
}

fn is_infinity(text: &str) -> bool {
    text.trim_start_matches('-') == "inf"
}

/// Whether a number is written as a whole one, and so means exactly that.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether two whole numbers of one sign are the same.
fn is_same(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.trim_start_matches(['-', '0']).to_owned();
    digits(one) == digits(other)
}

fn not_exact(text: &str, name: &str, nearest: &str) -> String {
    format!(
        "{text} is no number that {name} has; the nearest is {nearest}, and {text}.0 means that"
    )
}

fn too_large(text: &str, name: &str, most: impl std::fmt::LowerExp) -> String {
    format!("{text} is too large for {name}, whose largest number is {most:e}; infinity is inf")
}

fn whole<T>(text: &str, name: &str, least: T, most: T) -> Result<T, String>
where
    T: TryFrom<i128> + Display,
{
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("{text} is no whole number, as {name} wants one"));
    }
    let number = text.parse::<i128>().ok();
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| format!("{text} is not in {least}..{most}, the range of {name}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(ty: &Type, text: &str, wanted: Result<Val, &str>) {
        let read = read(text, ty).unwrap();
        assert_eq!(read, wanted.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn whole_numbers_are_in_the_range_of_their_type() {
        check(&Type::U8, "255", Ok(Val::U8(255)));
        check(&Type::U8, "-0", Ok(Val::U8(0)));
        check(&Type::S64, "-9223372036854775808", Ok(Val::S64(i64::MIN)));
        check(&Type::U64, "18446744073709551615", Ok(Val::U64(u64::MAX)));
        let most = "1".repeat(60);
        for (ty, text, wanted) in [
            (Type::U8, "256", "256 is not in 0..255, the range of u8"),
            (Type::U8, "-1", "-1 is not in 0..255, the range of u8"),
            (Type::S8, "128", "128 is not in -128..127, the range of s8"),
            (Type::U32, "1.0", "1.0 is no whole number, as u32 wants one"),
            (Type::U32, "1e3", "1e3 is no whole number, as u32 wants one"),
            (Type::U32, "nan", "nan is no whole number, as u32 wants one"),
        ] {
            check(&ty, text, Err(wanted));
        }
        assert!(read(&most, &Type::U64).unwrap().is_err());
    }

    #[test]
    fn a_whole_number_is_itself_or_no_float() {
        check(&Type::Float32, "16777216", Ok(Val::Float32(16_777_216.0)));
        check(&Type::Float32, "-0", Ok(Val::Float32(-0.0)));
        check(&Type::Float64, "007", Ok(Val::Float64(7.0)));
        check(
            &Type::Float64,
            "9007199254740994",
            Ok(Val::Float64(9_007_199_254_740_994.0)),
        );
        check(
            &Type::Float32,
            "16777217",
            Err(
                "16777217 is no number that f32 has; the nearest is 16777216, and 16777217.0 means that",
            ),
        );
        check(
            &Type::Float64,
            "-9007199254740993",
            Err(
                "-9007199254740993 is no number that f64 has; the nearest is -9007199254740992, and -9007199254740993.0 means that",
            ),
        );
        // What is written with a point or an exponent is the nearest there is.
        check(&Type::Float32, "16777217.0", Ok(Val::Float32(16_777_216.0)));
    }

    #[test]
    fn a_float_is_infinite_only_when_it_is_written_so() {
        check(&Type::Float32, "0.1", Ok(Val::Float32(0.1)));
        check(&Type::Float32, "3", Ok(Val::Float32(3.0)));
        check(&Type::Float32, "-inf", Ok(Val::Float32(f32::NEG_INFINITY)));
        check(&Type::Float64, "1e39", Ok(Val::Float64(1e39)));
        check(&Type::Float64, "1e-400", Ok(Val::Float64(0.0)));
        let beyond = "is too large for f32, whose largest number is 3.4028235e38; infinity is inf";
        for text in ["1e39", "-1e39", "340282356779733661637539395458142568448"] {
            check(&Type::Float32, text, Err(&format!("{text} {beyond}")));
        }
        assert!(read("1e309", &Type::Float64).unwrap().is_err());
        assert!(matches!(
            read("nan", &Type::Float32),
            Some(Ok(Val::Float32(number))) if number.is_nan()
        ));
    }
}
