//! `weft check`: whether a manifest is right, without starting it.

use super::up::ready::{self, How, Ready, Warning};
use crate::cli::{CheckArgs, LogFormat};
use crate::screen::progress::Progress;
use crate::setting;
use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use weft_host::{HostConfig, supervise::Supervision};

/// Makes every check of `weft up` and prints the warnings.
pub(super) async fn check(args: CheckArgs) -> Result<u8> {
    let read = ready::read(&args.which)?;
    let host = setting::host(read.checked.config(HostConfig::default()))?;
    let how = How {
        grace: Supervision::default().grace,
        format: LogFormat::default(),
        anew: false,
    };
    let Ready {
        manifest, warnings, ..
    } = ready::prepare(&host, read, how, &Progress::start()).await?;
    if !args.json {
        return ready::told(&manifest, &warnings);
    }
    super::print_json(&Found {
        manifest: manifest.source.file(),
        components: manifest.components.keys().collect(),
        channels: manifest.channels.keys().collect(),
        processes: manifest.processes.keys().collect(),
        warnings: &warnings,
    })
}

/// What was found, for programs.
#[derive(Serialize)]
struct Found<'a> {
    /// The file; none for stdin.
    manifest: Option<&'a Path>,
    components: Vec<&'a String>,
    channels: Vec<&'a String>,
    processes: Vec<&'a String>,
    warnings: &'a [Warning],
}
