//! The sources, processes and sinks of a manifest, as children of a supervisor.

use super::ends::{Channels, Counts};
use super::{edges, flow};
use crate::cli::LogFormat;
use crate::manifest::{
    Again, Checked, CheckedProcess, End, EndKind, Given, Manifest, Process, StdioEntry,
};
use crate::screen::logs::Streams;
use crate::screen::output::{self, ReaderGone, Stream};
use anyhow::{Result, anyhow, bail};
use std::collections::HashSet;
use std::sync::Arc;
use weft_host::{
    Argument, Arguments, Host, StartOptions,
    channel::Redelivery,
    process::Stdio,
    supervise::{Anew, ChildSpec},
};
use weft_net::serve::{Requests, Service};

/// How children are made.
pub(super) struct How<'a> {
    pub(super) format: LogFormat,
    /// Whether a process that has failed for good can be started again.
    pub(super) anew: bool,
    /// Told when nobody reads stdout any more.
    pub(super) gone: &'a Arc<ReaderGone>,
}

/// Makes the children, with ends of these channels: sources, processes in the order of the manifest, and sinks.
pub(super) async fn children(
    host: &Host,
    manifest: &Manifest,
    checked: Checked,
    channels: &Channels,
    how: &How<'_>,
) -> Result<Vec<ChildSpec>> {
    let mut ranks = flow::ranks(&checked.parts(manifest)).into_iter();
    let edge = |edge, rank| edges::child(manifest, edge, channels, how.gone, rank);
    let mut children = Vec::new();
    for (source, rank) in checked.sources.into_iter().zip(&mut ranks) {
        children.push(edge(source, rank).await?);
    }
    let processes = manifest.processes.iter().zip(checked.processes);
    for (((name, process), checked), rank) in processes.zip(&mut ranks) {
        let of = Of {
            host,
            name,
            process,
            rank,
        };
        children.push(of.child(checked, channels, how).await?);
    }
    for (sink, rank) in checked.sinks.into_iter().zip(ranks) {
        children.push(edge(sink, rank).await?);
    }
    Ok(children)
}

/// A process of the manifest.
struct Of<'a> {
    host: &'a Host,
    name: &'a String,
    process: &'a Process,
    rank: u32,
}

impl Of<'_> {
    async fn child(
        &self,
        mut checked: CheckedProcess,
        channels: &Channels,
        &How { format, anew, .. }: &How<'_>,
    ) -> Result<ChildSpec> {
        let Self { name, process, .. } = self;
        if let Some(requests) = checked.requests.take() {
            return self.service(checked, requests);
        }
        let stdio = match process.stdio {
            StdioEntry::Log => Stdio::default(),
            StdioEntry::Inherit => Stdio::default()
                .stdout(Some(output::sink(Stream::Stdout)))
                .stderr((format != LogFormat::Json).then(|| output::sink(Stream::Stderr))),
        };
        let start = StartOptions::new(process.component.clone())
            .name((*name).clone())
            .entry_point(process.entry_point.clone())
            .capabilities(checked.capabilities)
            .limits(checked.limits)
            .stdio(stdio)
            .command_line(self.command_line()?);
        let given = GivenArguments {
            arguments: checked.arguments,
            again: checked.again,
            once: process.is_read_once(),
        };
        let arguments = given.open(channels).await?;
        let anew = anew.then(|| self::anew(start.clone(), given, channels));
        Ok(ChildSpec::new((*name).clone(), start.arguments(arguments))
            .restart(process.restart.into())
            .stop_rank(self.rank)
            .anew(anew))
    }

    fn command_line(&self) -> Result<Vec<String>> {
        let process = self.process;
        let mut command_line = vec![process.component.clone()];
        command_line.extend(process.command_line.iter().cloned());
        let component = self.host.components().get(&process.component);
        let is_command =
            component.and_then(|c| Some(c.entry_point(&process.entry_point).ok()?.is_command()));
        if is_command == Some(false) && command_line.len() > 1 {
            bail!(
                "process `{}`: only a command has a command-line; give this entry point's arguments in args",
                self.name
            );
        }
        Ok(command_line)
    }

    /// A process that answers requests.
    fn service(&self, checked: CheckedProcess, requests: Requests) -> Result<ChildSpec> {
        let Self { name, process, .. } = self;
        let loaded = self.host.components().get(&process.component);
        let fits = loaded.map_or(Ok(()), |loaded| Service::check(&loaded));
        fits.map_err(|lack| anyhow!("process `{name}`: {lack}"))?;
        let instance = StartOptions::new(process.component.clone())
            .name((*name).clone())
            .capabilities(checked.capabilities)
            .limits(checked.limits);
        let service = Arc::new(Service::new(instance, requests));
        let start = StartOptions::native((*name).clone(), service);
        Ok(ChildSpec::new((*name).clone(), start)
            .restart(process.restart.into())
            .stop_rank(self.rank))
    }
}

/// How to start a child again: with new ends of its channels, if those are still open.
fn anew(start: StartOptions, given: GivenArguments, channels: &Channels) -> Anew {
    let wanted = given.ends().map(|end| &end.channel);
    let channels = channels.only(wanted);
    let given = Arc::new(given);
    Anew::new(move || {
        let (start, given, channels) = (start.clone(), given.clone(), channels.clone());
        async move {
            let arguments = given.open(&channels).await;
            let arguments = arguments.map_err(|error| format!("{error:#}"))?;
            Ok(start.arguments(arguments))
        }
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

/// The arguments of a process, as the manifest gives them.
struct GivenArguments {
    arguments: Vec<(String, Given)>,
    again: Option<Again>,
    /// Whether a frame counts as read once it is handed out.
    once: bool,
}

impl GivenArguments {
    fn ends(&self) -> impl Iterator<Item = &End> {
        let arguments = self.arguments.iter().filter_map(|(_, given)| match given {
            Given::End(end) => Some(end),
            Given::Value(_) => None,
        });
        let rejected = self
            .again
            .iter()
            .filter_map(|again| again.rejected.as_ref());
        arguments.chain(rejected)
    }

    /// Opens the ends.
    async fn open(&self, channels: &Channels) -> Result<Arguments> {
        let counts = match &self.again {
            Some(again) => Counts::Finished(Some(redelivery(again, channels).await?)),
            None if self.once => Counts::AtOnce,
            None => Counts::Finished(None),
        };
        let mut arguments = Vec::new();
        for (name, given) in &self.arguments {
            let argument = match given {
                Given::Value(argument) => argument.clone(),
                Given::End(end) => match end.kind {
                    EndKind::Reader => {
                        Argument::Reader(channels.reader(end, counts.clone()).await?)
                    }
                    EndKind::Writer => Argument::Writer(channels.writer(end).await?.into()),
                    EndKind::Channel => Argument::Channel(channels.channel(end)?.into()),
                },
            };
            arguments.push((name.clone(), argument));
        }
        Ok(Arguments::Named(arguments))
    }
}

async fn redelivery(again: &Again, channels: &Channels) -> Result<Redelivery> {
    let mut redelivery = Redelivery::default();
    if let Some(most) = again.max_deliveries {
        redelivery = redelivery.max_deliveries(most);
    }
    if let Some(end) = &again.rejected {
        let writer = channels.writer(end).await?;
        redelivery = redelivery.rejected(Arc::new(writer));
    }
    Ok(redelivery)
}
