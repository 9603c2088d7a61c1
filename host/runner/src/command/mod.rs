//! The subcommands, one file each.
//!
//! Invariant: an `Err` from a command means bad input, and no guest has run. The code in `Ok` says how the guests
//! ended.

mod asked;
mod build;
mod channels;
mod check;
#[cfg(feature = "compose")]
mod compose;
mod dev;
mod down;
mod graph;
mod inspect;
mod logs;
mod man;
mod new;
mod peek;
mod ps;
mod restart;
mod run;
pub(crate) mod signal;
mod stop;
#[cfg(feature = "top")]
mod top;
mod up;

pub(crate) use up::begin_session;

use crate::cli::{Cli, Command};
use crate::{outcome, screen};
use anyhow::{Result, anyhow};
use clap::CommandFactory;
use std::io::{ErrorKind, Write};
use weft_host::component::LoadError;

/// Runs a subcommand and returns its exit code. `is_detached` is for the runner that `weft up --detach` starts.
pub(crate) async fn dispatch(command: Command, is_detached: bool) -> Result<u8> {
    match command {
        Command::Run(args) => run::run(args).await,
        Command::Up(args) => up::up(args, is_detached).await,
        Command::Dev(args) => dev::dev(args).await,
        Command::Down(args) => down::down(args).await,
        Command::Build(args) => build::build(&args),
        Command::Check(args) => check::check(args).await,
        #[cfg(feature = "compose")]
        Command::Compose(args) => compose::compose(&args),
        #[cfg(not(feature = "compose"))]
        Command::Compose(_) => Err(built_without("compose")),
        Command::Ps(args) => ps::ps(args).await,
        Command::Logs(args) => logs::logs(args).await,
        Command::Stop(args) => stop::stop(args).await,
        Command::Restart(args) => restart::restart(args).await,
        Command::Channels(args) => channels::channels(args).await,
        Command::Peek(args) => peek::peek(args).await,
        #[cfg(feature = "top")]
        Command::Top(args) => top::top(args).await,
        #[cfg(not(feature = "top"))]
        Command::Top(_) => Err(built_without("top")),
        Command::Inspect(args) => inspect::inspect(args).await,
        Command::New(args) => new::new(&args),
        Command::Graph(args) => graph::graph(&args),
        Command::Man { folder } => man::man(&folder),
        Command::Schema => Ok(print(&format!("{:#}\n", crate::manifest::schema()))),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "weft", &mut script);
            Ok(print(&String::from_utf8_lossy(&script)))
        }
    }
}

/// The error when the user asks for a feature that is not in this build.
#[cfg(not(all(feature = "compose", feature = "otlp", feature = "top")))]
pub(crate) fn built_without(feature: &str) -> anyhow::Error {
    anyhow!("this `weft` was built without the feature `{feature}`")
}

/// The error for a component that was named by its file: it names the file only once.
fn of_file(error: LoadError) -> anyhow::Error {
    match error {
        LoadError::Read { name, cause, .. } => {
            anyhow::Error::new(cause).context(format!("cannot read component `{name}`"))
        }
        error => not_loaded(error),
    }
}

/// Why a component was not loaded. If the user can raise the bound, the error says how.
fn not_loaded(error: LoadError) -> anyhow::Error {
    match error {
        LoadError::TooLarge { .. } => anyhow!("{error}; raise it with {COMPONENT_BYTES}"),
        error => error.into(),
    }
}

/// How to raise the bound on a component's size.
const COMPONENT_BYTES: &str =
    "--component-bytes SIZE, or component-bytes = SIZE under [host] in a manifest";

/// Prints a result and returns the exit code.
fn print(text: &str) -> u8 {
    match screen::print(text) {
        Ok(()) => 0,
        Err(error) => {
            screen::say::error(&format!("cannot write to stdout: {error}"));
            outcome::FAILED
        }
    }
}

/// Prints a line of something that goes on. Returns an exit code if that is the end.
fn print_line(line: &str) -> Option<u8> {
    match writeln!(std::io::stdout().lock(), "{line}") {
        Ok(()) => None,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Some(0),
        Err(error) => {
            screen::say::error(&format!("cannot write to stdout: {error}"));
            Some(outcome::FAILED)
        }
    }
}

/// Prints a value as one line of JSON and returns the exit code.
fn print_json(value: &impl serde::Serialize) -> Result<u8> {
    let text = serde_json::to_string(value)?;
    Ok(print(&format!("{text}\n")))
}

/// Prints a table, and warns if rows were left out.
fn print_rows(table: &str, left_out: u64) -> Result<u8> {
    if left_out > 0 {
        screen::say::warning(&format!("{left_out} more processes and channels"));
    }
    Ok(print(table))
}
