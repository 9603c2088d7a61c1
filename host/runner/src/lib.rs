//! The `weft` command: run, wire and inspect WebAssembly components.
//!
//! ```text
//! cli        the command line
//! command/   one file per subcommand
//! manifest/  the TOML file of `weft up`: reads it, checks it, and turns it into a plan
//! project/   new guest projects: their templates and the files embedded for them
//! screen/    progress, logs and colour
//! telemetry  starts what `--metrics` and `--otlp` ask for
//! durable      channels that NATS servers keep
//! descriptors  the limit on open files and sockets
//! memory       how much memory there is
//! network      certificates, and whose are believed
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
mod durable;
mod extensions;
mod manifest;
mod memory;
mod network;
mod outcome;
mod project;
mod screen;
mod setting;
mod telemetry;
mod written;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use std::path::Path;
use std::process::ExitCode;

/// Every capability that the command can grant: the host's own, and those of the extensions that its hosts have.
pub fn capabilities() -> Vec<weft_host::capability::Capability> {
    extensions::all().capabilities().collect()
}

/// The command: parses the command line, runs the subcommand and reports the result.
pub fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return unreadable(&advised(error)),
    };
    if let Some(logs) = cli.command.logs() {
        screen::say::begin(logs);
    }
    screen::trace::init(cli.verbose);
    if cli.detached {
        command::begin_session();
    }
    if let Some(folder) = &cli.cwd
        && let Err(error) = std::env::set_current_dir(folder)
    {
        screen::say::error(&format!("--cwd {}: {error}", folder.display()));
        return ExitCode::from(screen::output::finish(outcome::BAD_INPUT));
    }
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
        command::dispatch(cli.command, cli.detached).await
    });
    // A thread that reads stdin for a guest cannot be interrupted, so do not wait for it.
    runtime.shutdown_background();
    let code = outcome.unwrap_or_else(|error| {
        screen::paint::error(&error);
        outcome::BAD_INPUT
    });
    ExitCode::from(screen::output::finish(code))
}

/// The error, with how arguments are given if one of `weft run` is in the wrong place.
fn advised(mut error: clap::Error) -> clap::Error {
    let runs = std::env::args_os().skip(1).find(|word| {
        let word = word.to_string_lossy();
        !word.starts_with('-')
    });
    let stray = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(stray)) if !stray.starts_with('-') => stray.clone(),
        _ => return error,
    };
    if error.kind() == ErrorKind::UnknownArgument && runs.is_some_and(|command| command == "run") {
        let stray = screen::shortened(&stray);
        let tip = format!(
            "an entry point's arguments are given with --invoke, as in --invoke 'run({stray:?})'; those of a command come after `--`"
        );
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

/// Reports an error in the command line, or prints the help that was asked for.
fn unreadable(error: &clap::Error) -> ExitCode {
    let for_programs = cli::asks_for_json(std::env::args_os());
    let text = error.to_string();
    let short = screen::shortened(&text);
    if !error.use_stderr() || (!for_programs && short == text) {
        error.exit();
    }
    if for_programs {
        screen::say::begin_json();
    }
    let text = short.strip_prefix("error: ").unwrap_or(&short);
    screen::say::error(text.trim_end());
    ExitCode::from(screen::output::finish(outcome::BAD_INPUT))
}

/// The whole command line, for programs that document it.
pub fn command_line() -> clap::Command {
    cli::Cli::command()
}

/// The JSON schema of a manifest, as `weft schema` prints it.
pub fn manifest_schema() -> serde_json::Value {
    manifest::schema()
}

/// Reads and checks the text of a manifest as `weft up` does before it loads anything.
///
/// # Errors
/// The text says what is wrong, where, and what would be right, as the command shows it.
pub fn check_manifest(text: &str, path: &Path) -> Result<(), String> {
    let source = manifest::Source::File(path.to_owned());
    let manifest = manifest::Manifest::parse(text, source, &manifest::Changes::default());
    let checked = manifest.and_then(|manifest| manifest::check(&manifest)?.wiring);
    checked.map_err(|error| screen::paint::error_text(&error))
}
