//! Everything that `weft up` does before it starts: the manifest is read, checked, loaded and prepared. `weft check`
//! does no more.
//!
//! Invariant: nothing here runs a guest, and dropping what is ready leaves nothing behind.

use super::advice;
pub(in crate::command) use super::advice::Warning;
use super::children;
use super::ends::Channels;
use super::unread::Unread;
use crate::cli::{LogFormat, WhichManifest};
use crate::manifest::{self, Checked, Manifest};
use crate::screen::output::ReaderGone;
use crate::screen::progress::Progress;
use crate::screen::say;
use anyhow::{Context, Result};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use weft_host::{
    Host,
    supervise::{PreparedSupervisor, Supervision, Supervisor},
};

/// A manifest that was read and checked. Nothing is loaded yet.
pub(in crate::command) struct Read {
    pub(in crate::command) manifest: Manifest,
    pub(in crate::command) checked: Checked,
}

/// How the processes would run.
pub(in crate::command) struct How {
    /// Time a process has to end.
    pub(in crate::command) grace: Duration,
    /// How logs are shown.
    pub(in crate::command) format: LogFormat,
    /// Whether what has failed for good can be started again.
    pub(in crate::command) anew: bool,
    /// Whether it will run. If not, no server is asked for what it keeps.
    pub(in crate::command) runs: bool,
}

/// What is ready to be launched.
pub(in crate::command) struct Ready {
    pub(in crate::command) manifest: Manifest,
    /// The names of all that is started: sources, processes and sinks.
    pub(in crate::command) names: Vec<String>,
    pub(in crate::command) counts: Counts,
    /// Told when nobody reads stdout any more, if a sink writes to it.
    pub(super) gone: Arc<ReaderGone>,
    pub(in crate::command) settings: Supervision,
    pub(super) channels: Channels,
    pub(in crate::command) prepared: PreparedSupervisor,
    pub(super) unread: Unread,
    pub(in crate::command) warnings: Vec<Warning>,
}

/// Reads and checks a manifest.
///
/// # Errors
/// When it cannot be read, or says something that is wrong.
pub(in crate::command) fn read(which: &WhichManifest) -> Result<Read> {
    let manifest = Manifest::read(which.source()?, &which.changes()?)?;
    let checked = manifest::check(&manifest).with_context(|| manifest.source.shown())?;
    Ok(Read { manifest, checked })
}

/// Loads the components, makes the channels, and prepares the processes.
///
/// # Errors
/// When a component cannot be loaded, or a process could not be started.
pub(in crate::command) async fn prepare(
    host: &Host,
    read: Read,
    how: How,
    progress: &Progress,
) -> Result<Ready> {
    let Read {
        manifest,
        mut checked,
    } = read;
    let wiring = std::mem::replace(&mut checked.wiring, Ok(()));
    let in_manifest = || manifest.source.shown();
    load(host, &manifest, progress)
        .await
        .with_context(in_manifest)?;
    let channels = Channels::open(host, &manifest, &checked, how.runs).await;
    let channels = channels.with_context(in_manifest)?;
    let settings = checked.supervision.clone().grace(how.grace);
    let warnings = advice::of(host, &manifest, &checked);
    let unread = Unread::new(&manifest, &checked, &channels);
    let parts = checked.parts(&manifest);
    let names = parts.iter().map(|part| part.name.to_owned()).collect();
    let counts = Counts::of(&checked);
    let gone = Arc::new(ReaderGone::new(checked.fills_stdout()));
    let how = children::How {
        format: how.format,
        anew: how.anew,
        gone: &gone,
    };
    let children = children::children(host, &manifest, checked, &channels, &how).await;
    let children = children.with_context(in_manifest)?;
    let prepared =
        Supervisor::prepare(host, settings.clone(), children).with_context(in_manifest)?;
    // After the processes: an end of the wrong kind is the cause, and is told first.
    wiring.with_context(in_manifest)?;
    Ok(Ready {
        manifest,
        names,
        counts,
        gone,
        settings,
        channels,
        prepared,
        unread,
        warnings,
    })
}

async fn load(host: &Host, manifest: &Manifest, progress: &Progress) -> Result<()> {
    for (name, component) in &manifest.components {
        let loading = progress.compiling(name);
        let path = manifest.folder.join(&component.file);
        let component = host.components().load_file(name, &path).await;
        let component = component.map_err(crate::command::not_loaded)?;
        loading.done(&component);
    }
    Ok(())
}

/// Says the warnings about channels.
pub(super) fn warn_of_channels(warnings: &[Warning]) {
    let about_channels = warnings.iter().filter(|it| it.is_about_a_channel());
    about_channels.for_each(|it| say::warning(&it.to_string()));
}

/// Says that a manifest is right, and the warnings about it. Returns the exit code.
pub(in crate::command) fn told(
    manifest: &Manifest,
    counts: Counts,
    warnings: &[Warning],
) -> Result<u8> {
    for warning in warnings {
        say::warning(&warning.to_string());
    }
    let of = [
        (manifest.components.len(), "component", "s"),
        (manifest.channels.len(), "channel", "s"),
    ];
    let of = of.map(|(count, what, plural)| counted(count, what, plural));
    Ok(crate::command::print(&format!(
        "{} is right: {}, {counts}\n",
        manifest.source.shown(),
        of.join(", ")
    )))
}

/// How many there are of what is started.
#[derive(Clone, Copy, Debug)]
pub(in crate::command) struct Counts {
    processes: usize,
    sources: usize,
    listeners: usize,
    sinks: usize,
}

impl Counts {
    fn of(checked: &Checked) -> Self {
        let listeners = checked.sources.iter().filter(|it| it.what.listens());
        let listeners = listeners.count();
        Self {
            processes: checked.processes.len(),
            sources: checked.sources.len() - listeners,
            listeners,
            sinks: checked.sinks.len(),
        }
    }

    /// All of them together.
    pub(in crate::command) fn all(self) -> usize {
        self.processes + self.sources + self.listeners + self.sinks
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edges = self.sources + self.listeners + self.sinks > 0;
        let all = [
            (self.processes, "process", "es"),
            (self.sources, "source", "s"),
            (self.listeners, "listener", "s"),
            (self.sinks, "sink", "s"),
        ];
        let shown = all
            .iter()
            .filter(|(count, what, _)| *count > 0 || (*what == "process" && !edges));
        let shown: Vec<_> = shown
            .map(|(count, what, plural)| counted(*count, what, plural))
            .collect();
        f.write_str(&shown.join(", "))
    }
}

fn counted(count: usize, what: &str, plural: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}{plural}"),
    }
}
