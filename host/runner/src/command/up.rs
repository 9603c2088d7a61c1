//! `weft up`: several components wired by channels.
//!
//! Everything is read, checked, loaded and prepared before the first process runs.
//! A process that fails ends nobody else by force: what it held is released, its
//! neighbours read end-of-channel or write on, and end by themselves.

use super::signal::Signals;
use crate::cli::UpArgs;
use crate::manifest::{self, Checked, End, EndKind, Given, Manifest, StdioEntry};
use crate::outcome::{self, SIGNAL_BASE};
use crate::screen::{logs, paint, progress::Progress, sink};
use crate::setting;
use anyhow::{Context, Result, bail};
use futures::stream::{FuturesUnordered, StreamExt};
use indexmap::IndexMap;
use tokio::time::Instant;
use weft_channel::Channel;
use weft_host::{
    Argument, Arguments, ExitStatus, Host, HostConfig, Prepared, Process, StartOptions, Stdin,
    Stdio,
};

/// Runs the manifest and returns the exit code of the first process that failed.
pub(crate) async fn up(args: UpArgs) -> Result<u8> {
    let manifest = Manifest::read(&args.manifest)?;
    let in_manifest = || format!("manifest `{}`", args.manifest.display());
    let mut checked = manifest::check(&manifest).with_context(in_manifest)?;
    let host = setting::host(HostConfig::default().max_processes, args.dense, args.grace)?;
    let progress = Progress::start();
    load(&host, &manifest, &progress)
        .await
        .with_context(in_manifest)?;
    let channels = channels(&manifest, &checked)?;
    let prepared =
        prepare(&host, &manifest, &mut checked, &channels, &progress).with_context(in_manifest)?;

    let mut signals = Signals::take(*args.grace.grace)?;
    progress.watch(&channels);
    // The processes hold the ends from here on; a channel by itself keeps nothing open.
    let mut logs = Vec::new();
    let mut processes = Vec::new();
    for (prepared, process) in prepared.into_iter().zip(manifest.processes.values()) {
        let streams = match process.stdio {
            StdioEntry::Inherit => logs::Streams::Skip,
            StdioEntry::Log => logs::Streams::Show,
        };
        logs.push(logs::follow(prepared.process(), &progress, streams));
        processes.push(prepared.launch());
    }
    let plural = if processes.len() == 1 { "" } else { "es" };
    progress.say(&format!("started {} process{plural}", processes.len()));

    let (failure, mut signal) = watch(&processes, &mut signals, &progress).await;
    // Children that nobody waits for end with the command.
    signal = signal.or(signals.wind_down(&host).await);
    for log in logs {
        let _ = log.await;
    }
    progress.summary(&channels);
    progress.finish();
    for process in &processes {
        if let Some(status) = process.status().filter(|status| !status.is_success()) {
            paint::ended(process.name(), &status);
        }
    }
    Ok(signal.map_or(failure, |signal| SIGNAL_BASE + signal))
}

async fn load(host: &Host, manifest: &Manifest, progress: &Progress) -> Result<()> {
    for (name, path) in &manifest.components {
        let _shown = progress.compiling(name);
        let path = manifest.folder.join(path);
        host.components().load_file(name, &path).await?;
    }
    Ok(())
}

fn channels(manifest: &Manifest, checked: &Checked) -> Result<IndexMap<String, Channel>> {
    manifest
        .channels
        .keys()
        .zip(&checked.channels)
        .map(|(name, options)| {
            let channel =
                Channel::new(*options).with_context(|| format!("channel `{name}`: capacity"))?;
            Ok((name.clone(), channel))
        })
        .collect()
}

fn prepare(
    host: &Host,
    manifest: &Manifest,
    checked: &mut Checked,
    channels: &IndexMap<String, Channel>,
    progress: &Progress,
) -> Result<Vec<Prepared>> {
    manifest
        .processes
        .iter()
        .zip(checked.processes.drain(..))
        .map(|((name, process), checked)| {
            let arguments = checked
                .arguments
                .into_iter()
                .map(|(name, given)| Ok((name, argument(given, channels)?)))
                .collect::<Result<_>>()?;
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
                StdioEntry::Inherit => Stdio {
                    stdin: Stdin::Closed,
                    stdout: Some(sink::stdout(progress)),
                    stderr: Some(sink::stderr(progress)),
                },
            };
            host.prepare(StartOptions {
                component: process.component.clone(),
                name: name.clone(),
                entry_point: process.entry_point.clone(),
                arguments: Arguments::Named(arguments),
                capabilities: checked.capabilities,
                limits: checked.limits,
                stdio,
                command_line,
                ..StartOptions::default()
            })
            .with_context(|| format!("process `{name}`"))
        })
        .collect()
}

fn argument(given: Given, channels: &IndexMap<String, Channel>) -> Result<Argument> {
    let End {
        kind,
        channel,
        weak,
    } = match given {
        Given::Value(argument) => return Ok(argument),
        Given::End(end) => end,
    };
    let channel = channels
        .get(&channel)
        .context("the manifest was checked for this")?;
    Ok(match (kind, weak) {
        (EndKind::Reader, false) => Argument::Reader(channel.strong_reader().into()),
        (EndKind::Reader, true) => Argument::Reader(channel.weak_reader().into()),
        (EndKind::Writer, false) => Argument::Writer(channel.strong_writer()?.into()),
        (EndKind::Writer, true) => Argument::Writer(channel.weak_writer()?.into()),
        (EndKind::Channel, _) => Argument::Channel(channel.clone().into()),
    })
}

/// Waits until all have ended, or until a signal has ended them. Returns the exit
/// code of the first failure and the signal.
async fn watch(
    processes: &[Process],
    signals: &mut Signals,
    progress: &Progress,
) -> (u8, Option<u8>) {
    let mut failure = 0;
    let mut left: Vec<&Process> = processes.iter().collect();
    let mut note = |process: &Process, status: ExitStatus| {
        progress.say(&format!("{} {status}", process.name()));
        if failure == 0 {
            failure = outcome::code(&status);
        }
    };
    let mut running: FuturesUnordered<_> = processes
        .iter()
        .map(|process| async move { (process, process.wait().await) })
        .collect();
    let signal = loop {
        tokio::select! {
            ended = running.next() => match ended {
                Some((process, status)) => {
                    left.retain(|other| other.id() != process.id());
                    note(process, status);
                }
                None => break None,
            },
            signal = signals.next() => break Some(signal),
        }
    };
    if signal.is_some() {
        progress.say("stopping");
        // In the order of the manifest: one that ends closes its writers, so those
        // after it can finish what is there. The grace is for all together.
        let deadline = Instant::now() + signals.grace();
        for process in left {
            let grace = deadline.saturating_duration_since(Instant::now());
            let status = tokio::select! {
                status = process.stop(grace) => status,
                // A second signal means: now.
                _ = signals.next() => {
                    processes.iter().for_each(Process::kill);
                    process.wait().await
                }
            };
            note(process, status);
        }
    }
    (failure, signal)
}
