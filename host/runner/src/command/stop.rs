//! `weft stop`: ends one process of a runner for good.

use crate::cli::StopArgs;
use crate::control::client;
use crate::control::protocol::{Reply, Request, Stopped};
use crate::screen;
use anyhow::{Result, bail};

/// Stops the process and says how it ended.
pub(super) async fn stop(args: StopArgs) -> Result<u8> {
    let grace = args.grace.map(|grace| grace.as_millis());
    let request = Request::Stop {
        process: args.process,
        grace_ms: grace.map(|grace| u64::try_from(grace).unwrap_or(u64::MAX)),
    };
    let mut answers = client::ask(args.on.on.as_deref(), request).await?;
    let Reply::Stopped(stopped) = answers.next().await? else {
        bail!("what answers is no runner of this version");
    };
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
