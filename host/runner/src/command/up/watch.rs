//! `--watch`: reloads when a component's file changes.
//!
//! The files are polled by their paths, several times a second. The system's file watching would not do: it watches
//! what a path led to at first, and it reports nothing when a parent folder is removed and recreated, or when a link in
//! the path changes. A change counts when the file has been quiet for a moment and its content differs. Content that is
//! not a component is reported and changes nothing.
//!
//! Invariant: whatever happens to a file, its parent folders or the links to it, its next content is noticed, or the
//! file is reported as gone.

use crate::command::dev::Builder;
use crate::manifest::{Checked, Manifest};
use crate::screen::progress::Progress;
use futures::future::join_all;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use weft_host::{
    Host,
    supervise::{ReloadError, Supervisor},
};

/// The polling interval: barely noticeable to someone who has just saved a file. A poll costs one system call per file.
const LOOK: Duration = Duration::from_millis(100);

/// How long a file must not change before it is read: a compiler writes a file in many pieces.
const QUIET: Duration = Duration::from_millis(200);

/// How long a file may be missing before that is reported: some programs save a file by removing the old one first.
const GONE: Duration = Duration::from_secs(2);

/// How long to wait for the last message about a reload, once all processes have ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The files of a manifest.
pub(super) struct Watch {
    components: Vec<Component>,
    /// The manifest, unless it is from stdin, and what it includes.
    manifests: Vec<File>,
}

/// A component, and the processes made of it.
struct Component {
    file: File,
    made: Arc<Made>,
    /// The reload in progress, if any.
    reload: Option<JoinHandle<()>>,
}

/// The processes to reload with a component.
struct Made {
    component: String,
    /// Each by its name, and whether it reads a channel.
    processes: Vec<(String, bool)>,
}

/// A file, and its last known state.
struct File {
    path: PathBuf,
    seen: Option<Stamp>,
    /// When that stamp was first seen; none once the change has been handled.
    since: Option<Instant>,
    /// A hash of the content when the file was last read.
    fingerprint: Option<u64>,
    /// Whether the file was reported as gone.
    told: bool,
    /// The bound on a component's size, in bytes.
    most: u64,
}

/// Tells two contents of a file apart without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    file: u64,
    size: u64,
    /// Seconds and nanoseconds. Programs can set the first (mtime), but not the second (ctime).
    modified: (i64, i64),
    changed: (i64, i64),
}

/// A change of a file that needs action.
#[derive(Debug, PartialEq, Eq)]
enum News {
    Changed,
    Gone,
}

impl Watch {
    /// Watches from now on. Components are loaded later, so they are at least as new. At most one byte more than a
    /// component may have is read of a file, which is enough to see that it is too large.
    pub(super) fn new(host: &Host, manifest: &Manifest, checked: &Checked) -> Self {
        let most = host.config().max_component_bytes;
        let root = logical_folder();
        let components = manifest.components.iter().map(|(name, component)| {
            let processes = manifest.processes.iter().zip(&checked.processes);
            let processes = processes.filter(|((_, process), _)| &process.component == name);
            let processes = processes.map(|((name, _), checked)| (name.clone(), checked.reads()));
            Component {
                file: File::new(root.join(&manifest.folder).join(&component.file), most),
                made: Arc::new(Made {
                    component: name.clone(),
                    processes: processes.collect(),
                }),
                reload: None,
            }
        });
        let included = manifest.included.iter();
        let included = included.map(|file| root.join(&manifest.folder).join(file));
        let itself = manifest.source.file().map(|file| root.join(file));
        let manifests = itself.into_iter().chain(included);
        Self {
            components: components.collect(),
            manifests: manifests.map(|file| File::new(file, most)).collect(),
        }
    }

    /// Reloads, and builds what changes, until all processes have ended.
    pub(super) fn start(
        self,
        builder: Option<Builder>,
        host: &Host,
        supervisor: &Supervisor,
        progress: &Progress,
    ) -> JoinHandle<()> {
        let reload = self.reload(host.clone(), supervisor.clone(), progress.clone());
        tokio::spawn(async move {
            let Some(builder) = builder else {
                return reload.await;
            };
            tokio::select! {
                () = reload => {}
                () = builder.run() => {}
            }
        })
    }

    /// Reloads the processes of components that change, until all processes have ended.
    async fn reload(mut self, host: Host, supervisor: Supervisor, progress: Progress) {
        let ended = supervisor.wait();
        tokio::pin!(ended);
        let files = self.components.iter().map(|component| &component.file);
        let files = files.chain(&self.manifests);
        let paths: Arc<[PathBuf]> = files.map(|file| file.path.clone()).collect();
        let mut clock = tokio::time::interval(LOOK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = clock.tick() => {}
                _ = &mut ended => {
                    let reloads = self.components.into_iter().filter_map(|it| it.reload);
                    return drop(join_all(reloads).await);
                }
            }
            let mut stamps = look(paths.clone()).await.into_iter();
            for (component, stamp) in self.components.iter_mut().zip(&mut stamps) {
                component.seen(stamp, &host, &supervisor, &progress).await;
            }
            for (manifest, stamp) in self.manifests.iter_mut().zip(&mut stamps) {
                if manifest.news(stamp, Instant::now()) == Some(News::Changed)
                    && matches!(manifest.read().await, Ok(Some(_)))
                {
                    let shown = manifest.path.display();
                    progress.say(&format!(
                        "{shown} has changed; what it says now holds when it is started again"
                    ));
                }
            }
        }
    }
}

/// Waits a moment for the last reloads, then aborts them. The supervisor has ended.
pub(super) async fn end(watching: Option<JoinHandle<()>>) {
    let Some(mut watching) = watching else { return };
    if tokio::time::timeout(LAST_WORDS, &mut watching)
        .await
        .is_err()
    {
        watching.abort();
    }
}

impl Component {
    /// Reacts to the latest stamp of its file.
    async fn seen(
        &mut self,
        stamp: Option<Stamp>,
        host: &Host,
        supervisor: &Supervisor,
        progress: &Progress,
    ) {
        let name = &self.made.component;
        match self.file.news(stamp, Instant::now()) {
            None => {}
            Some(News::Gone) => {
                let path = self.file.path.display();
                progress.say(&format!("{name} goes on as it was: {path} is gone; it is reloaded when there is one again"));
            }
            Some(News::Changed) => match self.file.read().await {
                Ok(Some(bytes)) => {
                    let (before, made) = (self.reload.take(), self.made.clone());
                    let (host, supervisor) = (host.clone(), supervisor.clone());
                    let progress = progress.clone();
                    // In a task of its own: the processes may take their whole grace period to stop, and other
                    // components need not wait for that.
                    self.reload = Some(tokio::spawn(async move {
                        if let Some(before) = before {
                            let _ = before.await;
                        }
                        made.reload(bytes, &host, &supervisor, &progress).await;
                    }));
                }
                Ok(None) => {}
                Err(error) => {
                    let path = self.file.path.display();
                    progress.say(&format!("{name} not reloaded: cannot read {path}: {error}"));
                }
            },
        }
    }
}

impl Made {
    /// Loads the component again and reloads its processes, one after the other.
    async fn reload(
        &self,
        bytes: Vec<u8>,
        host: &Host,
        supervisor: &Supervisor,
        progress: &Progress,
    ) {
        let name = &self.component;
        let compiling = progress.compiling(name);
        let loaded = host.components().load(name, bytes).await;
        match loaded {
            Ok(component) => compiling.done(&component),
            Err(error) => return progress.say(&format!("{name} not reloaded: {error}")),
        }
        for (process, reads) in &self.processes {
            let goes_on = match reads {
                true => "it goes on with what it has not read",
                false => "it begins anew",
            };
            match supervisor.reload(process).await {
                Ok(()) => progress.say(&format!("{process} reloaded: {goes_on}")),
                Err(ReloadError::Stopping) => {}
                Err(ReloadError::Ended(_)) => progress.say(&format!(
                    "{process} not reloaded: it has ended; only what has failed is started again"
                )),
                Err(error) => progress.say(&format!("{process} not reloaded: {error}")),
            }
        }
    }
}

impl File {
    fn new(path: PathBuf, most: u64) -> Self {
        let seen = stamp(&path);
        let bytes = seen.and_then(|_| read(&path, most).ok());
        Self {
            seen,
            since: None,
            fingerprint: bytes.map(|bytes| fingerprint(&bytes)),
            told: false,
            path,
            most,
        }
    }

    /// Records the latest stamp, and returns what to do about it.
    fn news(&mut self, stamp: Option<Stamp>, now: Instant) -> Option<News> {
        if stamp != self.seen {
            (self.seen, self.since) = (stamp, Some(now));
            return None;
        }
        let quiet = now.saturating_duration_since(self.since?);
        match stamp {
            Some(_) if quiet >= QUIET => {
                (self.since, self.told) = (None, false);
                Some(News::Changed)
            }
            None if quiet >= GONE && !self.told => {
                self.told = true;
                Some(News::Gone)
            }
            _ => None,
        }
    }

    /// The content of the file, if it differs from the last one read.
    async fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        let (path, most) = (self.path.clone(), self.most);
        let read = tokio::task::spawn_blocking(move || read(&path, most)).await;
        let bytes = match read.map_err(io::Error::other)? {
            Ok(bytes) => bytes,
            // The file has been removed in the meantime. The next poll finds that.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let now = Some(fingerprint(&bytes));
        let other = self.fingerprint != now;
        self.fingerprint = now;
        Ok(other.then_some(bytes))
    }
}

/// Reads the stamps of files on a thread that may block: a file on a network may take long.
async fn look(paths: Arc<[PathBuf]>) -> Vec<Option<Stamp>> {
    let looks = tokio::task::spawn_blocking(move || paths.iter().map(|path| stamp(path)).collect());
    looks.await.unwrap_or_default()
}

/// Reads a file, up to one byte more than the bound.
fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The stamp of the file that a path leads to now, through any links; none if it leads to no regular file, for example
/// to a pipe.
fn stamp(path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path)
        .ok()
        .filter(|found| found.is_file())?;
    Some(Stamp {
        device: found.dev(),
        file: found.ino(),
        size: found.size(),
        modified: (found.mtime(), found.mtime_nsec()),
        changed: (found.ctime(), found.ctime_nsec()),
    })
}

/// The folder that relative paths start from, by the name the shell uses for it: a link in that name may change later.
fn logical_folder() -> PathBuf {
    let real = std::env::current_dir().unwrap_or_default();
    let named = std::env::var_os("PWD").map(PathBuf::from);
    let is_it = |named: &PathBuf| {
        let same =
            |a: std::fs::Metadata, b: std::fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
        let both = std::fs::metadata(named)
            .ok()
            .zip(std::fs::metadata(&real).ok());
        named.is_absolute() && both.is_some_and(|(a, b)| same(a, b))
    };
    named.filter(is_it).unwrap_or(real)
}

fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(size: u64) -> Option<Stamp> {
        Some(Stamp {
            device: 1,
            file: 1,
            size,
            modified: (0, 0),
            changed: (0, 0),
        })
    }

    /// The news about a file with these stamps at these times.
    fn told(looks: &[(u64, Option<Stamp>)]) -> Vec<(u64, News)> {
        let mut file = File {
            path: PathBuf::new(),
            seen: of(1),
            since: None,
            fingerprint: None,
            told: false,
            most: 0,
        };
        let start = Instant::now();
        let looks = looks.iter().filter_map(|(at, stamp)| {
            let now = start + Duration::from_millis(*at);
            Some((*at, file.news(*stamp, now)?))
        });
        looks.collect()
    }

    #[test]
    fn a_file_is_read_when_it_has_been_quiet_and_once() {
        let looks = [
            (0, of(1)),
            (100, of(2)),
            (200, of(3)),
            (300, of(3)),
            (400, of(3)),
            (500, of(3)),
        ];
        assert_eq!(told(&looks), [(400, News::Changed)]);
    }

    #[test]
    fn a_file_that_is_gone_is_told_of_once_and_read_when_there_is_one_again() {
        let looks = [
            (0, None),
            (1000, None),
            (2000, None),
            (3000, None),
            (4000, of(1)),
            (4200, of(1)),
        ];
        assert_eq!(told(&looks), [(2000, News::Gone), (4200, News::Changed)]);
        // A program that saves by removing the old file first.
        assert_eq!(
            told(&[(0, None), (100, of(2)), (300, of(2))]),
            [(300, News::Changed)]
        );
    }
}
