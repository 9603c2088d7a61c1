//! Runs the commands of a manifest again when the sources change.
//!
//! Invariants:
//! - One command runs at a time, and only when the sources have been quiet for a moment.
//! - A build that changes its own sources is followed by one more, and not by more than that.
//! - A command ends with this, and so does what it has started.

use super::sources::Sources;
use crate::cli::LogFormat;
use crate::command::build;
use crate::manifest::Manifest;
use crate::screen::output;
use crate::screen::say;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// The pause between two looks: barely noticeable to someone who has just saved a file.
const LOOK: Duration = Duration::from_millis(200);

/// The pause is at least this many times as long as the look took.
const LOOK_SHARE: u32 = 20;

/// How long sources must not change before they are built: an editor saves several files, one after the other.
const QUIET: Duration = Duration::from_millis(300);

/// How often to ask whether a build has ended.
const ASK: Duration = Duration::from_millis(20);

/// The builds of a manifest. Cheap to clone; one clone at a time builds, and the next goes on where it ended.
#[derive(Clone)]
pub(in crate::command) struct Builder(Arc<Mutex<Builds>>);

struct Builds {
    builds: Vec<Build>,
    /// What is in the folders of sources and is none.
    without: Arc<[PathBuf]>,
}

/// One command, and the sources that it was last run for.
struct Build {
    command: String,
    folder: PathBuf,
    /// The components that it makes.
    components: Vec<String>,
    built: Sources,
    /// The newest look, and since when it is as it is.
    seen: Sources,
    since: Instant,
    /// Whether the last look came right after a build.
    follows_build: bool,
}

impl Builder {
    /// Of the sources as they are now. Everything is built already.
    pub(super) fn new(manifest: &Manifest) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let folder = here.join(&manifest.folder);
        let files = manifest.components.values();
        let mut without: Vec<PathBuf> = files.map(|it| folder.join(&it.file)).collect();
        without.extend(manifest.source.file().map(|file| here.join(file)));
        without.extend(manifest.included.iter().map(|file| folder.join(file)));
        for process in manifest.processes.values() {
            let written = process.mounts.iter().filter(|mount| mount.writable);
            without.extend(written.map(|mount| folder.join(&mount.host)));
        }
        // As a look at the folder finds them.
        let without = without.iter().map(|path| path.components().collect());
        let without: Arc<[PathBuf]> = without.collect();
        let mut builds: Vec<Build> = Vec::new();
        for (name, component) in &manifest.components {
            let Some(command) = &component.build else {
                continue;
            };
            let folder: PathBuf = folder.join(&component.folder).components().collect();
            let same = |it: &&mut Build| it.command == *command && it.folder == folder;
            match builds.iter_mut().find(same) {
                Some(build) => build.components.push(name.clone()),
                None => builds.push(Build::new(name, command, folder, &without)),
            }
        }
        for build in builds.iter().filter(|build| build.seen.is_cut) {
            say::warning(&format!(
                "`{}` has more files than are watched; leave some out in a .gitignore",
                build.folder.display()
            ));
        }
        Self(Arc::new(Mutex::new(Builds { builds, without })))
    }

    /// Builds what changes, for ever.
    pub(in crate::command) async fn run(self) {
        let mut builds = self.0.lock().await;
        loop {
            builds.changed().await;
        }
    }

    /// Waits until something has changed and was built.
    pub(super) async fn built(&self) {
        let mut builds = self.0.lock().await;
        while !builds.changed().await {}
    }
}

impl Builds {
    /// Waits for a change, builds what has changed, and returns whether all of it was built.
    async fn changed(&mut self) -> bool {
        let (mut any, mut all_built) = (false, true);
        while !any {
            let since = Instant::now();
            for build in &mut self.builds {
                build.look(&self.without).await;
                if !build.is_due() {
                    continue;
                }
                any = true;
                all_built &= build.build(&self.without).await;
            }
            let pause = since.elapsed().saturating_mul(LOOK_SHARE);
            if !any {
                tokio::time::sleep(LOOK.max(pause.min(QUIET * LOOK_SHARE))).await;
            }
        }
        all_built
    }
}

impl Build {
    fn new(name: &str, command: &str, folder: PathBuf, without: &[PathBuf]) -> Self {
        let seen = Sources::of(&folder, without);
        Self {
            command: command.to_owned(),
            folder,
            components: vec![name.to_owned()],
            built: seen.clone(),
            seen,
            since: Instant::now(),
            follows_build: false,
        }
    }

    async fn look(&mut self, without: &Arc<[PathBuf]>) {
        let (folder, without) = (self.folder.clone(), without.clone());
        let look = tokio::task::spawn_blocking(move || Sources::of(&folder, &without)).await;
        if let Ok(now) = look
            && now != self.seen
        {
            (self.seen, self.since) = (now, Instant::now());
        }
    }

    fn is_due(&self) -> bool {
        self.seen != self.built && self.since.elapsed() >= QUIET
    }

    /// Runs the command, and returns whether it succeeded.
    async fn build(&mut self, without: &Arc<[PathBuf]>) -> bool {
        let changed = self.seen.changed_since(&self.built);
        let changed = changed.and_then(|path| path.strip_prefix(&self.folder).ok());
        let changed = changed.map(|path| path.display().to_string());
        let why = changed.filter(|path| !path.is_empty());
        let why = why.map_or_else(String::new, |path| format!("{path} has changed; "));
        let names = self.components.join(", ");
        say::status(&format!("{why}building {names}: {}", self.command));
        let built = self.seen.clone();
        let ended = run(&self.command, &self.folder).await;
        self.built = built;
        // What changed meanwhile was changed by it, or by somebody who writes on.
        self.look(without).await;
        if std::mem::replace(&mut self.follows_build, self.seen != self.built) {
            (self.built, self.follows_build) = (self.seen.clone(), false);
        }
        match ended {
            Ok(status) if status.success() => true,
            Ok(status) => {
                say::warning(&format!(
                    "{names} not built: {status}; what runs goes on as it was"
                ));
                false
            }
            Err(error) => {
                say::warning(&format!("{names} not built: {error}"));
                false
            }
        }
    }
}

/// A command in a process group of its own, which ends with this.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        // What it has started and left behind would hold the build's files.
        let _ = group.map(|group| kill_process_group(group, Signal::KILL));
        let _ = self.0.wait();
    }
}

/// Runs a command and shows what it prints, line by line.
async fn run(command: &str, folder: &Path) -> std::io::Result<ExitStatus> {
    let (read, write) = std::io::pipe()?;
    let mut shell = build::shell(command, folder);
    shell
        .process_group(0)
        .stdout(write.try_clone()?)
        .stderr(write);
    let mut started = Started(shell.spawn()?);
    // It holds the writing ends of the pipe.
    drop(shell);
    let shown = tokio::task::spawn_blocking(move || {
        for line in BufReader::new(read).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            match say::format() {
                LogFormat::Json => say::told(&line),
                LogFormat::Pretty | LogFormat::Off => output::note(&line),
            }
        }
    });
    let status = loop {
        match started.0.try_wait()? {
            Some(status) => break status,
            None => tokio::time::sleep(ASK).await,
        }
    };
    drop(started);
    let _ = shown.await;
    Ok(status)
}
