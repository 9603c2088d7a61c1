//! `--watch`: reloads when a component's file changes.
//!
//! What is known of one file is in `file`. The files are polled by their paths, several times a second. The system's file watching would not do: it watches
//! what a path led to at first, and it reports nothing when a parent folder is removed and recreated, or when a link in
//! the path changes. A change counts when the file has been quiet for a moment and its content differs. Content that is
//! not a component is reported and changes nothing.
//!
//! Invariant: whatever happens to a file, its parent folders or the links to it, its next content is noticed, or the
//! file is reported as gone.

mod file;

use crate::command::dev::Builder;
use crate::manifest::{Checked, Manifest};
use crate::screen::progress::Progress;
use file::{File, News, Stamp, look};
use futures::future::join_all;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
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
