//! The types, in a module of their own: what they are made of is found by the names that are right here.

use weft_guest::WitType;

/// All that the guest is configured with.
#[derive(Debug, WitType)]
pub struct Config {
    /// A text.
    pub name: String,
    /// Left out: none.
    pub max_rows: Option<u32>,
    /// An enum.
    pub mode: Mode,
    /// Variants in a list.
    pub limits: Vec<Limit>,
    /// Flags.
    pub rights: Rights,
    /// A result.
    pub before: Result<u64, String>,
    /// A tuple.
    pub range: (u8, i64),
}

/// How it works.
#[derive(Clone, Copy, Debug, WitType)]
pub enum Mode {
    /// Quickly.
    Fast,
    /// Not so.
    ReadTwice,
}

/// What it keeps to. The cases have core values of different types in the same place.
#[derive(Debug, WitType)]
pub enum Limit {
    /// Nothing.
    None,
    /// Rows.
    Rows(u32),
    /// A part.
    Part(f32),
    /// Bytes.
    Bytes(u64),
    /// More of them.
    Several(Vec<Mode>),
}

/// What it may do.
#[derive(Debug, WitType)]
#[wit(flags)]
pub struct Rights {
    /// Read.
    pub read: bool,
    /// Write.
    pub write_all: bool,
}

/// What comes back.
#[derive(Debug, WitType)]
pub struct Report {
    /// What was given.
    pub text: String,
    /// The same as it came.
    pub mode: Mode,
    /// The same the other way round.
    pub rights: Rights,
    /// The last of them.
    pub limit: Option<Limit>,
}
