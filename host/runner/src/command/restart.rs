//! `weft restart`: starts one process of a runner again.

use super::asked;
use crate::cli::RestartArgs;
use crate::screen::one_line;
use anyhow::Result;
use serde_json::json;

/// Restarts the process and says which one is in its place.
pub(super) async fn restart(args: RestartArgs) -> Result<u8> {
    let restarted = asked::runner(args.on.on).restart(args.process).await;
    let (process, id) = restarted.map_err(asked::advised)?;
    if args.on.json {
        return super::print_json(&json!({ "process": process, "id": id }));
    }
    let process = one_line(&process);
    Ok(super::print(&format!("{process} started again ({id})\n")))
}
