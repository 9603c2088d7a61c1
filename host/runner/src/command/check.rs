//! `weft check`: whether a manifest is right, without starting it.

use super::up::ready::{self, How, Ready, Warning};
use crate::cli::{CheckArgs, LogFormat};
use crate::manifest::Edge;
use crate::screen::progress::Progress;
use crate::setting;
use anyhow::Result;
use serde::Serialize;
use std::path::Path;
use weft_host::{HostConfig, supervise::Supervision};

/// Makes every check of `weft up` and prints the warnings.
pub(super) async fn check(args: CheckArgs) -> Result<u8> {
    let read = ready::read(&args.which)?;
    let names = |edges: &[Edge], listens: bool| {
        let edges = edges.iter().filter(|edge| edge.what.listens() == listens);
        edges.map(|edge| edge.name.clone()).collect::<Vec<_>>()
    };
    let (sources, sinks) = (&read.checked.sources, &read.checked.sinks);
    let (http, sinks) = (names(sources, true), names(sinks, false));
    let sources = names(sources, false);
    let config = read.checked.config(HostConfig::default());
    let host = setting::host(config, &read.checked.network)?;
    let how = How {
        runs: false,
        grace: Supervision::default().grace,
        format: LogFormat::default(),
        anew: false,
    };
    let Ready {
        manifest,
        counts,
        warnings,
        ..
    } = ready::prepare(&host, read, how, &Progress::start()).await?;
    if !args.json {
        return ready::told(&manifest, counts, &warnings);
    }
    super::print_json(&Found {
        manifest: manifest.source.file(),
        components: manifest.components.keys().collect(),
        channels: manifest.channels.keys().collect(),
        processes: manifest.processes.keys().collect(),
        sources,
        http,
        sinks,
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
    sources: Vec<String>,
    http: Vec<String>,
    sinks: Vec<String>,
    warnings: &'a [Warning],
}
