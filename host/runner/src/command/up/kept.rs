//! The log file of a runner in the background: `NAME.PID.log` in the user's folder for state.
//!
//! When it has [`MOST`] bytes it becomes `NAME.PID.log.1`, and a new one is begun. So the last entries are always there.
//!
//! Invariant: a runner leaves at most two files, and those of a name are at most [`RUNS`] runners'.

use crate::screen::output;
use crate::setting;
use anyhow::{Context, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Bytes of one file, and what is written between two looks: a day of a busy log, and no burden for a disk.
const MOST: u64 = 8 << 20;

/// The pause between two looks at the size.
const LOOK: Duration = Duration::from_secs(1);

/// Runners of one name whose files are kept, the newest ones: people ask how the last ones ended.
const RUNS: usize = 4;

/// Bytes at the end of a log that are shown of a runner that ended while it started.
const LAST: u64 = 64 << 10;

/// An open log.
pub(super) struct Kept {
    path: PathBuf,
    file: File,
}

impl Kept {
    /// Makes the file of this runner, and removes those of old ones.
    ///
    /// # Errors
    /// When there is no folder for it, or the system's error.
    pub(super) fn make(name: &str) -> Result<Self> {
        let folder = setting::state_folder();
        let folder = folder.context("there is no folder for it; set XDG_STATE_HOME or HOME")?;
        let shown = || format!("cannot make `{}`", folder.display());
        let mut make = fs::DirBuilder::new();
        make.recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(shown)?;
        let name = weft_control::file_name(name);
        remove_old(&folder, &name);
        let path = folder.join(format!("{name}.{}.log", std::process::id()));
        let file = open(&path).with_context(|| format!("cannot make `{}`", path.display()))?;
        Ok(Self { path, file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Begins a new file whenever this one is full, and turns the streams there.
    pub(super) async fn keep_small(mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let size = self.file.metadata().map_or(0, |file| file.len());
            if size < MOST {
                continue;
            }
            // If this fails, the next look tries it again; there is nowhere to say so but the log itself.
            if let Err(error) = self.turn() {
                tracing::warn!("the log grows beyond its bound: {error}");
            }
        }
    }

    fn turn(&mut self) -> std::io::Result<()> {
        fs::rename(&self.path, earlier(&self.path))?;
        self.file = open(&self.path)?;
        output::turn(&self.file)
    }
}

/// What was written before the newest file.
fn earlier(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

/// Opens a new file that only the user can read. What was there of a runner with the same process id is gone.
fn open(path: &Path) -> std::io::Result<File> {
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    // Both streams append to it.
    options.append(true).create_new(true).mode(0o600).open(path)
}

/// Removes the files of all but the newest runners of a name. One that still runs keeps its own.
fn remove_old(folder: &Path, name: &str) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let of_name = entries.filter_map(|entry| {
        let file = entry.file_name().into_string().ok()?;
        let pid = file
            .strip_prefix(name)?
            .strip_prefix('.')?
            .strip_suffix(".log")?;
        let is_one = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
        let is_over = is_one && !Path::new("/proc").join(pid).exists();
        let time = entry.metadata().and_then(|file| file.modified());
        is_over.then(|| (time.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()))
    });
    let mut all: Vec<_> = of_name.collect();
    all.sort();
    // With the new one there are as many as are kept.
    let surplus = (all.len() + 1).saturating_sub(RUNS);
    for (_, path) in all.into_iter().take(surplus) {
        let _ = fs::remove_file(earlier(&path));
        let _ = fs::remove_file(path);
    }
}

/// The lines at the end of a log.
pub(super) fn last_lines(path: &Path) -> Vec<String> {
    let read = || {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(LAST)))?;
        let mut bytes = Vec::new();
        file.take(LAST).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    text.lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_files_of_the_newest_runners_of_a_name_stay_and_those_of_others_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = |file: &str| folder.path().join(file);
        // No process has so large an id.
        for (age, pid) in [5, 9, 1, 7, 3, 8].into_iter().enumerate() {
            let file = File::create(path(&format!("app.900000{pid}.log"))).unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(age as u64);
            file.set_modified(time).unwrap();
        }
        for other in [
            "app.9000005.log.1",
            "app.1.log",
            "app.x.log",
            "app-2.9.log",
            "app.log",
        ] {
            File::create(path(other)).unwrap();
        }
        remove_old(folder.path(), "app");
        let names = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let wanted = [
            "app-2.9.log",
            "app.1.log",
            "app.9000003.log",
            "app.9000007.log",
            "app.9000008.log",
            "app.log",
            "app.x.log",
        ];
        assert_eq!(names, wanted);
    }

    #[test]
    fn the_end_of_a_log_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.1.log");
        let line = "x".repeat(1023) + "\n";
        fs::write(&path, line.repeat(100)).unwrap();
        assert_eq!(last_lines(&path).len(), 64);
        assert!(last_lines(&folder.path().join("none")).is_empty());
    }
}
