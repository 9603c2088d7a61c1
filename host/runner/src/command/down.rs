//! `weft down`: ends a runner, as SIGTERM does.

use super::asked;
use crate::cli::DownArgs;
use crate::screen::one_line;
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use weft_control::ClientError;

/// Asks the runner to end, and waits until it has ended.
pub(super) async fn down(args: DownArgs) -> Result<u8> {
    let watched = asked::runner(args.on.on).watch().await;
    let (first, mut events) = watched.map_err(asked::advised)?;
    let pid = i32::try_from(first.pid).ok().and_then(Pid::from_raw);
    let pid = pid.context("the runner has no process id")?;
    let named = format!("{} ({})", one_line(&first.runner), first.pid);
    kill_process(pid, Signal::TERM).with_context(|| format!("cannot end {named}"))?;
    loop {
        match events.next().await {
            Ok(Some(_)) => {}
            Ok(None) | Err(ClientError::Ended) => break,
            Err(error) => return Err(asked::advised(error)),
        }
    }
    if args.on.json {
        return super::print_json(&json!({ "runner": first.runner, "pid": first.pid }));
    }
    Ok(super::print(&format!("{named} has ended\n")))
}
