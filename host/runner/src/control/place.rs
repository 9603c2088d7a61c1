//! Where control sockets are, which of them is meant, and what is left of runners that are gone.
//!
//! `weft` in `XDG_RUNTIME_DIR`, else `weft-UID` in the folder for temporary files; in it one
//! socket a runner, `NAME.PID.sock`, so two runners never want the same one.
//!
//! Invariants:
//! - The folder is the user's own and closed to others, or is not used: in a shared folder somebody else may
//!   have made it first.
//! - A socket appears under its name only once it answers, so one that does not answer is left over and may be
//!   removed by whoever finds it.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

/// How a socket's file name ends.
const ENDING: &str = ".sock";

/// Bytes of a socket's path that systems take: 108 on Linux with a zero behind them, less elsewhere.
const PATH_BYTES: usize = 103;

/// Bytes of a runner's name in the name of its socket.
const NAME_BYTES: usize = 40;

/// A control socket that was opened, removed when this is dropped.
pub(crate) struct Opened {
    pub(crate) listener: UnixListener,
    pub(crate) path: PathBuf,
}

impl Drop for Opened {
    fn drop(&mut self) {
        // It may have been removed already, by somebody who clears the folder.
        let _ = fs::remove_file(&self.path);
    }
}

/// A runner that has a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Runner {
    pub(crate) name: String,
    pub(crate) pid: u32,
    pub(crate) path: PathBuf,
}

/// Opens a socket for the runner of this name.
///
/// # Errors
/// When there is no folder for it, or the system refuses.
pub(crate) fn open(name: &str) -> Result<Opened> {
    let folder = folder()?;
    secure(&folder)?;
    // What is left of runners that were killed.
    let _ = runners_in(&folder);
    let path = folder.join(format!("{}.{}{ENDING}", plain(name), std::process::id()));
    open_at(&path)
}

/// Opens a socket at this path.
///
/// # Errors
/// When somebody answers there, something else is there, the path is too long, or the system refuses.
pub(crate) fn open_at(path: &Path) -> Result<Opened> {
    let shown = path.display();
    let length = path.as_os_str().len();
    if length > PATH_BYTES {
        bail!("`{shown}` has {length} bytes, and the path of a socket at most {PATH_BYTES}; choose a shorter one with --control");
    }
    match fs::symlink_metadata(path) {
        Ok(found) if !is_socket(&found) => {
            bail!("`{shown}` is there and no socket; choose another path with --control")
        }
        Ok(_) if answers(path) => {
            bail!("`{shown}` belongs to a runner that is alive; choose another path with --control")
        }
        _ => {}
    }
    // Under another name until it listens, and put in its place in one step.
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let draft = if draft.as_os_str().len() > PATH_BYTES {
        path.with_extension("n")
    } else {
        draft
    };
    let _ = fs::remove_file(&draft);
    let listener = UnixListener::bind(&draft).with_context(|| format!("cannot open `{shown}`"))?;
    let placed = fs::set_permissions(&draft, fs::Permissions::from_mode(0o600))
        .and_then(|()| fs::rename(&draft, path));
    if let Err(error) = placed {
        let _ = fs::remove_file(&draft);
        return Err(error).with_context(|| format!("cannot open `{shown}`"));
    }
    Ok(Opened {
        listener,
        path: path.to_owned(),
    })
}

/// Connects to the runner that is meant: by the path of its socket, its name, `NAME.PID` or the PID alone; without
/// any, to the only one there is.
///
/// # Errors
/// When there is none, or several could be meant.
pub(crate) async fn connect(on: Option<&str>) -> Result<UnixStream> {
    if let Some(path) = on.filter(|on| on.contains('/')) {
        return UnixStream::connect(path)
            .await
            .with_context(|| format!("no runner answers at `{path}`"));
    }
    let folder = folder()?;
    let all = match fs::symlink_metadata(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        _ => {
            secure(&folder)?;
            runners_in(&folder)
        }
    };
    let runner = choose(&all, on)?;
    let path = runner.path.display();
    UnixStream::connect(&runner.path)
        .await
        .with_context(|| format!("no runner answers at `{path}`"))
}

fn choose<'a>(all: &'a [Runner], on: Option<&str>) -> Result<&'a Runner> {
    let names = |runners: &[&Runner]| {
        let names: Vec<_> = runners.iter().map(|it| it.full_name()).collect();
        names.join(", ")
    };
    let meant: Vec<_> = all.iter().filter(|it| on.is_none_or(|on| it.is_called(on))).collect();
    match (&meant[..], on) {
        ([one], _) => Ok(one),
        (_, _) if all.is_empty() => {
            bail!("no runner is running; start one with `weft up MANIFEST`")
        }
        ([], Some(on)) => bail!(
            "no runner is called `{on}`; running: {}",
            names(&all.iter().collect::<Vec<_>>())
        ),
        (several, _) => bail!("several runners could be meant; say which with --on: {}", names(several)),
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
fn runners_in(folder: &Path) -> Vec<Runner> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let found = entries.filter_map(|entry| Runner::of(entry.path()));
    let mut runners: Vec<_> = found
        .filter(|runner| {
            let live = answers(&runner.path);
            if !live {
                tracing::debug!("removing `{}`, which nobody answers", runner.path.display());
                let _ = fs::remove_file(&runner.path);
            }
            live
        })
        .collect();
    runners.sort_by(|a, b| (&a.name, a.pid).cmp(&(&b.name, b.pid)));
    runners
}

/// Whether somebody listens; a socket that is busy, or not ours to open, counts as answered.
fn answers(path: &Path) -> bool {
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound),
    }
}

/// Where sockets are.
fn folder() -> Result<PathBuf> {
    let set = std::env::var_os("XDG_RUNTIME_DIR").filter(|value| !value.is_empty());
    Ok(match set {
        Some(folder) => PathBuf::from(folder).join("weft"),
        None => std::env::temp_dir().join(format!("weft-{}", user()?)),
    })
}

/// Makes the folder, or makes sure that the one that is there is ours alone.
fn secure(folder: &Path) -> Result<()> {
    let shown = folder.display();
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        made => return made.with_context(|| format!("cannot make the folder `{shown}` for control sockets")),
    }
    let found = fs::symlink_metadata(folder).with_context(|| format!("cannot read `{shown}`"))?;
    if !found.is_dir() || found.uid() != user()? {
        bail!("`{shown}` is there and not a folder of yours; remove it, or set XDG_RUNTIME_DIR to one that is");
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
    let plain: String = name.chars().map(|c| if fits(c) { c } else { '-' }).take(NAME_BYTES).collect();
    if plain.is_empty() { "weft".to_owned() } else { plain }
}

fn is_socket(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    found.file_type().is_socket()
}
