//! `weft up --detach`: a runner in the background.
//!
//! The command starts itself once more, in a session of its own. That runner says on stderr what it has to say until its
//! processes have been started, and then lets go of its streams. The command passes on what it says.
//!
//! Invariant: whatever keeps the processes from starting is said, and is the exit code of the command.

use crate::manifest::Source;
use crate::outcome;
use crate::screen::{output, say};
use anyhow::{Context, Result};
use rustix::stdio::{dup2_stderr, dup2_stdout};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The option that says to the second command that it is the runner.
const OPTION: &str = "--detached";

/// How long a runner that has let go of its streams may take to end, if that is why it did.
const MOMENT: Duration = Duration::from_millis(200);
const LOOK: Duration = Duration::from_millis(20);

/// Starts the runner and returns when its processes have been started, or its exit code if it has ended by then.
pub(super) fn start(source: &Source) -> Result<u8> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let stdin = match source {
        Source::File(_) => Stdio::null(),
        Source::Stdin => Stdio::inherit(),
    };
    let mut runner = Command::new(program)
        .arg(OPTION)
        .args(std::env::args_os().skip(1))
        .stdin(stdin)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start the runner")?;
    if let Some(stderr) = runner.stderr.take() {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            output::note(&line);
        }
    }
    if let Some(code) = ended(&mut runner)? {
        return Ok(code);
    }
    let (name, pid) = (source.runner(), runner.id());
    say::told(&format!(
        "{name} ({pid}) runs in the background; `weft logs -f` shows its logs, `weft down` ends it"
    ));
    Ok(0)
}

/// The exit code of the runner, if it ends within a moment.
fn ended(runner: &mut Child) -> Result<Option<u8>> {
    let since = Instant::now();
    loop {
        if let Some(status) = runner.try_wait()? {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            return Ok(Some(code.unwrap_or(outcome::FAILED)));
        }
        if since.elapsed() > MOMENT {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

/// Begins a session of its own: the end of the terminal is not the end of the runner.
pub(crate) fn begin() {
    if let Err(error) = rustix::process::setsid() {
        tracing::warn!("no session of its own: {error}");
    }
}

/// Lets go of the streams. What is written from now on goes nowhere.
pub(super) fn let_go() -> Result<()> {
    output::settle();
    let nowhere = File::options().write(true).open("/dev/null")?;
    dup2_stdout(&nowhere)?;
    dup2_stderr(&nowhere)?;
    Ok(())
}
