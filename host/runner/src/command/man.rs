//! `weft man`: a man page for each command.

use crate::cli::Cli;
use anyhow::{Context, Result};
use clap::CommandFactory;
use std::path::Path;

/// Writes the pages and says where.
pub(super) fn man(folder: &Path) -> Result<u8> {
    let shown = folder.display();
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .with_context(|| format!("cannot write man pages into `{shown}`"))?;
    Ok(super::print(&format!(
        "man pages are in {shown}, such as {}\n",
        folder.join("weft-up.1").display()
    )))
}
