//! Amounts: the unit that a limit counts in, and a value of it, independent of the field's type.
//!
//! How an amount is written as text is up to those who read it.

use std::num::TryFromIntError;
use std::time::Duration;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitUnit {
    /// Bytes that the process may come to hold: more than the machine has makes no sense.
    Memory,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// A time.
    Time,
    /// A number of the things named here.
    Count(&'static str),
}

impl LimitUnit {
    /// The unit in words.
    pub fn name(self) -> &'static str {
        match self {
            LimitUnit::Memory | LimitUnit::Bytes => "bytes",
            LimitUnit::BytesPerSecond => "bytes a second",
            LimitUnit::Time => "a time",
            LimitUnit::Count(what) => what,
        }
    }

    /// The text after a number in this unit, for errors.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            LimitUnit::Memory | LimitUnit::Bytes => " bytes",
            LimitUnit::BytesPerSecond => " bytes per second",
            LimitUnit::Time | LimitUnit::Count(_) => "",
        }
    }
}

/// A value of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitAmount {
    /// A number, of bytes or of things.
    Number(u64),
    /// A time.
    Time(Duration),
}

/// An amount that a limit cannot be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitAmountError {
    /// The limit counts at most `u32::MAX`.
    #[error(transparent)]
    TooLarge(#[from] TryFromIntError),
    /// A time for a limit that counts things, or a number for a limit on time.
    #[error("the limit has another unit")]
    Unit,
}

/// The type of a limit's field.
pub(super) trait Field: Copy + Into<LimitAmount> {
    fn of(amount: LimitAmount) -> Result<Self, LimitAmountError>;
}

impl Field for u64 {
    fn of(amount: LimitAmount) -> Result<Self, LimitAmountError> {
        match amount {
            LimitAmount::Number(number) => Ok(number),
            LimitAmount::Time(_) => Err(LimitAmountError::Unit),
        }
    }
}

impl Field for u32 {
    fn of(amount: LimitAmount) -> Result<Self, LimitAmountError> {
        Ok(u64::of(amount)?.try_into()?)
    }
}

impl Field for Duration {
    fn of(amount: LimitAmount) -> Result<Self, LimitAmountError> {
        match amount {
            LimitAmount::Time(time) => Ok(time),
            LimitAmount::Number(_) => Err(LimitAmountError::Unit),
        }
    }
}

impl From<u64> for LimitAmount {
    fn from(number: u64) -> Self {
        LimitAmount::Number(number)
    }
}

impl From<u32> for LimitAmount {
    fn from(number: u32) -> Self {
        LimitAmount::Number(number.into())
    }
}

impl From<Duration> for LimitAmount {
    fn from(time: Duration) -> Self {
        LimitAmount::Time(time)
    }
}
