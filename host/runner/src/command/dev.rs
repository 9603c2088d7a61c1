//! `weft dev`: builds the components of a manifest, runs it, and builds and reloads what changes.
//!
//! ```text
//! dev/builder  runs the commands again when sources change
//! dev/sources  the source files, and whether they have changed
//! dev/ignored  what a .gitignore leaves out
//! ```
//!
//! It is `weft up --build --watch` with a look at the sources: a build makes a component's file anew, and `up/watch` reloads it.

mod builder;
mod ignored;
mod sources;

pub(super) use builder::Builder;

use super::up::{self, Beside, ready};
use crate::cli::{DevArgs, UpArgs};
use crate::outcome::SIGNAL_BASE;
use crate::screen::say;
use anyhow::{Result, bail};

/// Builds, runs, and starts over when all processes have ended and a source changes.
pub(super) async fn dev(args: DevArgs) -> Result<u8> {
    let args = UpArgs::from(args);
    let read = ready::read(&args.which)?;
    if super::build::run(&read.manifest)? == 0 {
        bail!(
            "{}: no component has a `build`; write NAME = {{ file = \"FILE\", build = \"COMMAND\" }}, or use `weft up --watch`",
            read.manifest.source.shown()
        );
    }
    if read.checked.takes_stdin() {
        bail!(
            "{}: a source reads stdin, which is there once, and `weft dev` starts over; use `weft up --build --watch`, or a file",
            read.manifest.source.shown()
        );
    }
    let builder = Builder::new(&read.manifest);
    let mut read = Some(read);
    // Taken over by the first round, for all of them.
    let mut signals = None;
    loop {
        let read = match read.take() {
            Some(read) => read,
            None => ready::read(&args.which)?,
        };
        let beside = Beside {
            builder: Some(builder.clone()),
            is_detached: false,
        };
        let ended = up::run(&args, read, beside, &mut signals).await?;
        let signals = match &mut signals {
            Some(signals) if !ended.signal => signals,
            _ => return Ok(ended.code),
        };
        say::status("all processes have ended; waiting for a change");
        tokio::select! {
            () = builder.built() => {}
            signal = signals.next() => return Ok(SIGNAL_BASE + signal),
        }
        // The next round reads and compiles before anything runs.
        signals.end_at_once();
    }
}
