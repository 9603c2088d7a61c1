//! Takes and returns types of its own: records, variants, enums and flags.

mod config;

use config::{Config, Limit, Mode, Report, Rights};

/// Says what it got, and gives some of it back.
#[weft_guest::main]
async fn main(config: Config) -> weft_guest::Result<Report> {
    let text = format!("{config:?}");
    Ok(Report {
        text,
        mode: config.mode,
        rights: Rights {
            read: !config.rights.read,
            write_all: !config.rights.write_all,
        },
        limit: config.limits.into_iter().next_back(),
    })
}

/// The same on the guest's own stack, with a mode and a limit as they are.
#[weft_guest::entry_point]
fn plainly(mode: Mode, limit: Limit) -> Result<(Mode, Limit), String> {
    match mode {
        Mode::Fast => Ok((mode, limit)),
        Mode::ReadTwice => Err(format!("{limit:?}")),
    }
}
