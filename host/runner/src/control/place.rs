//! Where control sockets are, which of them is meant, and what is left of runners that are gone.
//!
//! `weft` in `XDG_RUNTIME_DIR`, else `weft-UID` in the folder for temporary files; in it one
//! socket a runner, `NAME.PID.sock`, so two runners never want the same one. One that was
//! placed elsewhere with `--control PATH` is found by its path only.
//!
//! Invariants:
//! - The folder is the user's own and closed to others, or is not used: in a shared folder somebody
//!   else may have made it first.
//! - A socket is made by who has locked its folder, and so is one removed that nobody answers. So
//!   what is removed was left over for sure, and of two runners that want one place one gets it.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};

/// How a socket's file name ends.
const ENDING: &str = ".sock";

/// Bytes of a socket's path that every system takes: 104 on some with a zero behind them.
const PATH_BYTES: usize = 103;

/// Bytes of a runner's name in the name of its socket.
const NAME_BYTES: usize = 40;

/// How often a folder is tried that somebody else has locked, and the pause between: two seconds
/// together, where a socket takes milliseconds. A shared folder could stay locked for ever.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// A control socket that was opened.
pub(crate) struct Opened {
    pub(crate) listener: UnixListener,
    pub(crate) file: SocketFile,
}

/// The file of a socket, removed when this is dropped.
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Device and number: another may be in its place by then.
    identity: (u64, u64),
}

/// A runner that has a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Runner {
    pub(crate) name: String,
    pub(crate) pid: u32,
    pub(crate) path: PathBuf,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // It may have been removed already, by somebody who clears the folder.
        if fs::symlink_metadata(&self.path).is_ok_and(|found| identity(&found) == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Opens a socket for the runner of this name.
///
/// # Errors
/// When there is no folder for it, or the system refuses.
pub(crate) async fn open(name: &str) -> Result<Opened> {
    let folder = folder()?;
    secure(&folder)?;
    // What is left of runners that were killed.
    runners_in(&folder).await?;
    open_at(&folder.join(format!("{}.{}{ENDING}", plain(name), std::process::id()))).await
}

/// Opens a socket at this path.
///
/// # Errors
/// When somebody answers there, something else is there, the path is too long, or the system refuses.
pub(crate) async fn open_at(path: &Path) -> Result<Opened> {
    let shown = path.display();
    let length = path.as_os_str().len();
    if length > PATH_BYTES {
        bail!(
            "`{shown}` has {length} bytes, and the path of a socket has at most {PATH_BYTES}; choose a shorter one with --control"
        );
    }
    let _locked = lock(folder_of(path)).await?;
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            bail!("`{shown}` is there and no socket; choose another path with --control")
        }
        Ok(_) if answers(path).await => {
            bail!("`{shown}` belongs to a runner that is alive; choose another path with --control")
        }
        Ok(_) => {
            fs::remove_file(path).with_context(|| format!("cannot remove the stale `{shown}`"))?;
        }
        Err(_) => {}
    }
    let cannot = || format!("cannot open `{shown}`");
    let listener = UnixListener::bind(path).with_context(cannot)?;
    let found = fs::symlink_metadata(path).with_context(cannot)?;
    let file = SocketFile {
        path: path.to_owned(),
        identity: identity(&found),
    };
    // Whoever got in before this is turned away by the server, which looks at the user.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).with_context(cannot)?;
    Ok(Opened { listener, file })
}

/// Connects to the runner that is meant: by the path of its socket, its name, `NAME.PID` or the PID
/// alone; without any, to the only one there is.
///
/// # Errors
/// When there is none, it is another user's, or several could be meant.
pub(crate) async fn connect(on: Option<&str>) -> Result<UnixStream> {
    let path = match on {
        Some(on) if on.contains('/') || on.ends_with(ENDING) => PathBuf::from(on),
        _ => {
            let folder = folder()?;
            let all = match fs::symlink_metadata(&folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
                _ => {
                    secure(&folder)?;
                    runners_in(&folder).await?
                }
            };
            choose(&all, on, &folder)?.path.clone()
        }
    };
    let shown = path.display();
    let stream = UnixStream::connect(&path).await.with_context(|| {
        format!("no runner answers at `{shown}`; start one with `weft up MANIFEST`")
    })?;
    if stream.peer_cred()?.uid() != user()? {
        bail!("`{shown}` belongs to another user");
    }
    Ok(stream)
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

    fn of(path: PathBuf) -> Option<Self> {
        let file = path.file_name()?.to_str()?.strip_suffix(ENDING)?;
        let (name, pid) = file.rsplit_once('.')?;
        Some(Self {
            name: name.to_owned(),
            pid: pid.parse().ok()?,
            path,
        })
    }
}

/// The runners with a socket in a folder that answers, by name. Sockets that do not are removed.
async fn runners_in(folder: &Path) -> Result<Vec<Runner>> {
    let _locked = lock(folder).await?;
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut runners = Vec::new();
    for runner in entries.filter_map(|entry| Runner::of(entry.path())) {
        if answers(&runner.path).await {
            runners.push(runner);
        } else {
            tracing::debug!("removing `{}`, which nobody answers", runner.path.display());
            let _ = fs::remove_file(&runner.path);
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

/// Locks a folder until what is returned is dropped. The system unlocks what a killed runner had locked.
async fn lock(folder: &Path) -> Result<File> {
    let shown = folder.display();
    let file = File::open(folder).with_context(|| format!("cannot open the folder `{shown}`"))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(LOCK_PAUSE).await,
            Err(fs::TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock the folder `{shown}`"));
            }
        }
    }
    bail!("the folder `{shown}` stays locked by another program; choose another with --control")
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn identity(found: &fs::Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

/// Where sockets are.
fn folder() -> Result<PathBuf> {
    let set = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    // A relative one is to be ignored, says its specification.
    Ok(match set.filter(|folder| folder.is_absolute()) {
        Some(folder) => folder.join("weft"),
        None => std::env::temp_dir().join(format!("weft-{}", user()?)),
    })
}

/// Makes the folder, or makes sure that the one that is there is ours alone.
fn secure(folder: &Path) -> Result<()> {
    let shown = folder.display();
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => {
            return made
                .with_context(|| format!("cannot make the folder `{shown}` for control sockets"));
        }
    }
    let found = fs::symlink_metadata(folder).with_context(|| format!("cannot read `{shown}`"))?;
    if !found.is_dir() || found.uid() != user()? {
        bail!(
            "`{shown}` is there and not a folder of yours; remove it, or set XDG_RUNTIME_DIR to one that is"
        );
    }
    if found.mode() & 0o077 != 0 {
        bail!("others can get into `{shown}`; chmod 700 it");
    }
    Ok(())
}

/// The user this runs as: the system says it of both ends of a pair of sockets.
pub(crate) fn user() -> Result<u32> {
    let (one, _other) = UnixStream::pair().context("cannot tell the user")?;
    Ok(one.peer_cred().context("cannot tell the user")?.uid())
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
