//! The `weft` command: run, wire and inspect WebAssembly components.
//!
//! ```text
//! cli        the command line
//! command/   one file per subcommand
//! manifest/  the TOML file of `weft up`: reads it, checks it, and turns it into a plan
//! project/   new guest projects: their templates and the files embedded for them
//! screen/    progress, logs and colour
//! telemetry  starts what `--metrics` and `--otlp` ask for
//! descriptors  the limit on open files and sockets
//! memory       how much memory there is
//! setting    the environment: cache folder, memory, host, and the folders of control sockets
//! outcome    exit codes
//! written    reads small files written by people
//! extensions  what guests can import besides the host's own interfaces
//! ```
//!
//! The command owns the terminal, files, environment and signals. Everything else belongs to the libraries: the host,
//! the control socket, and the thread that serves it. Exit code 2 means bad input, and that nothing was started.

#![deny(missing_docs)]

mod cli;
mod command;
mod descriptors;
mod extensions;
mod manifest;
mod memory;
mod outcome;
mod project;
mod screen;
mod setting;
mod telemetry;
mod written;

use clap::{CommandFactory, Parser};
use std::path::Path;
use std::process::ExitCode;

/// The command: parses the command line, runs the subcommand and reports the result.
pub fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return unreadable(&error),
    };
    if let Some(logs) = cli.command.logs() {
        screen::say::begin(logs);
    }
    screen::trace::init(cli.verbose);
    descriptors::raise();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            screen::say::error(&format!("cannot start: {error}"));
            return ExitCode::from(screen::output::finish(outcome::FAILED));
        }
    };
    let outcome = runtime.block_on(async {
        command::signal::outlive_file_limits();
        command::dispatch(cli.command).await
    });
    // A thread that reads stdin for a guest cannot be interrupted, so do not wait for it.
    runtime.shutdown_background();
    let code = outcome.unwrap_or_else(|error| {
        screen::paint::error(&error);
        outcome::BAD_INPUT
    });
    ExitCode::from(screen::output::finish(code))
}

/// Reports an error in the command line, or prints the help that was asked for.
fn unreadable(error: &clap::Error) -> ExitCode {
    let for_programs = cli::asks_for_json(std::env::args_os());
    if !(error.use_stderr() && for_programs) {
        error.exit();
    }
    screen::say::begin_json();
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    screen::say::error(text.trim_end());
    ExitCode::from(screen::output::finish(outcome::BAD_INPUT))
}

/// The whole command line, for programs that document it.
pub fn command_line() -> clap::Command {
    cli::Cli::command()
}

/// Reads and checks the text of a manifest as `weft up` does before it loads anything.
///
/// # Errors
/// The text says what is wrong, where, and what would be right, as the command shows it.
pub fn check_manifest(text: &str, path: &Path) -> Result<(), String> {
    let manifest = manifest::Manifest::parse(text, path);
    let checked = manifest.and_then(|manifest| manifest::check(&manifest));
    checked
        .map(drop)
        .map_err(|error| screen::paint::error_text(&error))
}
