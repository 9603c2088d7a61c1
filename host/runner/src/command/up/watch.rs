//! `--watch`: reloads when a component's file changes.
//!
//! Folders are watched and not files, since editors and compilers put a new file in the place of
//! the old one. A change is taken up when the file has been quiet for a moment and its content is
//! another; content that is no component is told of and changes nothing.

use crate::manifest::Manifest;
use crate::screen::progress::Progress;
use anyhow::{Context, Result};
use indexmap::IndexMap;
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use weft_host::{Host, ReloadError, Supervisor};

/// How long a file must not change before it is read: a compiler writes one in many pieces,
/// and whoever has just saved one barely notices it.
const QUIET: Duration = Duration::from_millis(200);

/// The components of a manifest and who is made of them, with their files watched.
pub(super) struct Watch {
    components: IndexMap<String, Component>,
    changed: Arc<Changed>,
    /// Watches for as long as it lives.
    _watcher: RecommendedWatcher,
}

struct Component {
    file: PathBuf,
    /// Of what was in the file when it was last looked at.
    fingerprint: Option<u64>,
    processes: Vec<String>,
}

/// The components whose files have changed since somebody looked.
#[derive(Default)]
struct Changed {
    names: Mutex<BTreeSet<String>>,
    arrived: Notify,
}

impl Watch {
    /// Watches from now on; what is loaded after it is at least as new.
    pub(super) fn new(manifest: &Manifest) -> Result<Self> {
        let components: IndexMap<String, Component> = manifest
            .components
            .iter()
            .map(|(name, path)| {
                let file = manifest.folder.join(path);
                let processes = manifest.processes.iter();
                let component = Component {
                    fingerprint: std::fs::read(&file).ok().map(|bytes| fingerprint(&bytes)),
                    file,
                    processes: processes
                        .filter(|(_, process)| &process.component == name)
                        .map(|(name, _)| name.clone())
                        .collect(),
                };
                (name.clone(), component)
            })
            .collect();
        let mut names: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
        for (name, component) in &components {
            for place in places(&component.file) {
                names.entry(place).or_default().push(name.clone());
            }
        }
        let folders: BTreeSet<PathBuf> = names
            .keys()
            .filter_map(|place| Some(place.parent()?.to_owned()))
            .collect();
        let changed = Arc::new(Changed::default());
        let tell = changed.clone();
        let mut watcher = notify::recommended_watcher(move |event| tell.take(event, &names))
            .context("cannot watch for changes")?;
        for folder in folders {
            watcher
                .watch(&folder, RecursiveMode::NonRecursive)
                .with_context(|| format!("cannot watch `{}`", folder.display()))?;
        }
        Ok(Self {
            components,
            changed,
            _watcher: watcher,
        })
    }

    /// Reloads the processes of components that change, for ever.
    pub(super) async fn reload(mut self, host: Host, supervisor: Supervisor, progress: Progress) {
        loop {
            for name in self.changed.next().await {
                if let Some(component) = self.components.get_mut(&name) {
                    component.reload(&name, &host, &supervisor, &progress).await;
                }
            }
        }
    }
}

impl Component {
    async fn reload(
        &mut self,
        name: &str,
        host: &Host,
        supervisor: &Supervisor,
        progress: &Progress,
    ) {
        let bytes = match read(self.file.clone()).await {
            Ok(bytes) => bytes,
            // It has been removed, perhaps to be written anew.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                let file = self.file.display();
                return progress.say(&format!("{name} not reloaded: cannot read {file}: {error}"));
            }
        };
        let now = Some(fingerprint(&bytes));
        if self.fingerprint == now {
            return;
        }
        self.fingerprint = now;
        let compiling = progress.compiling(name);
        let loaded = host.components().load(name, bytes).await;
        match loaded {
            Ok(component) => compiling.done(&component),
            Err(error) => return progress.say(&format!("{name} not reloaded: {error}")),
        }
        for process in &self.processes {
            match supervisor.reload(process).await {
                Ok(()) => progress.say(&format!("{process} reloaded")),
                Err(ReloadError::Ended(_) | ReloadError::Stopping) => {}
                Err(error) => progress.say(&format!("{process} not reloaded: {error}")),
            }
        }
    }
}

impl Changed {
    /// Takes up what the system tells. It may tell that it has lost track: then all have changed.
    fn take(&self, event: notify::Result<notify::Event>, files: &BTreeMap<PathBuf, Vec<String>>) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Ok(event) if !event.need_rescan() => {
                if matters(event.kind) {
                    let found = event.paths.iter().filter_map(|path| files.get(path));
                    names.extend(found.flatten().cloned());
                }
            }
            _ => names.extend(files.values().flatten().cloned()),
        }
        if !names.is_empty() {
            self.arrived.notify_one();
        }
    }

    /// The next that have changed and are quiet.
    async fn next(&self) -> BTreeSet<String> {
        self.arrived.notified().await;
        while tokio::time::timeout(QUIET, self.arrived.notified())
            .await
            .is_ok()
        {}
        std::mem::take(&mut *self.names.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a file may be another after this; that somebody reads it is told too.
fn matters(kind: EventKind) -> bool {
    !kind.is_access() || kind == EventKind::Access(AccessKind::Close(AccessMode::Write))
}

/// Where a file is, as the system names it: where its name stands, and where that leads.
fn places(file: &Path) -> BTreeSet<PathBuf> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let named = folder.canonicalize().ok().zip(file.file_name());
    let named = named.map(|(folder, name)| folder.join(name));
    named.into_iter().chain(file.canonicalize()).collect()
}

async fn read(file: PathBuf) -> io::Result<Vec<u8>> {
    tokio::task::spawn_blocking(move || std::fs::read(file))
        .await
        .map_err(io::Error::other)?
}

fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
