//! Where control sockets are, which one is meant, and how stale ones are removed.
//!
//! A folder of the user holds one socket for each runner, `NAME.PID.sock`, with the name encoded by [`file_name`]. So
//! two runners never want the same socket. A socket in another place is found by its path only. The program says which
//! folders to use.
//!
//! Invariants:
//! - The folder belongs to the user and is closed to others, or it is not used: in a shared folder somebody else may
//!   have created it first. It is opened once, and its files are reached through the [handle](super::folder).
//! - A socket is created, and a stale one removed, only under the folder's lock. So a removed socket was certainly
//!   stale, and of two runners that want one place one gets it.
//! - Only its owner can access a socket, from the moment it exists.

use super::file_name;
use super::folder::{Folder, Identity};
use crate::error::SocketError;
use rustix::fs::Mode;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// The file extension of a socket.
const ENDING: &str = ".sock";

/// The path length in bytes that every system accepts: some allow 104 with a zero byte at the end.
const PATH_BYTES: usize = 103;

/// Connections that wait to be accepted: the default limit of Linux.
const BACKLOG: u32 = 4096;

/// The folders with the sockets of this user.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The folder in which sockets are created.
    pub usual: PathBuf,
    /// Other folders that may hold sockets, made by runners in other sessions. A runner that is called by a name is
    /// looked for here too.
    pub others: Vec<PathBuf>,
}

/// An open control socket.
#[derive(Debug)]
pub struct Opened {
    pub(crate) listener: UnixListener,
    pub(crate) file: SocketFile,
}

/// The file of a socket. Dropping this removes it.
#[derive(Debug)]
pub(crate) struct SocketFile {
    folder: Folder,
    name: String,
    /// To check before removing: another file may have taken the name by then.
    identity: Identity,
}

/// A runner that has a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Runner {
    name: String,
    pid: u32,
    /// The file name of its socket in the folder.
    file: String,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Somebody who cleared the folder may have removed the file already.
        if self
            .folder
            .find(&self.name)
            .is_ok_and(|(found, _)| found == self.identity)
        {
            let _ = self.folder.remove(&self.name);
        }
    }
}

impl Opened {
    /// Opens a socket in the usual folder for the runner of this name. Call it within the runtime that will serve the
    /// socket.
    ///
    /// # Errors
    /// When the folder cannot be used, or the system refuses.
    pub async fn usual(folders: &Folders, name: &str) -> Result<Self, SocketError> {
        let folder = Folder::of_user(&folders.usual)?;
        // Remove the stale sockets of runners that were killed.
        runners_in(&folder).await?;
        let file = format!("{}.{}{ENDING}", file_name::of(name), std::process::id());
        open_in(folder, file).await
    }

    /// Opens a socket at this path. Call it within the runtime that will serve the socket.
    ///
    /// # Errors
    /// When a runner answers there, the path is not a socket, its name is too long, or the system refuses.
    pub async fn at(path: &Path) -> Result<Self, SocketError> {
        let (folder, name) = parts(path)?;
        let opened = Folder::open(folder).map_err(|source| SocketError::OpenFolder {
            path: folder.to_owned(),
            source,
        })?;
        open_in(opened, name).await
    }
}

async fn open_in(folder: Folder, name: String) -> Result<Opened, SocketError> {
    let shown = folder.path().join(&name);
    let path = folder.reach(&name);
    let (length, most) = (path.as_os_str().len(), PATH_BYTES);
    if length > most {
        return Err(SocketError::NameTooLong {
            path: shown,
            given: name.len(),
            most: most.saturating_sub(length - name.len()),
        });
    }
    let locked = folder.lock().await?;
    match folder.find(&name) {
        Ok((_, false)) => return Err(SocketError::NoSocket { path: shown }),
        Ok(_) if answers(&path).await => return Err(SocketError::Taken { path: shown }),
        Ok(_) => {
            if let Err(source) = folder.remove(&name) {
                return Err(SocketError::Stale {
                    path: shown,
                    source,
                });
            }
        }
        Err(_) => {}
    }
    let opened = listen(&folder, &name);
    drop(locked);
    let (listener, identity) = opened.map_err(|source| SocketError::Open {
        path: shown,
        source,
    })?;
    Ok(Opened {
        listener,
        file: SocketFile {
            folder,
            name,
            identity,
        },
    })
}

/// Creates a socket in a folder, accessible to its owner only.
fn listen(folder: &Folder, name: &str) -> std::io::Result<(UnixListener, Identity)> {
    let path = folder.reach(name);
    let socket = UnixSocket::new_stream()?;
    // On Linux the file gets the mode of the socket.
    rustix::fs::fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    socket.bind(&path)?;
    let made = folder.made(name).inspect_err(|_| {
        let _ = folder.remove(name);
    })?;
    Ok((socket.listen(BACKLOG)?, made))
}

impl Folders {
    /// Connects to the runner that `on` names: by the path of its socket, its name, `NAME.PID` or the PID alone.
    /// Without `on`, to the only runner that is running. Returns the path of its socket too.
    ///
    /// # Errors
    /// When there is no such runner, it belongs to another user, or several match.
    pub(crate) async fn connect(
        &self,
        on: Option<&str>,
    ) -> Result<(UnixStream, PathBuf), SocketError> {
        let (folder, name) = match on {
            Some(on) if on.contains('/') => named(on)?,
            _ => match self.find(on).await {
                Ok(found) => found,
                // It may be a socket in the current folder, given by its bare name.
                Err(error) => match on.filter(|on| is_socket(on)) {
                    Some(on) => named(on)?,
                    None => return Err(error),
                },
            },
        };
        let path = folder.path().join(&name);
        let stream = match UnixStream::connect(folder.reach(&name)).await {
            Ok(stream) => stream,
            Err(source) => return Err(SocketError::Nobody { path, source }),
        };
        match stream.peer_cred() {
            Ok(peer) if peer.uid() == user() => Ok((stream, path)),
            Ok(_) => Err(SocketError::OtherUser { path }),
            Err(source) => Err(SocketError::Nobody { path, source }),
        }
    }

    /// Finds the socket of the runner that `on` names. A named runner is looked for in all folders that the user's
    /// runners may use, since sessions differ in their environment. Without a name, only the usual folder is searched.
    async fn find(&self, on: Option<&str>) -> Result<(Folder, String), SocketError> {
        let folder = Folder::of_user(&self.usual)?;
        let all = runners_in(&folder).await?;
        let first = match choose(&all, on, folder.path()) {
            Ok(meant) => {
                let file = meant.file.clone();
                return Ok((folder, file));
            }
            Err(error) => error,
        };
        let mut others = Vec::new();
        for path in self.others.iter().filter(|path| *path != folder.path()) {
            let Some(other) = Folder::of_user_if_there(path) else {
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
            others.extend(there.iter().map(|it| path.join(&it.file)));
        }
        Err(match first {
            SocketError::NoRunner { folder, .. } => SocketError::NoRunner {
                folder,
                elsewhere: others.into_iter().next(),
            },
            first => first,
        })
    }
}

/// The socket at a path that the user gave.
fn named(on: &str) -> Result<(Folder, String), SocketError> {
    let (folder, name) = parts(Path::new(on))?;
    let folder = Folder::open(folder).map_err(|source| SocketError::Nobody {
        path: on.into(),
        source,
    })?;
    Ok((folder, name))
}

/// The folder of a path, and the file name in it.
fn parts(path: &Path) -> Result<(&Path, String), SocketError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| SocketError::NoName {
        path: path.to_owned(),
    })?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok((folder, name.to_owned()))
}

fn is_socket(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

fn choose<'a>(
    all: &'a [Runner],
    on: Option<&str>,
    folder: &Path,
) -> Result<&'a Runner, SocketError> {
    let names = |runners: &[&Runner]| runners.iter().map(|it| it.full_name()).collect();
    let meant: Vec<_> = all
        .iter()
        .filter(|it| on.is_none_or(|on| it.is_called(on)))
        .collect();
    match (&meant[..], on) {
        ([one], _) => Ok(one),
        (_, _) if all.is_empty() => Err(SocketError::NoRunner {
            folder: folder.to_owned(),
            elsewhere: None,
        }),
        ([], Some(on)) => Err(SocketError::NotCalled {
            on: on.to_owned(),
            running: names(&all.iter().collect::<Vec<_>>()),
        }),
        (several, _) => Err(SocketError::Several {
            runners: names(several),
        }),
    }
}

impl Runner {
    fn full_name(&self) -> String {
        format!("{}.{}", file_name::shown(&self.name), self.pid)
    }

    /// Whether `on` names this runner: by its name, PID, both, or the name of its socket.
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

/// The runners in a folder whose sockets answer, sorted by name. Sockets that do not answer are removed.
async fn runners_in(folder: &Folder) -> Result<Vec<Runner>, SocketError> {
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

/// Whether a runner listens. A socket that is busy, or that we may not open, counts as answered.
async fn answers(path: &Path) -> bool {
    let gone = [ErrorKind::ConnectionRefused, ErrorKind::NotFound];
    match UnixStream::connect(path).await {
        Ok(_) => true,
        Err(error) => !gone.contains(&error.kind()),
    }
}

/// The user that this program runs as.
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}
