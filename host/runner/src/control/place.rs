//! Where control sockets are, which of them is meant, and what is left of runners that are gone.
//!
//! `weft` in `XDG_RUNTIME_DIR`, else `weft-UID` in the folder for temporary files; in it one
//! socket a runner, `NAME.PID.sock` with the name as [`file_name`] writes it, so two runners never want the same one. One that was
//! placed elsewhere with `--control PATH` is found by its path only.
//!
//! Invariants:
//! - The folder is the user's own and closed to others, or is not used: in a shared folder somebody
//!   else may have made it first. It is opened once, and what is in it is reached through the [handle](super::folder).
//! - A socket is made by who has locked its folder, and so is one removed that nobody answers. So
//!   what is removed was left over for sure, and of two runners that want one place one gets it.
//! - A socket is for its owner alone from the moment on that it is there.

use super::file_name;
use super::folder::{Folder, Identity};
use anyhow::{Context, Result, bail};
use rustix::fs::{Access, Mode, access};
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// How a socket's file name ends.
const ENDING: &str = ".sock";

/// Bytes of a socket's path that every system takes: 104 on some with a zero behind them.
const PATH_BYTES: usize = 103;

/// Connections that the system keeps until they are accepted: as many as Linux keeps unless told otherwise.
const BACKLOG: u32 = 4096;

/// A control socket that was opened.
pub(crate) struct Opened {
    pub(crate) listener: UnixListener,
    pub(crate) file: SocketFile,
}

/// The file of a socket, removed when this is dropped.
pub(crate) struct SocketFile {
    folder: Folder,
    name: String,
    /// Another may be in its place by then.
    identity: Identity,
}

/// A runner that has a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Runner {
    name: String,
    pid: u32,
    /// The name of its socket in the folder.
    file: String,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // It may have been removed already, by somebody who clears the folder.
        if self
            .folder
            .find(&self.name)
            .is_ok_and(|(found, _)| found == self.identity)
        {
            let _ = self.folder.remove(&self.name);
        }
    }
}

/// Opens a socket for the runner of this name.
///
/// # Errors
/// When there is no folder for it, or the system refuses.
pub(crate) async fn open(name: String) -> Result<Opened> {
    let folder = Folder::of_user(&usual())?;
    // What is left of runners that were killed.
    runners_in(&folder).await?;
    let file = format!("{}.{}{ENDING}", file_name::of(&name), std::process::id());
    open_in(folder, file).await
}

/// Opens a socket at this path.
///
/// # Errors
/// When somebody answers there, something else is there, its name is too long, or the system refuses.
pub(crate) async fn open_at(path: &Path) -> Result<Opened> {
    let (folder, name) = parts(path)?;
    let opened = Folder::open(folder);
    let opened =
        opened.with_context(|| format!("cannot open the folder `{}`", folder.display()))?;
    open_in(opened, name).await
}

async fn open_in(folder: Folder, name: String) -> Result<Opened> {
    let shown = folder.path().join(&name);
    let shown = shown.display();
    let path = folder.reach(&name);
    let (length, most) = (path.as_os_str().len(), PATH_BYTES);
    if length > most {
        let (given, most) = (name.len(), most.saturating_sub(length - name.len()));
        bail!(
            "the name of `{shown}` has {given} bytes, and that of a socket has at most {most} there; choose a shorter one with --control"
        );
    }
    let locked = folder.lock().await?;
    match folder.find(&name) {
        Ok((_, false)) => {
            bail!("`{shown}` is there and no socket; choose another path with --control")
        }
        Ok(_) if answers(&path).await => {
            bail!("`{shown}` belongs to a runner that is alive; choose another path with --control")
        }
        Ok(_) => {
            let removed = folder.remove(&name);
            removed.with_context(|| format!("cannot remove the stale `{shown}`"))?;
        }
        Err(_) => {}
    }
    let opened = listen(&folder, &name).with_context(|| format!("cannot open `{shown}`"));
    drop(locked);
    let (listener, identity) = opened?;
    Ok(Opened {
        listener,
        file: SocketFile {
            folder,
            name,
            identity,
        },
    })
}

/// Makes a socket in a folder, of whose owner alone it is.
fn listen(folder: &Folder, name: &str) -> std::io::Result<(UnixListener, Identity)> {
    let path = folder.reach(name);
    let socket = UnixSocket::new_stream()?;
    // The file gets the socket's own mode, on Linux.
    rustix::fs::fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    socket.bind(&path)?;
    let made = folder.made(name).inspect_err(|_| {
        let _ = folder.remove(name);
    })?;
    Ok((socket.listen(BACKLOG)?, made))
}

/// Connects to the runner that is meant: by the path of its socket, its name, `NAME.PID` or the PID
/// alone; without any, to the only one there is.
///
/// # Errors
/// When there is none, it is another user's, or several could be meant.
pub(crate) async fn connect(on: Option<&str>) -> Result<UnixStream> {
    let (folder, name) = match on {
        Some(on) if on.contains('/') => named(on)?,
        _ => match find(on).await {
            Ok(found) => found,
            // It may be one that was placed here, with `--control NAME`.
            Err(error) => match on.filter(|on| is_socket(on)) {
                Some(on) => named(on)?,
                None => return Err(error),
            },
        },
    };
    let shown = folder.path().join(&name);
    let shown = shown.display();
    let stream = UnixStream::connect(folder.reach(&name)).await;
    let stream = stream.with_context(|| nobody(&shown.to_string()))?;
    if stream.peer_cred()?.uid() != user() {
        bail!("`{shown}` belongs to another user");
    }
    Ok(stream)
}

/// Finds the socket of the runner that is meant. One that is called by a name is looked for in all folders that runners of this
/// user may have, since not every session has the same environment; without a name in the usual one alone.
async fn find(on: Option<&str>) -> Result<(Folder, String)> {
    let folder = Folder::of_user(&usual())?;
    let all = runners_in(&folder).await?;
    let first = match choose(&all, on, folder.path()) {
        Ok(meant) => {
            let file = meant.file.clone();
            return Ok((folder, file));
        }
        Err(error) => error,
    };
    let mut elsewhere = Vec::new();
    for path in folders().into_iter().filter(|path| path != folder.path()) {
        let Some(other) = Folder::of_user_if_there(&path) else {
            continue;
        };
        let there = runners_in(&other).await.unwrap_or_default();
        let meant: Vec<_> = there
            .iter()
            .filter(|it| on.is_some_and(|on| it.is_called(on)))
            .collect();
        if let [one] = meant[..] {
            let file = one.file.clone();
            return Ok((other, file));
        }
        elsewhere.extend(there.iter().map(|it| path.join(&it.file)));
    }
    match elsewhere.first() {
        Some(path) if all.is_empty() => bail!(
            "{first}; there is one that has another XDG_RUNTIME_DIR: --on {}",
            path.display()
        ),
        _ => Err(first),
    }
}

fn nobody(shown: &str) -> String {
    format!("no runner answers at `{shown}`; start one with `weft up MANIFEST`")
}

/// The socket at a path that somebody has given.
fn named(on: &str) -> Result<(Folder, String)> {
    let (folder, name) = parts(Path::new(on))?;
    let folder = Folder::open(folder).with_context(|| nobody(on))?;
    Ok((folder, name))
}

/// The folder of a path, and the name in it.
fn parts(path: &Path) -> Result<(&Path, String)> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("`{}` is no name of a socket", path.display()))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok((folder, name.to_owned()))
}

fn is_socket(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

fn choose<'a>(all: &'a [Runner], on: Option<&str>, folder: &Path) -> Result<&'a Runner> {
    let names = |runners: &[&Runner]| {
        let names: Vec<_> = runners.iter().map(|it| it.full_name()).collect();
        names.join(", ")
    };
    let meant: Vec<_> = all
        .iter()
        .filter(|it| on.is_none_or(|on| it.is_called(on)))
        .collect();
    match (&meant[..], on) {
        ([one], _) => Ok(one),
        (_, _) if all.is_empty() => bail!(
            "no runner is running: `{}` has no socket; start one with `weft up MANIFEST`",
            folder.display()
        ),
        ([], Some(on)) => bail!(
            "no runner is called `{on}`; running: {}; one that was started with --control is found by that path",
            names(&all.iter().collect::<Vec<_>>())
        ),
        (several, _) => bail!(
            "several runners could be meant; say which with --on: {}",
            names(several)
        ),
    }
}

impl Runner {
    fn full_name(&self) -> String {
        format!("{}.{}", file_name::shown(&self.name), self.pid)
    }

    /// Whether this means it: its name, the PID, both, or the name of its socket.
    fn is_called(&self, on: &str) -> bool {
        let pid = self.pid.to_string();
        let names = |name: &str| name == self.name || file_name::of(name) == self.name;
        let with_pid = on
            .rsplit_once('.')
            .is_some_and(|(name, of)| of == pid && names(name));
        names(on) || with_pid || on == pid || on == self.file
    }

    fn of(file: String) -> Option<Self> {
        let (name, pid) = file.strip_suffix(ENDING)?.rsplit_once('.')?;
        Some(Self {
            name: name.to_owned(),
            pid: pid.parse().ok()?,
            file,
        })
    }
}

/// The runners with a socket in a folder that answers, by name. Sockets that do not are removed.
async fn runners_in(folder: &Folder) -> Result<Vec<Runner>> {
    let _locked = folder.lock().await?;
    let mut runners = Vec::new();
    for runner in folder.names().into_iter().filter_map(Runner::of) {
        if answers(&folder.reach(&runner.file)).await {
            runners.push(runner);
        } else {
            tracing::debug!("removing `{}`, which nobody answers", runner.file);
            let _ = folder.remove(&runner.file);
        }
    }
    runners.sort_by(|a, b| (&a.name, a.pid).cmp(&(&b.name, b.pid)));
    Ok(runners)
}

/// Whether somebody listens; a socket that is busy, or not ours to open, counts as answered.
async fn answers(path: &Path) -> bool {
    let gone = [ErrorKind::ConnectionRefused, ErrorKind::NotFound];
    match UnixStream::connect(path).await {
        Ok(_) => true,
        Err(error) => !gone.contains(&error.kind()),
    }
}

/// Where sockets are made.
fn usual() -> PathBuf {
    of_session(std::env::var_os("XDG_RUNTIME_DIR")).unwrap_or_else(of_machine)
}

/// Where sockets of this user may be.
fn folders() -> Vec<PathBuf> {
    let session = of_session(Some(format!("/run/user/{}", user()).into()));
    [Some(usual()), session, Some(of_machine())]
        .into_iter()
        .flatten()
        .collect()
}

/// In the folder of a session. A variable that names no folder of this user's, as after `su` or in a container, is as good as none.
fn of_session(folder: Option<OsString>) -> Option<PathBuf> {
    let folder = folder.map(PathBuf::from)?;
    // A relative one is to be ignored, says its specification.
    let found = folder.is_absolute().then(|| fs::metadata(&folder).ok())??;
    let can_use = Access::WRITE_OK | Access::EXEC_OK;
    let ours = found.is_dir() && found.uid() == user();
    (ours && access(&folder, can_use).is_ok()).then(|| folder.join("weft"))
}

/// Where there is no session.
fn of_machine() -> PathBuf {
    std::env::temp_dir().join(format!("weft-{}", user()))
}

/// The user this runs as.
pub(crate) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}
