//! The checks of sources and sinks, before anything is loaded.

use super::format::{From, OnErrorEntry, SinkEntry, SourceEntry, To};
use super::keys::{NATS, check_source, of_use, one_of, schedule, size_of, time_of};
use super::{Edge, Nats, What};
use crate::manifest::argument::{End, EndKind};
use crate::manifest::check::{CheckedChannel, check_name};
use crate::manifest::format::{Manifest, StdioEntry, named as named_process};
use crate::manifest::place::{Place, ReadEntry};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use weft_net::OnError;
use weft_net::serve::Requests;
use weft_net::sink::{INPUT, Outflow, Rotation};
use weft_net::source::{Intake, OUTPUT, REJECTED};

/// The names that sources and sinks have which a channel declares in short.
const STDIN: &str = "stdin";
const STDOUT: &str = "stdout";

/// The requests of processes that answer some, by their names.
pub(crate) type Served = BTreeMap<String, Requests>;

/// What the checks make of a manifest's edges.
pub(in crate::manifest) struct CheckedEdges {
    /// Sources, and what listens.
    pub(in crate::manifest) sources: Vec<Edge>,
    pub(in crate::manifest) sinks: Vec<Edge>,
    pub(in crate::manifest) served: Served,
}

/// Checks the sources and sinks of a manifest. `channels` are its channels, in its order.
pub(in crate::manifest) fn check(
    manifest: &Manifest,
    channels: &[CheckedChannel],
) -> Result<CheckedEdges> {
    let checking = Checking {
        manifest,
        channels,
        served: served(manifest)?,
    };
    let (mut sources, mut sinks) = (Vec::new(), Vec::new());
    for (name, channel) in &manifest.channels {
        let of = || format!("channel `{name}`");
        if let Some(From::Stdin) = channel.from {
            let entry = SourceEntry {
                channel: Some(name.clone()),
                stdin: true,
                ..SourceEntry::default()
            };
            sources.push(checking.source(STDIN, &entry).with_context(of)?);
        }
        if let Some(To::Stdout) = channel.to {
            let entry = SinkEntry {
                channel: Some(ReadEntry::of(name)),
                stdout: true,
                ..SinkEntry::default()
            };
            sinks.push(checking.sink(STDOUT, &entry).with_context(of)?);
        }
    }
    for (name, entry) in &manifest.sources {
        check_name("source", name)?;
        let source = checking.source(name, entry);
        sources.push(source.with_context(|| format!("source `{name}`"))?);
    }
    for (name, entry) in &manifest.http {
        check_name("listener", name)?;
        let listener = checking.http(name, entry);
        sources.push(listener.with_context(|| format!("http `{name}`"))?);
    }
    for (name, entry) in &manifest.sinks {
        check_name("sink", name)?;
        let sink = checking.sink(name, entry);
        sinks.push(sink.with_context(|| format!("sink `{name}`"))?);
    }
    check_streams(manifest, &sources, &sinks)?;
    check_names(manifest, &sources, &sinks)?;
    check_unserved(manifest, &checking.served)?;
    Ok(CheckedEdges {
        sources,
        sinks,
        served: checking.served,
    })
}

/// Checks that what says how it is served is named by a route.
fn check_unserved(manifest: &Manifest, served: &Served) -> Result<()> {
    let mut processes = manifest.processes.iter();
    let idle = processes.find(|(name, it)| it.serve.is_some() && !served.contains_key(*name));
    match idle {
        Some((name, _)) => bail!(
            "{}: `serve` is for what answers requests, and no route names it; write \"/*\" = {{ process = \"{name}\" }} under http.NAME.routes",
            named_process(&manifest.origins, name)
        ),
        None => Ok(()),
    }
}

/// The processes that routes name, and how each is run.
fn served(manifest: &Manifest) -> Result<Served> {
    let routes = manifest.http.values().flat_map(|it| it.routes.values());
    let named: BTreeSet<&String> = routes.filter_map(|it| it.process.as_ref()).collect();
    let mut served = Served::new();
    for (name, process) in &manifest.processes {
        let of = || named_process(&manifest.origins, name);
        if !named.contains(name) {
            continue;
        }
        if let Some(key) = process.of_no_use_to_a_service() {
            bail!(
                "{}: a route names it, so it is called for each request, and `{key}` is of no use",
                of()
            );
        }
        let settings = process.serve.clone().unwrap_or_default().check();
        let settings = settings.context("serve").with_context(of)?;
        served.insert(name.clone(), Requests::new(settings));
    }
    Ok(served)
}

/// Each has a name of its own, by which it is found and stopped.
fn check_names(manifest: &Manifest, sources: &[Edge], sinks: &[Edge]) -> Result<()> {
    let mut names: BTreeSet<&str> = manifest.processes.keys().map(String::as_str).collect();
    let all = || sources.iter().chain(sinks);
    for Edge { name, .. } in all() {
        if names.insert(name) {
            continue;
        }
        // It may be either of the two.
        let of_channel = all().filter(|edge| edge.name == *name);
        let mut of_channel = of_channel.filter_map(|edge| match edge.what {
            What::Stdin(_) if name == STDIN => {
                Some("; a channel with `from = \"stdin\"` has a source of this name")
            }
            What::Stdout(_) if name == STDOUT => {
                Some("; a channel with `to = \"stdout\"` has a sink of this name")
            }
            _ => None,
        });
        let of_channel = of_channel.next().unwrap_or_default();
        bail!(
            "`{name}` is the name of two parts; processes, sources, listeners and sinks each need a name of their own{of_channel}"
        );
    }
    Ok(())
}

/// Stdin has one reader, and stdout one writer.
fn check_streams(manifest: &Manifest, sources: &[Edge], sinks: &[Edge]) -> Result<()> {
    let of_stdin = |edge: &&Edge| matches!(edge.what, What::Stdin(_));
    let of_stdout = |edge: &&Edge| matches!(edge.what, What::Stdout(_));
    if sources.iter().filter(of_stdin).count() > 1 {
        bail!("stdin is read by one source");
    }
    if sinks.iter().filter(of_stdout).count() > 1 {
        bail!("stdout is written to by one sink");
    }
    if sources.iter().any(|edge| of_stdin(&edge)) && manifest.source.file().is_none() {
        bail!(
            "the manifest itself is from stdin, so no source can read it; name the manifest's file"
        );
    }
    let inherits = manifest
        .processes
        .iter()
        .find(|(_, it)| it.stdio == StdioEntry::Inherit);
    if let (Some((process, _)), true) = (inherits, sinks.iter().any(|edge| of_stdout(&edge))) {
        bail!(
            "process `{process}`: stdio = \"inherit\" writes to stdout, and so does a sink; leave out one of them"
        );
    }
    Ok(())
}

pub(super) struct Checking<'a> {
    manifest: &'a Manifest,
    channels: &'a [CheckedChannel],
    /// The requests of each process that answers some, by its name.
    served: Served,
}

impl Checking<'_> {
    /// The end of a channel that an edge is given.
    pub(super) fn end(&self, kind: EndKind, channel: &str) -> Result<End> {
        self.manifest.check_channel(channel)?;
        Ok(End::held(kind, channel.to_owned()))
    }

    /// The requests of a process that a route names.
    pub(super) fn requests(&self, process: &str) -> Result<Requests> {
        let known = self.served.get(process).cloned();
        known.with_context(|| {
            let declared: Vec<&str> = self.manifest.processes.keys().map(String::as_str).collect();
            let declared = match declared.is_empty() {
                true => "none".to_owned(),
                false => declared.join(", "),
            };
            format!("there is no process `{process}`; declared are: {declared}")
        })
    }

    /// The channel that an edge names.
    fn channel<'e>(&self, channel: Option<&'e String>, what: &str) -> Result<&'e str> {
        let channel = channel.with_context(|| {
            format!("nothing says which channel it {what}; write channel = \"NAME\"")
        })?;
        self.manifest.check_channel(channel).context("channel")?;
        Ok(channel)
    }

    /// Bytes that a channel retains.
    pub(super) fn capacity(&self, channel: &str) -> usize {
        let at = self.manifest.channels.get_index_of(channel);
        let channel = at.and_then(|at| self.channels.get(at));
        let capacity = channel.map_or(1, |channel| channel.options.capacity);
        usize::try_from(capacity).unwrap_or(usize::MAX)
    }

    /// What is done about errors, and the end that this needs.
    fn on_error(&self, entry: Option<&OnErrorEntry>) -> Result<(OnError, Option<End>)> {
        Ok(match entry {
            None => (OnError::default(), None),
            Some(OnErrorEntry::Skip) => (OnError::Skip, None),
            Some(OnErrorEntry::Stop) => (OnError::Stop, None),
            Some(OnErrorEntry::Channel(channel)) => {
                let end = self.end(EndKind::Writer, channel).context("on-error")?;
                (OnError::Channel, Some(end))
            }
        })
    }

    pub(super) fn path(&self, path: &Path) -> Result<std::path::PathBuf> {
        if path.as_os_str().is_empty() {
            bail!("no file is named");
        }
        Ok(self.manifest.folder.join(path))
    }

    fn source(&self, name: &str, entry: &SourceEntry) -> Result<Edge> {
        let channel = self.channel(entry.channel.as_ref(), "writes to")?;
        check_source(entry)?;
        let (on_error, rejected) = self.on_error(entry.on_error.as_ref())?;
        let max_frame = entry
            .max_frame
            .as_ref()
            .map(|size| size_of(size).context("max-frame"));
        let max_frame = max_frame.transpose()?;
        let max_frame = max_frame.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        let intake = Intake::new(self.capacity(channel))
            .framing(entry.frames.map(Into::into).unwrap_or_default())
            .max_frame(max_frame)
            .on_error(on_error);
        let what = match (&entry.file, entry.follow) {
            (Some(file), true) => {
                let state = entry
                    .state
                    .as_deref()
                    .map(|state| self.path(state).context("state"));
                let begin = entry.begin.map(Into::into).unwrap_or_default();
                What::Follow(
                    self.path(file).context("file")?,
                    begin,
                    state.transpose()?,
                    intake,
                )
            }
            (Some(file), false) => What::File(self.path(file).context("file")?, intake),
            (None, _) if entry.stdin => What::Stdin(intake),
            (None, _) => match &entry.nats {
                Some(nats) => {
                    let folder = &self.manifest.folder;
                    What::Nats(Nats::source(folder, name, nats, entry, intake)?)
                }
                None => What::Ticks(schedule(entry)?),
            },
        };
        let end = (OUTPUT, self.end(EndKind::Writer, channel)?);
        Ok(Edge {
            name: name.to_owned(),
            restart: entry.restart,
            ends: with_rejected(end, rejected),
            what,
        })
    }

    fn sink(&self, name: &str, entry: &SinkEntry) -> Result<Edge> {
        let (channel, place) = match &entry.channel {
            Some(channel) => channel.check().context("channel")?,
            None => (String::new(), Place::default()),
        };
        let named = entry.channel.is_some().then_some(&channel);
        let channel = self.channel(named, "reads")?;
        let kinds = [
            ("file", entry.file.is_some()),
            ("stdout", entry.stdout),
            ("nats", entry.nats.is_some()),
        ];
        let kind = one_of(
            &kinds,
            "write file = \"FILE\", stdout = true or nats = \"nats://HOST:4222\"",
        )?;
        let given = [
            ("fsync", entry.fsync.is_some(), &["file"][..]),
            ("rotate-bytes", entry.rotate_bytes.is_some(), &["file"]),
            ("rotate-every", entry.rotate_every.is_some(), &["file"]),
            ("keep", entry.keep.is_some(), &["file"]),
            ("frames", entry.frames.is_some(), &["file", "stdout"]),
            ("subject", entry.subject.is_some(), NATS),
            ("stream", entry.stream.is_some(), NATS),
            ("credentials", entry.credentials.is_some(), NATS),
            ("tls", entry.tls.is_some(), NATS),
        ];
        of_use(&given, kind)?;
        if entry.keep.is_some() && entry.rotate_bytes.is_none() && entry.rotate_every.is_none() {
            bail!("`keep` is of no use without rotate-bytes or rotate-every");
        }
        let (on_error, rejected) = self.on_error(entry.on_error.as_ref())?;
        let outflow = Outflow {
            framing: entry.frames.map(Into::into).unwrap_or_default(),
            on_error,
        };
        let what = match &entry.file {
            None => match &entry.nats {
                Some(nats) => What::Nats(Nats::sink(&self.manifest.folder, nats, entry, outflow)?),
                None => What::Stdout(outflow),
            },
            Some(file) => {
                let bytes = entry
                    .rotate_bytes
                    .as_ref()
                    .map(|size| size_of(size).context("rotate-bytes"));
                let age = entry
                    .rotate_every
                    .as_ref()
                    .map(|time| time_of(time).context("rotate-every"));
                let usual = Rotation::default();
                let rotation = Rotation {
                    bytes: bytes.transpose()?,
                    age: age.transpose()?,
                    keep: entry.keep.unwrap_or(usual.keep),
                };
                let fsync = entry.fsync.map(Into::into).unwrap_or_default();
                What::Append(self.path(file).context("file")?, outflow, rotation, fsync)
            }
        };
        let mut end = self.end(EndKind::Reader, channel)?;
        end.place = place;
        let end = (INPUT, end);
        Ok(Edge {
            name: name.to_owned(),
            restart: entry.restart,
            ends: with_rejected(end, rejected),
            what,
        })
    }
}

/// An end by the name of its argument, and the one for what is rejected.
fn with_rejected((name, end): (&str, End), rejected: Option<End>) -> Vec<(String, End)> {
    let mut ends = vec![(name.to_owned(), end)];
    ends.extend(rejected.map(|end| (REJECTED.to_owned(), end)));
    ends
}
