//! `weft up --detach`: a runner in the background.
//!
//! The command starts itself once more, in a session of its own, with two pipes. What the runner says on stderr until its
//! processes are about to start is passed on. On the other pipe it says where its log is, and that all processes
//! have been started. From the start on, its streams lead to the log.
//!
//! Invariants:
//! - Whatever keeps the processes from starting is said, and is the exit code of the command.
//! - If the command ends before the processes start, for example by Ctrl-C, they do not start.

use super::kept::{self, Kept};
use crate::cli::UpArgs;
use crate::manifest::Source;
use crate::outcome;
use crate::screen::output;
use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::dup2_stdin;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use weft_host::supervise::Event;
use weft_service::Service;

/// The option that says to the second command that it is the runner.
const OPTION: &str = "--detached";

/// How long to watch whether a runner ends right after it has started. A process that fails at once is then told here,
/// where the user looks.
const MOMENT: Duration = Duration::from_millis(300);
const LOOK: Duration = Duration::from_millis(20);

/// What the runner says last on its pipe.
const UP: &str = "up";

/// Starts the runner. Returns when its processes have been started, or its exit code if it has ended by then.
pub(super) fn start(args: &UpArgs) -> Result<u8> {
    let source = args.which.source()?;
    let control = args.runner.control.control.as_deref();
    if control.is_some_and(|path| path == Path::new(super::socket::OFF)) {
        bail!(
            "--detach: without a control socket nobody could end the runner; leave out --control off"
        );
    }
    let program = std::env::current_exe().context("cannot find this program")?;
    let stdin = match source {
        Source::File(_) => Stdio::null(),
        Source::Stdin => Stdio::inherit(),
    };
    let mut runner = Command::new(program)
        .arg(OPTION)
        .args(std::env::args_os().skip(1))
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start the runner")?;
    if let Some(stderr) = runner.stderr.take() {
        let lines = BufReader::new(stderr).lines();
        lines
            .map_while(Result::ok)
            .for_each(|line| output::note(&line));
    }
    let said = runner.stdout.take().map(BufReader::new);
    let said = said.into_iter().flat_map(BufRead::lines);
    let said: Vec<String> = said.map_while(Result::ok).collect();
    let log = said.first().map(Path::new);
    let is_up = said.get(1).is_some_and(|last| last == UP);
    let ended = match is_up {
        true => ended_soon(&mut runner)?,
        false => Some(code(runner.wait()?)),
    };
    if let (Some(code), log) = (ended, log) {
        // It ended after its streams were turned to the log.
        log.map(kept::last_lines)
            .unwrap_or_default()
            .iter()
            .for_each(|line| output::note(line));
        return Ok(code);
    }
    let (name, pid) = (source.runner(), runner.id());
    let log = log.map_or_else(String::new, |log| {
        format!("  log file  {}\n", log.display())
    });
    let on = on(control, pid);
    Ok(crate::command::print(&format!(
        "{} ({pid}) runs in the background\n  logs      weft logs -f --on {on}\n  end       weft down --on {on}\n{log}",
        crate::screen::one_line(&name)
    )))
}

/// How commands find the runner.
fn on(control: Option<&Path>, pid: u32) -> String {
    match control {
        Some(path) => path.display().to_string(),
        None => pid.to_string(),
    }
}

/// The exit code of the runner, if it ends within a moment.
fn ended_soon(runner: &mut Child) -> Result<Option<u8>> {
    let since = Instant::now();
    while since.elapsed() < MOMENT {
        if let Some(status) = runner.try_wait()? {
            return Ok(Some(code(status)));
        }
        std::thread::sleep(LOOK);
    }
    Ok(None)
}

fn code(status: std::process::ExitStatus) -> u8 {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.unwrap_or(outcome::FAILED)
}

/// Begins a session of its own: the end of the terminal is not the end of the runner.
pub(crate) fn begin() {
    if let Err(error) = rustix::process::setsid() {
        tracing::warn!("no session of its own: {error}");
    }
}

/// A runner in the background, whose processes are about to start.
pub(super) struct Detached {
    /// To the command that has started it.
    pipe: File,
}

impl Detached {
    /// Turns the streams to the log, and says where it is.
    ///
    /// # Errors
    /// When nobody could end the runner, the log cannot be made, or the command that has started it is gone.
    pub(super) fn begin(name: &str, has_socket: bool, service: &Service) -> Result<Self> {
        if !has_socket {
            bail!("--detach: without a control socket nobody could end the runner");
        }
        let pipe = std::io::stdout().as_fd().try_clone_to_owned()?;
        if is_gone(&pipe) {
            bail!("the command that has started it has ended");
        }
        let kept = Kept::make(name).context("--detach: its log")?;
        let mut pipe = File::from(pipe);
        writeln!(pipe, "{}", kept.path().display())?;
        dup2_stdin(File::open("/dev/null")?)?;
        output::turn(kept.file())?;
        drop(service.spawn(kept.keep_small()));
        Ok(Self { pipe })
    }
}

/// Says that all processes have been started, once they are.
pub(super) async fn started(detached: Option<Detached>, mut beginning: Beginning) {
    if let Some(mut detached) = detached {
        beginning.wait().await;
        // If nobody waits for it any more, nobody need hear it.
        let _ = writeln!(detached.pipe, "{UP}");
    }
}

/// Whether nobody reads the other end of a pipe.
fn is_gone(pipe: &OwnedFd) -> bool {
    let mut watched = [PollFd::new(pipe, PollFlags::empty())];
    let at_once = Timespec::default();
    if poll(&mut watched, Some(&at_once)).is_err() {
        return false;
    }
    let [told] = watched;
    told.revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// Records which processes have been started.
pub(super) struct Begun(watch::Sender<BTreeSet<String>>);

/// Waits until all have been started.
pub(super) struct Beginning {
    begun: watch::Receiver<BTreeSet<String>>,
    count: usize,
}

impl Begun {
    /// For this number of processes.
    pub(super) fn of(count: usize) -> (Self, Beginning) {
        let (tell, begun) = watch::channel(BTreeSet::new());
        (Self(tell), Beginning { begun, count })
    }

    /// Records an event. A process that could not be started counts: it is told of as failed.
    pub(super) fn tell(&self, event: &Event<'_>) {
        let (Event::Started { child, .. } | Event::Ended { child, .. }) = event;
        self.0
            .send_if_modified(|begun| begun.insert((*child).to_owned()));
    }
}

impl Beginning {
    async fn wait(&mut self) {
        let count = self.count;
        // An error means that the supervisor is gone, so nothing starts any more.
        let _ = self.begun.wait_for(|begun| begun.len() >= count).await;
    }
}
