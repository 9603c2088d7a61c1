//! The sources, processes and sinks of a manifest, as children of a supervisor.

use super::{edges, flow};
use crate::cli::LogFormat;
use crate::manifest::{Again, Checked, CheckedProcess, End, EndKind, Given, Manifest, StdioEntry};
use crate::screen::logs::Streams;
use crate::screen::output::{self, ReaderGone, Stream};
use anyhow::{Context, Result, anyhow, bail};
use indexmap::IndexMap;
use std::collections::HashSet;
use std::sync::Arc;
use weft_channel::Channel;
use weft_host::{
    Argument, Arguments, Host, StartOptions,
    channel::{ReaderHandle, Redelivery},
    process::Stdio,
    supervise::{Anew, ChildSpec},
};
use weft_net::serve::Service;

/// Makes the channels, and registers their names with the host.
pub(super) fn channels(
    host: &Host,
    manifest: &Manifest,
    checked: &Checked,
) -> Result<IndexMap<String, Channel>> {
    manifest
        .channels
        .keys()
        .zip(&checked.channels)
        .map(|(name, options)| {
            let channel =
                Channel::new(*options).with_context(|| format!("channel `{name}`: capacity"))?;
            host.name_channel(name, &channel);
            Ok((name.clone(), channel))
        })
        .collect()
}

/// How children are made.
pub(super) struct How<'a> {
    pub(super) format: LogFormat,
    /// Whether a process that has failed for good can be started again.
    pub(super) anew: bool,
    /// Told when nobody reads stdout any more.
    pub(super) gone: &'a Arc<ReaderGone>,
}

/// Makes the children, with ends of these channels: sources, processes in the order of the manifest, and sinks.
pub(super) fn children(
    host: &Host,
    manifest: &Manifest,
    checked: Checked,
    channels: &IndexMap<String, Channel>,
    how: &How<'_>,
) -> Result<Vec<ChildSpec>> {
    let mut ranks = flow::ranks(&checked.parts(manifest)).into_iter();
    let edge = |edge, rank| edges::child(manifest, edge, channels, how.gone, rank);
    let mut children = Vec::new();
    for (source, rank) in checked.sources.into_iter().zip(&mut ranks) {
        children.push(edge(source, rank)?);
    }
    let of_processes = ranks.by_ref().take(checked.processes.len()).collect();
    children.extend(processes(
        host,
        manifest,
        checked.processes,
        of_processes,
        channels,
        how,
    )?);
    for (sink, rank) in checked.sinks.into_iter().zip(ranks) {
        children.push(edge(sink, rank)?);
    }
    Ok(children)
}

fn processes(
    host: &Host,
    manifest: &Manifest,
    checked: Vec<CheckedProcess>,
    ranks: Vec<u32>,
    channels: &IndexMap<String, Channel>,
    &How { format, anew, .. }: &How<'_>,
) -> Result<Vec<ChildSpec>> {
    let processes = manifest.processes.iter().zip(checked).zip(ranks);
    let children = processes.map(|(((name, process), checked), rank)| {
        let mut command_line = vec![process.component.clone()];
        command_line.extend(process.command_line.iter().cloned());
        let is_command = host
            .components()
            .get(&process.component)
            .and_then(|c| Some(c.entry_point(&process.entry_point).ok()?.is_command()));
        if is_command == Some(false) && command_line.len() > 1 {
            bail!("process `{name}`: only a command has a command-line; give this entry point's arguments in args");
        }
        let stdio = match process.stdio {
            StdioEntry::Log => Stdio::default(),
            StdioEntry::Inherit => Stdio::default()
                .stdout(Some(output::sink(Stream::Stdout)))
                .stderr((format != LogFormat::Json).then(|| output::sink(Stream::Stderr))),
        };
        if let Some(requests) = checked.requests {
            let loaded = host.components().get(&process.component);
            let fits = loaded.map_or(Ok(()), |loaded| Service::check(&loaded));
            fits.map_err(|lack| anyhow!("process `{name}`: {lack}"))?;
            let instance = StartOptions::new(process.component.clone())
                .name(name.clone())
                .capabilities(checked.capabilities)
                .limits(checked.limits);
            let service = Arc::new(Service::new(instance, requests));
            let start = StartOptions::native(name.clone(), service);
            return Ok(ChildSpec::new(name.clone(), start)
                .restart(process.restart.into())
                .stop_rank(rank));
        }
        let again = checked.again.as_ref();
        let given = Arguments::Named(arguments(&checked.arguments, again, channels)?);
        let start = StartOptions::new(process.component.clone())
            .name(name.clone())
            .entry_point(process.entry_point.clone())
            .capabilities(checked.capabilities)
            .limits(checked.limits)
            .stdio(stdio)
            .command_line(command_line);
        let given_anew = (checked.arguments, checked.again);
        let anew = anew.then(|| self::anew(start.clone(), given_anew, channels));
        Ok(ChildSpec::new(name.clone(), start.arguments(given))
            .restart(process.restart.into())
            .stop_rank(rank)
            .anew(anew))
    });
    children.collect()
}

/// How to start a child again: with new ends of its channels, if those are still open.
fn anew(
    start: StartOptions,
    (given, again): (Vec<(String, Given)>, Option<Again>),
    channels: &IndexMap<String, Channel>,
) -> Anew {
    let wanted = given.iter().filter_map(|(_, given)| match given {
        Given::End(end) => Some(&end.channel),
        Given::Value(_) => None,
    });
    let rejected = again.iter().filter_map(|again| again.rejected.as_ref());
    let wanted = wanted.chain(rejected.map(|end| &end.channel));
    let wanted: HashSet<&String> = wanted.collect();
    let channels = channels.iter().filter(|(name, _)| wanted.contains(name));
    let channels: IndexMap<String, Channel> = channels
        .map(|(name, channel)| (name.clone(), channel.clone()))
        .collect();
    Anew::new(move || {
        let arguments = arguments(&given, again.as_ref(), &channels);
        let arguments = arguments.map_err(|error| format!("{error:#}"))?;
        Ok(start.clone().arguments(Arguments::Named(arguments)))
    })
}

/// Says which streams of a process of this manifest are shown as entries of its log.
pub(super) fn streams(
    manifest: &Manifest,
    format: LogFormat,
) -> impl Fn(&str) -> Streams + Send + Sync + use<> {
    let processes = manifest.processes.iter();
    let connected = processes.filter(|(_, process)| process.stdio == StdioEntry::Inherit);
    let connected: HashSet<String> = connected.map(|(name, _)| name.clone()).collect();
    move |name| match connected.contains(name) {
        true => Streams::connected(format),
        false => Streams::SHOWN,
    }
}

fn arguments(
    given: &[(String, Given)],
    again: Option<&Again>,
    channels: &IndexMap<String, Channel>,
) -> Result<Vec<(String, Argument)>> {
    let redelivery = again.map(|again| redelivery(again, channels)).transpose()?;
    let arguments = given.iter().map(|(name, given)| {
        let argument = argument(given, redelivery.as_ref(), channels)?;
        Ok((name.clone(), argument))
    });
    arguments.collect()
}

fn redelivery(again: &Again, channels: &IndexMap<String, Channel>) -> Result<Redelivery> {
    let mut redelivery = Redelivery::default();
    if let Some(most) = again.max_deliveries {
        redelivery = redelivery.max_deliveries(most);
    }
    if let Some(End { channel: name, .. }) = &again.rejected {
        let channel = channels
            .get(name)
            .context("the manifest was checked for this")?;
        let writer = channel.strong_writer();
        let writer = writer.with_context(|| format!("the channel `{name}`"))?;
        redelivery = redelivery.rejected(Arc::new(writer));
    }
    Ok(redelivery)
}

fn argument(
    given: &Given,
    redelivery: Option<&Redelivery>,
    channels: &IndexMap<String, Channel>,
) -> Result<Argument> {
    let End {
        kind,
        channel: name,
        weak,
        grant: _,
    } = match given {
        Given::Value(argument) => return Ok(argument.clone()),
        Given::End(end) => end,
    };
    let channel = channels
        .get(name)
        .context("the manifest was checked for this")?;
    let ended = || format!("the channel `{name}`");
    Ok(match (kind, weak) {
        (EndKind::Reader, _) => {
            let reader = match weak {
                true => channel.weak_reader(),
                false => channel.strong_reader(),
            };
            Argument::Reader(match redelivery {
                Some(redelivery) => ReaderHandle::committed(reader, redelivery.clone()),
                None => reader.into(),
            })
        }
        (EndKind::Writer, false) => {
            let writer = channel.strong_writer().with_context(ended)?;
            Argument::Writer(writer.into())
        }
        (EndKind::Writer, true) => {
            let writer = channel.weak_writer().with_context(ended)?;
            Argument::Writer(writer.into())
        }
        (EndKind::Channel, _) => Argument::Channel(channel.clone().into()),
    })
}
