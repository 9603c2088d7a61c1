//! The subcommands, one file each.
//!
//! Invariant: an `Err` from a command means bad input and that no guest has
//! run; how guests end is told by the code in `Ok`.

mod compose;
mod inspect;
mod new;
mod run;
mod signal;
mod up;

use crate::cli::{Cli, Command};
use crate::{outcome, screen};
use anyhow::Result;
use clap::CommandFactory;

/// Runs a subcommand and returns its exit code.
pub(crate) async fn dispatch(command: Command) -> Result<u8> {
    match command {
        Command::Run(args) => run::run(args).await,
        Command::Up(args) => up::up(args).await,
        Command::Compose(args) => compose::compose(&args),
        Command::Inspect(args) => inspect::inspect(args).await,
        Command::New(args) => new::new(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "weft", &mut script);
            Ok(print(&String::from_utf8_lossy(&script)))
        }
    }
}

/// Prints a result and returns the exit code for that.
fn print(text: &str) -> u8 {
    match screen::print(text) {
        Ok(()) => 0,
        Err(error) => {
            screen::note(&format!("error: cannot write to stdout: {error}"));
            outcome::FAILED
        }
    }
}
