//! The answer to each request.

use crate::events;
use crate::peek::Peek;
use crate::protocol::{Event, Reply, Request, Stopped};
use crate::roster::Roster;
use crate::rows;
use crate::server::{Ending, Runner};
use futures::StreamExt;
use futures::stream::{self, BoxStream, SelectAll};
use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use weft_host::{
    Process,
    log::{LogEntry, LogPiece},
};

/// Time that a client may leave an answer unread before its connection is closed. It does not apply to logs: people
/// stop to read them. The log reader is weak, so a slow client loses entries and is told how many.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// The pause between two looks for a client that watches. Several changes within a pause are reported together; nobody
/// could see a shorter pause.
const WATCH_PAUSE: Duration = Duration::from_millis(50);

/// The pause is at least this many times as long as the look took. So a watching client leaves most of the thread's
/// time to others, however much there is to look at.
const WATCH_SHARE: u32 = 20;

/// The most names that an error lists when the requested name is unknown or ambiguous.
const NAMES: usize = 8;

/// The writing side of a connection.
pub(crate) struct Client(OwnedWriteHalf);

/// Answers one request.
///
/// # Errors
/// When the client is gone or does not read.
pub(crate) async fn answer(
    client: &mut Client,
    runner: &Runner,
    request: Request,
    ending: &mut Ending,
) -> io::Result<()> {
    match request {
        Request::Watch { numbers_ms } => {
            let numbers = numbers_ms.map(|ms| WATCH_PAUSE.max(Duration::from_millis(ms)));
            watch(client, &runner.roster, numbers, ending).await
        }
        Request::Snapshot => {
            let snapshot = rows::snapshot(&runner.roster);
            client.send(&Reply::Snapshot(snapshot)).await
        }
        Request::Logs {
            process,
            follow,
            since,
        } => match process {
            Some(process) => logs(client, runner, &process, follow, since).await,
            None if follow => follow_all(client, &runner.roster, since, ending).await,
            None => {
                for process in runner.roster.all() {
                    log(client, &process, false, since).await?;
                }
                client.send(&Reply::Done).await
            }
        },
        Request::Peek {
            channel,
            follow,
            frames,
            bytes,
        } => {
            let peek = Peek {
                channel,
                follow,
                frames,
                bytes,
            };
            peek.answer(client, &runner.roster, ending).await
        }
        Request::Stop { process, grace_ms } => {
            let grace = grace_ms.map_or(runner.grace, Duration::from_millis);
            let reply = match stop(runner, &process, grace).await {
                Ok(stopped) => Reply::Stopped(stopped),
                Err(text) => Reply::Error(text),
            };
            client.send(&reply).await
        }
        Request::Restart { process } => {
            let reply = match restart(runner, &process).await {
                Ok((process, id)) => Reply::Restarted { process, id },
                Err(text) => Reply::Error(text),
            };
            client.send(&reply).await
        }
    }
}

/// Restarts a child, and returns its name and the id of the new process.
async fn restart(runner: &Runner, wanted: &str) -> Result<(String, u64), String> {
    let found = runner.roster.find(wanted).pop();
    let found = found.ok_or_else(|| unknown(runner, wanted))?;
    let child = runner.roster.child_with(&found);
    let (Some(child), Some(supervisor)) = (child, &runner.supervisor) else {
        return Err(format!(
            "`{wanted}` was started by another process, and only that can start it again"
        ));
    };
    let restarted = supervisor.reload(&child).await;
    restarted.map_err(|error| format!("cannot restart `{child}`: {error}"))?;
    let now = runner.roster.find(&child).pop().unwrap_or(found);
    Ok((child, now.id()))
}

impl Client {
    pub(crate) fn new(write: OwnedWriteHalf) -> Self {
        Self(write)
    }

    /// Sends the reason why there is no answer, without waiting.
    pub(crate) fn turn_away(&self, why: String) {
        if let Ok(mut line) = serde_json::to_vec(&Reply::Error(why)) {
            line.push(b'\n');
            let _ = self.0.try_write(&line);
        }
    }

    /// Sends one line.
    pub(crate) async fn send(&mut self, reply: &Reply) -> io::Result<()> {
        tokio::time::timeout(WRITE_TIME, self.send_patiently(reply)).await?
    }

    /// Sends one line without a timeout. A client that takes over this client's place cancels the call.
    pub(crate) async fn send_patiently(&mut self, reply: &Reply) -> io::Result<()> {
        let mut line = serde_json::to_vec(reply)?;
        line.push(b'\n');
        self.0.write_all(&line).await?;
        Ok(())
    }
}

/// Sends a snapshot and then each event, until the runner ends. `numbers` is the time from one event with numbers to the next.
async fn watch(
    client: &mut Client,
    roster: &Roster,
    numbers: Option<Duration>,
    ending: &mut Ending,
) -> io::Result<()> {
    // Subscribe before the first look, so that no change is missed in between.
    let mut changes = roster.watch();
    let mut before = rows::snapshot(roster);
    client.send(&Reply::Snapshot(before.clone())).await?;
    let mut sent = Instant::now();
    let mut is_last = false;
    while !is_last {
        tokio::select! {
            () = changes.next() => {}
            () = past(sent, numbers) => {}
            () = ending.wait() => is_last = true,
        }
        let since = Instant::now();
        let now = rows::snapshot(roster);
        let took = since.elapsed();
        for event in events::between(&before, &now) {
            client.send_patiently(&Reply::Event(event)).await?;
        }
        if numbers.is_some_and(|every| sent.elapsed() >= every) {
            let event = Event::Numbers(now.clone());
            client.send_patiently(&Reply::Event(event)).await?;
            sent = Instant::now();
        }
        before = now;
        let pause = WATCH_PAUSE.max(took.saturating_mul(WATCH_SHARE));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = ending.wait() => {}
        }
    }
    client.send(&Reply::Done).await
}

/// Waits until it is this long after that moment; without a time, for ever.
async fn past(moment: Instant, time: Option<Duration>) {
    // A time too long for the clock never passes.
    match time.and_then(|time| moment.checked_add(time)) {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

async fn stop(runner: &Runner, wanted: &str, grace: Duration) -> Result<Stopped, String> {
    let mut found = runner.roster.find(wanted);
    let last = found.pop().ok_or_else(|| unknown(runner, wanted))?;
    let child = runner.roster.child_of(&last);
    if child.is_none() {
        found.retain(|process| process.status().is_none());
    }
    if child.is_none() && !found.is_empty() {
        found.push(last);
        let ids = found.iter().map(|process| process.id().to_string());
        let ids: Vec<_> = ids.take(NAMES).collect();
        return Err(format!(
            "{} processes are called `{wanted}`; say which by its id: {}",
            found.len(),
            ids.join(", ")
        ));
    }
    let waits = child
        .as_deref()
        .is_some_and(|name| runner.roster.may_start(name));
    let before = last.status().is_some() && !waits;
    let end = match (child, &runner.supervisor) {
        (Some(name), Some(supervisor)) => supervisor.stop_child(&name, grace).await,
        _ => None,
    };
    let end = match end {
        Some(end) => end.to_string(),
        // This process belongs to a guest, or the runner is ending and stops the process too.
        None => last.stop(grace).await.to_string(),
    };
    // The process may have been restarted before the order arrived.
    let last = runner.roster.find(wanted).pop().unwrap_or(last);
    Ok(Stopped {
        process: last.name().to_owned(),
        id: last.id(),
        end,
        before,
    })
}

async fn logs(
    client: &mut Client,
    runner: &Runner,
    wanted: &str,
    follow: bool,
    since: Option<u64>,
) -> io::Result<()> {
    let roster = &runner.roster;
    let mut seen = roster.changes();
    let mut found = roster.find(wanted);
    if found.is_empty() {
        return client.send(&Reply::Error(unknown(runner, wanted))).await;
    }
    // A restarted process has a new id, so follow the child by its name even when the request named an id.
    let child = found.last().and_then(|process| roster.child_with(process));
    let wanted = child.as_deref().filter(|_| follow).unwrap_or(wanted);
    let mut last = 0;
    loop {
        for process in &found {
            last = last.max(process.id());
            log(client, process, follow, since).await?;
        }
        // A restarted process may follow. Ask before looking: a process that starts after the look may end before the
        // question.
        let more = follow && roster.may_start(wanted);
        found = roster.find(wanted);
        found.retain(|process| process.id() > last);
        if found.is_empty() {
            if !more {
                return client.send_patiently(&Reply::Done).await;
            }
            seen = roster.changed(seen).await;
        }
    }
}

/// Sends the log of one process: what it holds now, or everything until the process ends.
async fn log(
    client: &mut Client,
    process: &Process,
    follow: bool,
    since: Option<u64>,
) -> io::Result<()> {
    client.send_patiently(&of(process)).await?;
    let stream = process.log_stream();
    let mut stream = match follow {
        true => stream.until_exit(),
        // Stop at what the log holds now: if a process writes faster than the client reads, the log never runs empty.
        false => stream.now(),
    };
    while let Some(piece) = stream.next().await {
        send_piece(client, process, piece, since).await?;
    }
    Ok(())
}

/// Sends the logs of all processes as they are written, those of processes that start meanwhile too, until the runner ends.
async fn follow_all(
    client: &mut Client,
    roster: &Roster,
    since: Option<u64>,
    ending: &mut Ending,
) -> io::Result<()> {
    let mut logs = Logs::default();
    let mut looked = None;
    let mut is_ending = false;
    loop {
        let changes = roster.changes();
        if looked.replace(changes) != Some(changes) {
            for process in logs.open(roster.all()) {
                client.send_patiently(&of(&process)).await?;
                logs.last = Some(process.id());
            }
        }
        if is_ending && logs.pieces.is_empty() {
            return client.send(&Reply::Done).await;
        }
        tokio::select! {
            piece = logs.pieces.next(), if !logs.pieces.is_empty() => {
                let Some((process, piece)) = piece else { continue };
                if logs.last.replace(process.id()) != Some(process.id()) {
                    client.send_patiently(&of(&process)).await?;
                }
                send_piece(client, &process, piece, since).await?;
            }
            _ = roster.changed(changes) => {}
            () = ending.wait(), if !is_ending => is_ending = true,
        }
    }
}

/// The logs of all processes.
#[derive(Default)]
struct Logs {
    pieces: SelectAll<BoxStream<'static, (Process, LogPiece)>>,
    /// The processes whose logs were opened, as long as the runner remembers them.
    opened: BTreeSet<u64>,
    /// The process that the client was told last: what it gets next is taken for that process's.
    last: Option<u64>,
}

impl Logs {
    /// Opens the logs of those processes that are new, and returns them.
    fn open(&mut self, all: Vec<Process>) -> Vec<Process> {
        let before = std::mem::take(&mut self.opened);
        self.opened = all.iter().map(Process::id).collect();
        let all = all.into_iter();
        let new: Vec<_> = all
            .filter(|process| !before.contains(&process.id()))
            .collect();
        self.pieces.extend(new.iter().map(pieces));
        new
    }
}

/// The log of a process until it ends.
fn pieces(process: &Process) -> BoxStream<'static, (Process, LogPiece)> {
    let log = process.log_stream().until_exit();
    let pieces = stream::unfold(log, |mut log| async move {
        let piece = log.next().await?;
        Some(((log.process().clone(), piece), log))
    });
    pieces.boxed()
}

fn of(process: &Process) -> Reply {
    Reply::Of {
        process: process.name().to_owned(),
        id: process.id(),
    }
}

async fn send_piece(
    client: &mut Client,
    process: &Process,
    piece: LogPiece,
    since: Option<u64>,
) -> io::Result<()> {
    match piece {
        LogPiece::Entry(frame) => {
            let text = String::from_utf8_lossy(&frame.payload);
            match since.is_none_or(|since| is_since(&text, since)) {
                true => {
                    let entry = LogEntry::line(&text, &process.resource());
                    client.send_patiently(&Reply::Entry(entry)).await
                }
                false => Ok(()),
            }
        }
        LogPiece::Missed(missed) => client.send_patiently(&Reply::Lost(missed)).await,
    }
}

fn is_since(text: &str, since: u64) -> bool {
    let entry = serde_json::from_str::<LogEntry>(text);
    let time = entry.ok().and_then(|entry| entry.timestamp.parse().ok());
    // A frame that is not a log entry has no time; send it anyway.
    time.is_none_or(|time: u64| time >= since)
}

fn unknown(runner: &Runner, wanted: &str) -> String {
    none_called("process", wanted, runner.roster.names())
}

/// The error for a name that nothing has, with those that there are.
pub(crate) fn none_called(what: &str, wanted: &str, mut names: Vec<String>) -> String {
    let all = names.len();
    if all == 0 {
        return format!("there is no {what} `{wanted}`; there are none");
    }
    names.sort_by(|a, b| {
        let likeness = |name: &str| strsim::jaro_winkler(name, wanted);
        likeness(b).total_cmp(&likeness(a))
    });
    names.truncate(NAMES);
    let which = match all > NAMES {
        true => "the nearest are",
        false => "there are",
    };
    format!(
        "there is no {what} `{wanted}`; {which}: {}",
        names.join(", ")
    )
}
