//! The sources and sinks of a manifest, as children of the supervisor.

use super::ends::{Channels, Counts};
use crate::manifest::{Edge, EndKind, Manifest, What};
use crate::screen::output::{ReaderGone, stdout};
use crate::screen::say;
use crate::setting;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use weft_host::channel::Redelivery;
use weft_host::process::Program;
use weft_host::supervise::{ChildSpec, Restart};
use weft_host::{Argument, Arguments, StartOptions};
use weft_net::http::Http;
use weft_net::sink::{FileSink, StreamSink};
use weft_net::source::{Follow, Origin, Stream, Ticks};

/// The folder, in the user's for state, of the files in which sources remember their places.
const STATE_FOLDER: &str = "sources";

/// The child that an edge is, with ends of these channels.
pub(super) async fn child(
    manifest: &Manifest,
    edge: Edge,
    channels: &Channels,
    gone: &Arc<ReaderGone>,
    rank: u32,
) -> Result<ChildSpec> {
    let restart = Restart::from(edge.restart);
    let mut arguments = Vec::new();
    for (name, end) in &edge.ends {
        let given = match end.kind {
            EndKind::Reader => {
                // What keeps a sink from writing is no frame, so none is given up.
                let again = Redelivery::default().max_deliveries(u32::MAX);
                let again = (restart != Restart::Never).then_some(again);
                let reader = channels.reader(end, Counts::Finished(again)).await?;
                Argument::Reader(reader)
            }
            EndKind::Channel => Argument::Channel(channels.shown_from_now(end)?.into()),
            EndKind::Writer => Argument::Writer(channels.writer(end).await?.into()),
        };
        arguments.push((name.clone(), given));
    }
    let program = program(manifest, &edge, gone)?;
    let start =
        StartOptions::native(edge.name.clone(), program).arguments(Arguments::Named(arguments));
    Ok(ChildSpec::new(edge.name, start)
        .restart(restart)
        .stop_rank(rank))
}

fn program(manifest: &Manifest, edge: &Edge, gone: &Arc<ReaderGone>) -> Result<Arc<dyn Program>> {
    Ok(match edge.what.clone() {
        What::File(path, intake) => Arc::new(Stream::new(Origin::File(path), intake)),
        What::Stdin(intake) => {
            let stdin = Box::new(tokio::io::stdin());
            Arc::new(Stream::new(Origin::Stream("stdin", stdin), intake))
        }
        What::Follow(path, begin, state, intake) => {
            let state = state.or_else(|| remembered(manifest, &edge.name, &path));
            Arc::new(Follow::new(path, intake).begin(begin).state(state))
        }
        What::Ticks(schedule) => Arc::new(Ticks::new(schedule)),
        What::Nats(nats) => nats.program(),
        What::Http(address, routes, bounds, front) => {
            let tls = front
                .tls()
                .with_context(|| format!("http `{}`", edge.name))?;
            let http = Http::new(address, routes).bounds(bounds);
            Arc::new(http.tls(tls).origins(front.origins))
        }
        What::Append(path, outflow, rotation, fsync) => {
            Arc::new(FileSink::new(path, outflow).rotation(rotation).fsync(fsync))
        }
        What::Stdout(outflow) => Arc::new(StreamSink::new("stdout", stdout(gone), outflow)),
    })
}

/// The file in which a source of this manifest remembers its place in this file.
fn remembered(manifest: &Manifest, name: &str, path: &Path) -> Option<PathBuf> {
    let Some(folder) = setting::state_folder() else {
        say::warning(&format!(
            "source `{name}` forgets where it was when it ends: there is no folder for it; write state = \"FILE\", or set XDG_STATE_HOME or HOME"
        ));
        return None;
    };
    let runner = manifest.source.runner();
    let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let of = manifest.source.file().map(full).unwrap_or_default();
    let known = weft_net::source::key(&[&of, Path::new(name), &full(path)]);
    let shown = weft_control::file_name(&format!("{runner}-{name}"));
    Some(
        folder
            .join(STATE_FOLDER)
            .join(format!("{shown}-{known:016x}.json")),
    )
}
