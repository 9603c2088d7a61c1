//! Plugs the exports of components into the imports of another.

use super::{ENCODING, explain, read};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use wac_graph::{CompositionGraph, PackageId};
use wac_types::Package;
use weft_host::component::ComponentReader;

/// Plugs components into a socket and returns the composed component.
pub(super) fn compose(
    socket: &Path,
    plugs: &[PathBuf],
    reader: &mut ComponentReader,
) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let socket_name = socket.display().to_string();
    let socket = register(&mut graph, "weft:socket", socket, reader)?;
    let mut ids = Vec::new();
    for (index, path) in plugs.iter().enumerate() {
        let plug = register(&mut graph, &format!("weft:plug{index}"), path, reader)?;
        explain::check(
            &graph,
            (&path.display().to_string(), plug),
            (&socket_name, socket),
        )?;
        ids.push(plug);
    }
    wac_graph::plug(&mut graph, ids, socket)
        .map_err(anyhow::Error::from)
        .context("cannot plug these components together")?;
    graph
        .encode(ENCODING)
        .map_err(anyhow::Error::from)
        .context("cannot plug these components together")
}

fn register(
    graph: &mut CompositionGraph,
    name: &str,
    path: &Path,
    reader: &mut ComponentReader,
) -> Result<PackageId> {
    let bytes = read(reader, path)?;
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .with_context(|| format!("cannot read component `{}`", path.display()))?;
    Ok(graph.register_package(package)?)
}
