//! A guest with its settings in one record.

// ANCHOR: configured
use weft_guest::{WitType, log};

/// What the guest is started with.
#[derive(Debug, WitType)]
pub struct Config {
    /// How the lines are split; at blanks when it is left out.
    pub separator: Option<char>,
    /// What to do with a line that is too long.
    pub too_long: TooLong,
    /// What it may print.
    pub output: Output,
}

/// A variant: each case carries a value or none.
#[derive(Debug, WitType)]
pub enum TooLong {
    /// Stop there.
    Fail,
    /// Keep so many bytes.
    Cut(u32),
}

/// Flags.
#[derive(Debug, WitType)]
#[wit(flags)]
pub struct Output {
    /// Lines.
    pub lines: bool,
    /// Their number at the end.
    pub line_count: bool,
}

/// Says what it was given.
#[weft_guest::entry_point]
async fn configured(config: Config) -> String {
    log::info!(count = config.output.line_count; "configured");
    format!("{config:?}")
}
// ANCHOR_END: configured
