//! `weft stop`: ends one process of a runner for good.

use super::asked;
use crate::cli::StopArgs;
use crate::screen;
use anyhow::{Result, anyhow};
use weft_control::ClientError;
use weft_control::protocol::Stopped;

/// Stops the process and says how it ended.
pub(super) async fn stop(args: StopArgs) -> Result<u8> {
    let runner = asked::runner(args.on.on);
    let stopped = runner.stop(args.process, args.grace).await;
    let stopped = stopped.map_err(|error| match error {
        ClientError::NoAnswer(_) => anyhow!("{error}; if it goes on, it may stop the process yet"),
        error => asked::advised(error),
    })?;
    if args.on.json {
        return super::print_json(&stopped);
    }
    let Stopped {
        process,
        end,
        before,
        ..
    } = stopped;
    let before = if before { " before it was asked" } else { "" };
    let line = screen::one_line(&format!("{process} {end}{before}"));
    Ok(super::print(&format!("{line}\n")))
}
