//! Where control sockets are, which of them is meant, and what is left of runners that are gone.
//!
//! `weft` in `XDG_RUNTIME_DIR`, else `weft-UID` in the folder for temporary files; in it one
//! socket a runner, `NAME.PID.sock`, so two runners never want the same one. One that was
//! placed elsewhere with `--control PATH` is found by its path only.
//!
//! Invariants:
//! - The folder is the user's own and closed to others, or is not used: in a shared folder somebody
//!   else may have made it first. It is opened once, and what is in it is reached through the [handle](super::folder).
//! - A socket is made by who has locked its folder, and so is one removed that nobody answers. So
//!   what is removed was left over for sure, and of two runners that want one place one gets it.
//! - A socket is for its owner alone from the moment on that it is there.

use super::folder::{Folder, Identity};
use anyhow::{Context, Result, bail};
use rustix::fs::Mode;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// How a socket's file name ends.
const ENDING: &str = ".sock";

/// Bytes of a socket's path that every system takes: 104 on some with a zero behind them.
const PATH_BYTES: usize = 103;

/// Bytes of a runner's name in the name of its socket.
const NAME_BYTES: usize = 40;

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
    let file = format!("{}.{}{ENDING}", plain(&name), std::process::id());
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
        Some(on) if on.contains('/') || on.ends_with(ENDING) => named(on)?,
        _ => {
            let folder = Folder::of_user(&usual())?;
            let all = runners_in(&folder).await?;
            let meant = choose(&all, on, folder.path());
            match on {
                // It may be one that was placed here, with `--control NAME`.
                Some(on) if meant.is_err() && is_socket(on) => named(on)?,
                _ => {
                    let file = meant?.file.clone();
                    (folder, file)
                }
            }
        }
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
            "no runner is called `{on}`; running: {}",
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
        format!("{}.{}", self.name, self.pid)
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.full_name() == name || self.pid.to_string() == name
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

/// Where sockets are. A variable that names no folder, as after `su` or in a container, is as good as none.
fn usual() -> PathBuf {
    let set = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    // A relative one is to be ignored, says its specification.
    match set.filter(|folder| folder.is_absolute() && folder.is_dir()) {
        Some(folder) => folder.join("weft"),
        None => std::env::temp_dir().join(format!("weft-{}", user())),
    }
}

/// The user this runs as.
pub(crate) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A name as it can stand in a file name.
fn plain(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let plain: String = name
        .chars()
        .map(|c| if fits(c) { c } else { '-' })
        .take(NAME_BYTES)
        .collect();
    if plain.is_empty() {
        "weft".to_owned()
    } else {
        plain
    }
}
