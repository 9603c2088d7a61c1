//! The checks of a manifest, before anything is loaded.

use super::argument::{End, EndKind, Given};
use super::delivery::Again;
use super::edge::{self, CheckedEdges, Edge, What};
use super::engine;
use super::format::{Backpressure, Channel, Manifest, Process, named};
use super::network;
use super::wiring;
use crate::durable::Engine;
use crate::network::Network;
use crate::setting;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::BTreeSet;
use weft_channel::Options;
use weft_host::{
    Capabilities, HostConfig, capability::Right, limits::LimitRequest, process::check_surroundings,
    supervise::Supervision,
};
use weft_net::serve::Requests;

/// A process entry, checked and parsed.
#[derive(Debug)]
pub(crate) struct CheckedProcess {
    pub(crate) arguments: Vec<(String, Given)>,
    pub(crate) capabilities: Capabilities,
    /// The rights among them that nothing but its ends of channels gives it.
    pub(crate) implied: BTreeSet<Right>,
    pub(crate) limits: LimitRequest,
    /// How frames come again after a restart, if they do.
    pub(crate) again: Option<Again>,
    /// The requests that it answers, if a route names it.
    pub(crate) requests: Option<Requests>,
}

impl CheckedProcess {
    /// Whether it reads a channel.
    pub(crate) fn reads(&self) -> bool {
        let is_reader =
            |given: &Given| matches!(given, Given::End(end) if end.kind == EndKind::Reader);
        self.arguments.iter().any(|(_, given)| is_reader(given))
    }
}

/// A channel entry, checked and parsed.
#[derive(Debug)]
pub(crate) struct CheckedChannel {
    pub(crate) options: Options,
    /// What keeps it, if not the host.
    pub(crate) engine: Option<Engine>,
}

/// A manifest, checked and parsed.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The stack size of every process in bytes, if not the default.
    pub(crate) stack: Option<usize>,
    /// The bound on a component file's size in bytes, if not the default.
    pub(crate) component_bytes: Option<u64>,
    /// What the network is like.
    pub(crate) network: Network,
    /// The supervision settings. The grace period is not part of a manifest.
    pub(crate) supervision: Supervision,
    /// In the order of the manifest's channels.
    pub(crate) channels: Vec<CheckedChannel>,
    /// In the order of its processes.
    pub(crate) processes: Vec<CheckedProcess>,
    /// Sources, and what listens.
    pub(crate) sources: Vec<Edge>,
    pub(crate) sinks: Vec<Edge>,
    /// What is wrong with the wiring. An end of the wrong kind may be the cause, which is known when the components are
    /// loaded.
    pub(crate) wiring: Result<()>,
}

/// Something that is started: a source, a process or a sink.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) name: &'a str,
    /// What it is made of, as lists of processes show it.
    pub(crate) component: &'a str,
    pub(crate) is_source: bool,
    /// The ends of channels that are held for it, with the names of its arguments.
    pub(crate) ends: Vec<(&'a str, &'a End)>,
}

impl<'a> Part<'a> {
    fn of_process(name: &'a str, process: &'a Process, checked: &'a CheckedProcess) -> Self {
        let arguments = checked
            .arguments
            .iter()
            .filter_map(|(name, given)| match given {
                Given::End(end) => Some((name.as_str(), end)),
                Given::Value(_) => None,
            });
        let rejected = checked
            .again
            .as_ref()
            .and_then(|again| again.rejected.as_ref());
        Self {
            name,
            component: &process.component,
            is_source: false,
            ends: arguments
                .chain(rejected.map(|end| ("rejected", end)))
                .collect(),
        }
    }

    fn of_edge(edge: &'a Edge) -> Self {
        Self {
            name: &edge.name,
            component: edge.what.kind(),
            is_source: edge.what.is_source(),
            ends: edge
                .ends
                .iter()
                .map(|(name, end)| (name.as_str(), end))
                .collect(),
        }
    }

    /// Whether it keeps this channel open.
    pub(crate) fn keeps_open(&self, channel: &str) -> bool {
        let mut ends = self.ends.iter().map(|(_, end)| end);
        ends.any(|end| end.channel == channel && end.keeps_open())
    }

    /// The channels that it has an end of this kind of.
    pub(crate) fn channels(&self, kind: EndKind) -> impl Iterator<Item = &'a str> {
        let ends = self.ends.iter().filter(move |(_, end)| end.kind == kind);
        ends.map(|(_, end)| end.channel.as_str())
    }
}

impl Checked {
    /// All that is started, in this order: sources, processes and sinks.
    pub(crate) fn parts<'a>(&'a self, manifest: &'a Manifest) -> Vec<Part<'a>> {
        let processes = manifest.processes.iter().zip(&self.processes);
        let processes =
            processes.map(|((name, process), checked)| Part::of_process(name, process, checked));
        let sources = self.sources.iter().map(Part::of_edge);
        let sinks = self.sinks.iter().map(Part::of_edge);
        sources.chain(processes).chain(sinks).collect()
    }

    /// Whether a server keeps this channel.
    pub(crate) fn is_durable(&self, manifest: &Manifest, channel: &str) -> bool {
        let at = manifest.channels.get_index_of(channel);
        let channel = at.and_then(|at| self.channels.get(at));
        channel.is_some_and(|channel| channel.engine.is_some())
    }

    /// Whether a source reads stdin.
    pub(crate) fn takes_stdin(&self) -> bool {
        self.sources
            .iter()
            .any(|edge| matches!(edge.what, What::Stdin(_)))
    }

    /// Whether a sink writes to stdout.
    pub(crate) fn fills_stdout(&self) -> bool {
        self.sinks
            .iter()
            .any(|edge| matches!(edge.what, What::Stdout(_)))
    }

    /// The configuration of a host for it, from that of one without a manifest.
    pub(crate) fn config(&self, usual: HostConfig) -> HostConfig {
        let stack = self.stack.unwrap_or(usual.stack);
        let component_bytes = self.component_bytes.unwrap_or(usual.max_component_bytes);
        usual
            .count_fuel(self.processes.iter().any(|p| p.limits.fuel.is_some()))
            .stack(stack)
            .max_component_bytes(component_bytes)
    }
}

/// Checks a manifest; the error names the part that is wrong and what would be right.
pub(crate) fn check(manifest: &Manifest) -> Result<Checked> {
    let channels = manifest.channels.iter().map(|(name, channel)| {
        check_name("channel", name)?;
        check_channel(manifest, name, channel).with_context(|| format!("channel `{name}`"))
    });
    let channels: Vec<CheckedChannel> = channels.collect::<Result<_>>()?;
    let CheckedEdges {
        sources,
        sinks,
        mut served,
    } = edge::check(manifest, &channels)?;
    if manifest.processes.is_empty() && sources.is_empty() && sinks.is_empty() {
        bail!("the manifest has no processes, no sources, nothing that listens and no sinks");
    }
    let processes = manifest
        .processes
        .iter()
        .map(|(name, process)| {
            check_name("process", name)?;
            let mut checked =
                check_process(manifest, process).with_context(|| named(&manifest.origins, name))?;
            checked.requests = served.remove(name);
            Ok(checked)
        })
        .collect::<Result<Vec<_>>>()?;
    let stack = manifest
        .host
        .stack
        .as_ref()
        .map(|size| setting::stack(&plain(size)).context("host: stack"));
    let component_bytes = manifest
        .host
        .component_bytes
        .as_ref()
        .map(|size| setting::component_bytes(&plain(size)).context("host: component-bytes"));
    let mut checked = Checked {
        network: network::check(manifest)?,
        supervision: manifest.supervision.check().context("supervision")?,
        stack: stack.transpose()?,
        component_bytes: component_bytes.transpose()?,
        channels,
        processes,
        sources,
        sinks,
        wiring: Ok(()),
    };
    let parts = checked.parts(manifest);
    wiring::check_places(manifest, &checked, &parts)?;
    checked.wiring = wiring::check(manifest, &checked, &parts);
    Ok(checked)
}

fn check_channel(manifest: &Manifest, name: &str, channel: &Channel) -> Result<CheckedChannel> {
    let capacity = capacity(&channel.capacity(), channel.is_durable()).context("capacity")?;
    let backpressure = match channel.backpressure {
        Backpressure::Block => weft_channel::Backpressure::Block,
        Backpressure::Drop => weft_channel::Backpressure::Drop,
    };
    let options = Options::new(capacity).backpressure(backpressure);
    Ok(CheckedChannel {
        options,
        engine: engine::check(&manifest.folder, name, channel, options)?,
    })
}

/// Checks a name: it appears on the screen, and people type it.
pub(super) fn check_name(part: &str, name: &str) -> Result<()> {
    match name.is_empty() || name.contains(char::is_control) {
        true => bail!("{name:?} is no name for a {part}"),
        false => Ok(()),
    }
}

/// Reads a capacity. What a server keeps need not fit into the memory here.
fn capacity(size: &toml::Value, is_durable: bool) -> Result<u64> {
    let read = match is_durable {
        true => setting::bytes,
        false => setting::in_memory,
    };
    let no_size = || anyhow!("{size} is no size; write it as 4096, \"64KiB\" or \"1MiB\"");
    let bytes = match size {
        toml::Value::Integer(number) if *number >= 0 => read(&number.to_string())?,
        toml::Value::String(text) => read(text)?,
        _ => return Err(no_size()),
    };
    if bytes == 0 {
        bail!("0 bytes hold no frame; give at least 1, such as \"256KiB\"");
    }
    Ok(bytes)
}

fn check_process(manifest: &Manifest, process: &Process) -> Result<CheckedProcess> {
    if !manifest.components.contains_key(&process.component) {
        let declared = names(manifest.components.keys());
        bail!(
            "there is no component `{}`; declared are: {declared}",
            process.component
        );
    }
    let arguments = process
        .args
        .iter()
        .map(|(name, value)| {
            let given = Given::read(value).with_context(|| format!("argument `{name}`"))?;
            if let Given::End(end) = &given {
                let declared = manifest.check_channel(&end.channel);
                declared.with_context(|| format!("argument `{name}`"))?;
            }
            Ok((name.clone(), given))
        })
        .collect::<Result<Vec<_>>>()?;

    let mut capabilities = Capabilities::none();
    for name in &process.capabilities {
        crate::extensions::grant(&mut capabilities, name)?;
    }
    let mut implied = BTreeSet::new();
    // The host moves the frames of a transform.
    if !process.is_transform() {
        let ends = arguments.iter().filter_map(|(_, given)| given.right());
        implied.extend(ends.filter(|right| capabilities.rights.insert(*right)));
    }
    capabilities.environment = process.env.clone().into_iter().collect();
    for entry in &process.mounts {
        if entry.host.as_os_str().is_empty() {
            let guest = &entry.guest;
            bail!("no folder is named for `{guest}`; for that of the manifest write host = \".\"");
        }
        let mount = setting::mount(
            manifest.folder.join(&entry.host),
            entry.guest.clone(),
            entry.writable,
        )?;
        capabilities.mounts.push(mount);
    }
    check_surroundings(&capabilities, &process.command_line)?;
    let mut limits = LimitRequest::default();
    for (name, value) in &process.limits {
        setting::limit(&mut limits, name, &plain(value))
            .with_context(|| format!("limits: `{name}`"))?;
    }
    let keeps_place = arguments
        .iter()
        .any(|(_, given)| matches!(given, Given::End(end) if end.place.name.is_some()));
    Ok(CheckedProcess {
        arguments,
        capabilities,
        implied,
        limits,
        again: Again::check(manifest, process, keeps_place)?,
        requests: None,
    })
}

/// The text of a string, or the value as it is written.
pub(super) fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

impl Manifest {
    /// Whether the channel is declared; an error if it is not.
    pub(super) fn check_channel(&self, channel: &str) -> Result<()> {
        if self.channels.contains_key(channel) {
            return Ok(());
        }
        let declared = names(self.channels.keys());
        bail!("there is no channel `{channel}`; declared are: {declared}")
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() {
        "none".into()
    } else {
        names.join(", ")
    }
}
