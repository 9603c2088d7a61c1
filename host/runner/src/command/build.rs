//! `weft build`: runs the commands that make the components of a manifest.
//!
//! They are run by `sh` in the folder of the file that has the command, one after the other, in the order of the components; a command that
//! several components have is run once.
//!
//! Invariant: a command of a manifest is run only when that is asked for, by `weft build` or `weft up --build`.

use crate::cli::{BuildArgs, LogFormat};
use crate::manifest::Manifest;
use crate::screen::say;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the commands and says how many there were.
pub(super) fn build(args: &BuildArgs) -> Result<u8> {
    let manifest = Manifest::read(args.which.source()?, &args.which.changes()?)?;
    match run(&manifest)? {
        0 => bail!(
            "{}: no component has a `build`; write NAME = {{ file = \"FILE\", build = \"COMMAND\" }}",
            manifest.source.shown()
        ),
        1 => Ok(super::print("ran 1 command\n")),
        commands => Ok(super::print(&format!("ran {commands} commands\n"))),
    }
}

/// Runs the commands of a manifest, and returns how many there were. Blocks.
///
/// # Errors
/// When one of them cannot be started or fails; those after it are not run.
pub(super) fn run(manifest: &Manifest) -> Result<usize> {
    let mut done = Vec::new();
    for (name, component) in &manifest.components {
        let Some(command) = &component.build else {
            continue;
        };
        let run = (command, &component.folder);
        if done.contains(&run) {
            continue;
        }
        say::status(&format!("building {name}: {command}"));
        let in_manifest = || format!("{}: component `{name}`", manifest.source.shown());
        let folder = manifest.folder.join(&component.folder);
        run_one(command, &folder).with_context(in_manifest)?;
        done.push(run);
    }
    Ok(done.len())
}

fn run_one(command: &str, folder: &Path) -> Result<()> {
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    // What it prints is no object, and no result of ours.
    let (stdout, stderr) = match say::format() {
        LogFormat::Json => (Stdio::null(), Stdio::null()),
        LogFormat::Pretty | LogFormat::Off => (std::io::stderr().into(), Stdio::inherit()),
    };
    let status = shell(command, folder)
        .stdout(stdout)
        .stderr(stderr)
        .status()
        .with_context(|| format!("cannot run `{command}`"))?;
    match status.success() {
        true => Ok(()),
        false => bail!("its build failed: {status}: {command}"),
    }
}

/// The shell with the command that makes a component, in its folder. It reads nothing.
pub(super) fn shell(command: &str, folder: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(folder)
        .stdin(Stdio::null());
    shell
}
