//! The `weft` command: run, wire and inspect WebAssembly components.
//!
//! ```text
//! cli        what can be typed
//! command/   one file per subcommand
//! manifest/  the TOML file of `weft up`: read, checked, turned into a plan
//! project/   new guest projects: templates, and what they carry
//! screen/    progress, logs and colour
//! telemetry  what is served to scrapers and sent to collectors
//! descriptors  how many files and sockets there can be
//! memory       how much of it there is
//! setting    what comes from the environment: cache folder, memory, host; in which folders control sockets are
//! outcome    how things ended, as exit codes
//! written    files that people write, which are not large
//! ```
//!
//! The command owns terminal, files, environment and signals; everything else is
//! the libraries': the host's, and those of the control socket and the thread it is served on. Exit code 2 means bad input, and that nothing was started.

#![deny(missing_docs)]

mod cli;
mod command;
mod descriptors;
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

/// The command: reads what was typed, does it and says how it ended.
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
    // A thread that reads stdin for a guest cannot be interrupted; it must not be waited for.
    runtime.shutdown_background();
    let code = outcome.unwrap_or_else(|error| {
        screen::paint::error(&error);
        outcome::BAD_INPUT
    });
    ExitCode::from(screen::output::finish(code))
}

/// Says what is wrong with what was typed, or what was asked about it.
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

/// Everything that can be typed, for those who describe it.
pub fn command_line() -> clap::Command {
    cli::Cli::command()
}

/// Reads and checks the text of a manifest as `weft up` does before it loads anything.
///
/// # Errors
/// What is wrong, where, and what would be right, as the command shows it.
pub fn check_manifest(text: &str, path: &Path) -> Result<(), String> {
    let manifest = manifest::Manifest::parse(text, path);
    let checked = manifest.and_then(|manifest| manifest::check(&manifest));
    checked
        .map(drop)
        .map_err(|error| screen::paint::error_text(&error))
}
