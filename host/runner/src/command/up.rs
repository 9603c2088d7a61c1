//! `weft up`: several components wired by channels.
//!
//! ```text
//! up/ready     everything before the start: the manifest is read, checked, loaded and prepared
//! up/advice    what is allowed, and likely a mistake
//! up/children  the processes of the manifest, as children of a supervisor
//! up/ends      its channels, and how ends of them are opened
//! up/edges     its sources and sinks, as such children too
//! up/flow      the order in which they are stopped
//! up/unread    channels that nobody reads any more
//! up/detached  a runner in the background; up/kept is its log file
//! up/report    starts and ends: on the screen, and as an exit code
//! up/socket    the control socket, for other commands
//! up/watch     reloads when a component's file changes
//! ```
//!
//! Everything is read, checked, loaded and prepared before the first process runs. A process that fails does not kill
//! the others, unless the manifest says so. Its handles are dropped, so its neighbours read end-of-channel or write on,
//! and end by themselves.

mod advice;
mod children;
mod detached;
mod edges;
mod ends;
mod flow;
mod kept;
pub(super) mod ready;
mod report;
mod socket;
mod unread;
mod watch;

pub(crate) use detached::begin as begin_session;

use super::dev::Builder;
use super::signal::Signals;
use crate::cli::UpArgs;
use crate::manifest::Checked;
use crate::outcome::{self, SIGNAL_BASE};
use crate::screen::logs::Logs;
use crate::screen::output::{self, ReaderGone};
use crate::screen::progress::Progress;
use crate::setting;
use crate::telemetry::Telemetry;
use anyhow::{Result, bail};
use detached::{Begun, Detached};
use ends::Channels;
use ready::{How, Read, Ready};
use report::Report;
use std::sync::Arc;
use std::time::Duration;
use unread::Unread;
use watch::Watch;
use weft_control::{Opened, Roster, Runner, Server};
use weft_host::{
    Host, HostConfig,
    supervise::{Outcome, Supervisor},
};
use weft_service::Service;

/// Runs the manifest and returns the exit code of the first process that failed for good.
pub(crate) async fn up(args: UpArgs, is_detached: bool) -> Result<u8> {
    if args.detach && !is_detached && !args.dry_run {
        return detached::start(&args);
    }
    let read = ready::read(&args.which)?;
    if args.build {
        super::build::run(&read.manifest)?;
    }
    if is_detached && (read.checked.takes_stdin() || read.checked.fills_stdout()) {
        bail!(
            "--detach: a runner in the background has no stdin and no stdout, and the manifest has a source or a sink for one; use files"
        );
    }
    let beside = Beside {
        builder: None,
        is_detached,
    };
    Ok(run(&args, read, beside, &mut None).await?.code)
}

/// What a run has beside what the command line says.
pub(super) struct Beside {
    /// What builds components again.
    pub(super) builder: Option<Builder>,
    /// Whether it is in the background.
    pub(super) is_detached: bool,
}

/// How a run has ended.
pub(super) struct Ended {
    /// The exit code.
    pub(super) code: u8,
    /// Whether a signal asked for it.
    pub(super) signal: bool,
}

impl Ended {
    /// With this code, unless a signal asked for it.
    fn with(code: u8, signal: Option<u8>) -> Self {
        Self {
            code: signal.map_or(code, |signal| SIGNAL_BASE + signal),
            signal: signal.is_some(),
        }
    }

    /// As nobody reads stdout any more: as a program that a signal has ended.
    fn unread(signal: Option<u8>) -> Self {
        Self {
            signal: true,
            ..Self::with(outcome::UNREAD, signal)
        }
    }
}

/// The signals, which are held back from here on.
fn taken(held: &mut Option<Signals>, grace: Duration) -> Result<&mut Signals> {
    let signals = match held {
        Some(held) => held,
        None => held.insert(Signals::take(grace)?),
    };
    signals.hold();
    Ok(signals)
}

/// Runs a manifest that was read. `held` are the signals, if they were taken over before, and afterwards in any case.
pub(super) async fn run(
    args: &UpArgs,
    read: Read,
    beside: Beside,
    held: &mut Option<Signals>,
) -> Result<Ended> {
    let options = &args.runner;
    let service = Service::start()?;
    let telemetry = Telemetry::prepare(&options.telemetry, &service).await?;
    let host = host(args, &read.checked, telemetry.is_wanted())?;
    let progress = Progress::start();
    let watch = || Watch::new(&host, &read.manifest, &read.checked);
    let watch = args.watch.then(watch);
    let Ready {
        manifest,
        names,
        counts,
        gone,
        settings,
        channels,
        prepared,
        unread,
        warnings,
    } = ready::prepare(&host, read, how(args), &progress).await?;
    if args.dry_run {
        return ready::told(&manifest, counts, &warnings).map(|code| Ended::with(code, None));
    }
    ready::warn_of_channels(&warnings);
    let report = Report::new(&names, &settings, &gone, &progress);
    let streams = children::streams(&manifest, options.logs.log_format);
    let logs = Logs::new(&options.logs, &progress, streams);
    let name = manifest.source.runner();
    let roster = Arc::new(Roster::new(name.clone(), &host, &names));
    let following = logs.watch(&host);
    let signals = taken(held, options.grace.grace)?;
    let socket = socket::open(options.control.control.as_deref(), &name, &service).await?;
    progress.watch(&host, &service);
    let observing = roster.observe();
    let (noting, losing, mut showing) = (roster.clone(), unread.clone(), report.observer(&logs));
    let (begun, beginning) = Begun::of(counts.all());
    let telemetry = telemetry.start(&host, channels.servers(), &service);
    let begin = || Detached::begin(&name, socket.is_some(), &service);
    let detached = beside.is_detached.then(begin).transpose()?;
    // Report the start before launching, since the processes may write at once. Nothing can fail from here on.
    progress.say(&format!("started {counts}"));
    // From here on the children hold the ends of the channels. A channel alone keeps nothing open.
    let supervisor = prepared.launch(move |event| {
        noting.tell(&event);
        losing.tell(&event);
        begun.tell(&event);
        showing(event);
    });
    let serve = |socket| serve(socket, roster, &supervisor, signals.grace(), &service);
    let server = socket.map(serve);
    detached::started(detached, beginning).await;
    let watching = watch.map(|watch| watch.start(beside.builder, &host, &supervisor, &progress));

    let (outcome, signal) = until_ended(&supervisor, signals, &progress, &unread, &gone).await;
    watch::end(watching).await;
    // Orphaned children end with the command.
    let signal = signal.or(signals.wind_down(&host).await);
    if let Some(server) = server {
        server.finish().await;
    }
    drop((observing, following));
    logs.shown().await;
    telemetry.finish().await;
    output::settle();
    if !gone.is_set() {
        progress.summary(&host, &unread.finish());
    }
    // Keep the channels until the summary has reported what went through them.
    let_go(channels, signals).await;
    progress.finish();
    if gone.is_set() {
        return Ok(Ended::unread(signal));
    }
    report.failures(&outcome, &logs);
    Ok(Ended::with(report::code(&outcome), signal))
}

/// Waits until servers know what became of the ends of their channels, or somebody is impatient.
async fn let_go(channels: Channels, signals: &mut Signals) {
    tokio::select! {
        () = channels.close() => {}
        _ = signals.next() => {}
    }
}

/// Serves the control socket.
fn serve(
    socket: Opened,
    roster: Arc<Roster>,
    supervisor: &Supervisor,
    grace: Duration,
    service: &Service,
) -> Server {
    let runner = Runner::new(roster, grace).supervisor(supervisor.clone());
    Server::start(socket, runner, service)
}

fn how(args: &UpArgs) -> How {
    How {
        grace: args.runner.grace.grace,
        format: args.runner.logs.log_format,
        anew: args.watch,
        runs: !args.dry_run,
    }
}

/// The host. `times_hostcalls`: whether somebody wants to know how long its calls take.
fn host(args: &UpArgs, checked: &Checked, times_hostcalls: bool) -> Result<Host> {
    let most = HostConfig::default().max_processes;
    let config = checked.config(setting::config(
        &args.runner.host,
        &args.runner.grace,
        &args.runner.logs,
        most,
    ));
    setting::host(config.time_hostcalls(times_hostcalls), &checked.network)
}

/// Waits until all processes have ended, by themselves, after a signal, or as nobody reads stdout any more. Returns the signal too.
async fn until_ended(
    supervisor: &Supervisor,
    signals: &mut Signals,
    progress: &Progress,
    unread: &Unread,
    gone: &ReaderGone,
) -> (Outcome, Option<u8>) {
    let grace = signals.grace();
    let signal = tokio::select! {
        // Before it is told which processes end for that.
        biased;
        () = gone.wait() => None,
        outcome = supervisor.wait() => return (outcome, None),
        signal = signals.next() => Some(signal),
        () = unread.watch(supervisor, grace) => return (supervisor.wait().await, None),
    };
    unread.over();
    if signal.is_some() {
        progress.say("stopping");
    }
    let outcome = tokio::select! {
        outcome = supervisor.stop(signals.grace()) => outcome,
        // A second signal ends the processes at once.
        _ = signals.next() => {
            supervisor.kill();
            supervisor.wait().await
        }
    };
    (outcome, signal)
}
