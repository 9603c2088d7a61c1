//! A sink that appends to a file, which may be rotated: `FILE` becomes `FILE.1`, that `FILE.2`, and so on.
//!
//! Invariants:
//! - What was read together is in the file whole, or not at all if the file can be truncated again.
//! - A frame is in one file: files are only changed between what was read together.

use super::Outflow;
use super::drain::Drain;
use crate::counters;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use weft_host::log::Severity;
use weft_host::process::{Context, Program, Running};

/// When the bytes are on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fsync {
    /// When the system writes them. They survive the end of this program, and not that of the machine.
    #[default]
    Never,
    /// Before the next frames are read.
    Batch,
}

/// When a new file is begun, and how many old ones stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Before the file would have more bytes than this.
    pub bytes: Option<u64>,
    /// With the first frame when the file is as old as this.
    pub age: Option<Duration>,
    /// Old files that stay; older ones are removed.
    pub keep: u32,
}

/// Old files that stay by default.
const DEFAULT_KEEP: u32 = 5;

impl Default for Rotation {
    fn default() -> Self {
        Self {
            bytes: None,
            age: None,
            keep: DEFAULT_KEEP,
        }
    }
}

/// Appends to a file.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
    outflow: Outflow,
    rotation: Rotation,
    fsync: Fsync,
}

impl FileSink {
    /// A sink that appends to this file. It is made with the folders that are missing.
    pub fn new(path: PathBuf, outflow: Outflow) -> Self {
        Self {
            path,
            outflow,
            rotation: Rotation::default(),
            fsync: Fsync::default(),
        }
    }

    /// The same, which begins a new file at these times.
    #[must_use]
    pub fn rotation(self, rotation: Rotation) -> Self {
        Self { rotation, ..self }
    }

    /// The same, whose bytes are on the disk then.
    #[must_use]
    pub fn fsync(self, fsync: Fsync) -> Self {
        Self { fsync, ..self }
    }

    async fn write(self: Arc<Self>, context: Context) -> Result<String, String> {
        let mut drain = Drain::new(context, &self.outflow, self.rotation.bytes)?;
        let mut appending = Appending::new(self.clone());
        let syncs = counters::SINK_SYNCS.open(&drain.context);
        // Before the first frame: a file that cannot be made is told of at once.
        let mut out = Vec::new();
        (appending, out) = appending.append(out).await?;
        while drain.next(&mut out).await? {
            (appending, out) = appending.append(out).await?;
            syncs.add(std::mem::take(&mut appending.syncs));
            if let Some(error) = appending.not_removed.take() {
                let shown = self.path.display();
                let text = format!("an old file of `{shown}` cannot be removed: {error}");
                drain.context.log(Severity::Warn, text, []);
            }
        }
        Ok(drain.finish())
    }
}

impl Program for FileSink {
    fn kind(&self) -> &str {
        "sink:file"
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(self.write(context))
    }
}

/// The file while it is written to.
struct Appending {
    of: Arc<FileSink>,
    open: Option<Open>,
    /// How often the file was brought to the disk.
    syncs: u64,
    not_removed: Option<io::Error>,
}

struct Open {
    file: File,
    bytes: u64,
    begun: SystemTime,
}

impl Open {
    fn new(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let found = file.metadata()?;
        Ok(Self {
            bytes: found.len(),
            // A file system may not know it.
            begun: found.created().unwrap_or_else(|_| SystemTime::now()),
            file,
        })
    }
}

impl Appending {
    fn new(of: Arc<FileSink>) -> Self {
        Self {
            of,
            open: None,
            syncs: 0,
            not_removed: None,
        }
    }

    /// Appends on a thread that may block.
    async fn append(mut self, out: Vec<u8>) -> Result<(Self, Vec<u8>), String> {
        let path = self.of.path.clone();
        let appended = tokio::task::spawn_blocking(move || {
            let appended = self.append_now(&out);
            (self, out, appended)
        });
        let (this, out, appended) = appended.await.map_err(|error| error.to_string())?;
        appended.map_err(|error| format!("cannot write to `{}`: {error}", path.display()))?;
        Ok((this, out))
    }

    fn append_now(&mut self, out: &[u8]) -> io::Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::new(&self.of.path)?,
        };
        if self.of.is_due(&open, out.len() as u64) {
            drop(open);
            self.rotate()?;
            open = Open::new(&self.of.path)?;
        }
        let written = open.file.write_all(out);
        let written = written.and_then(|()| match self.of.fsync {
            Fsync::Batch if !out.is_empty() => open.file.sync_data().map(|()| self.syncs += 1),
            _ => Ok(()),
        });
        if let Err(error) = written {
            // A part of it would be half a frame. What is no regular file cannot be truncated.
            let _ = open.file.set_len(open.bytes);
            return Err(error);
        }
        open.bytes += out.len() as u64;
        self.open = Some(open);
        Ok(())
    }

    /// Gives the file the next name, and the older ones theirs.
    fn rotate(&mut self) -> io::Result<()> {
        let Rotation { keep, .. } = self.of.rotation;
        let named = |number: u32| {
            let mut path = self.of.path.clone();
            path.as_mut_os_string().push(format!(".{number}"));
            path
        };
        if keep == 0 {
            return fs::remove_file(&self.of.path);
        }
        // The oldest is replaced by the one before it.
        for number in (1..keep).rev() {
            match fs::rename(named(number), named(number + 1)) {
                Err(error) if error.kind() != ErrorKind::NotFound => self.not_removed = Some(error),
                _ => {}
            }
        }
        fs::rename(&self.of.path, named(1))
    }
}

impl FileSink {
    /// Whether a new file is to be begun before so many bytes.
    fn is_due(&self, open: &Open, more: u64) -> bool {
        if open.bytes == 0 || more == 0 {
            return false;
        }
        let full = |most| open.bytes.saturating_add(more) > most;
        let old = |most| open.begun.elapsed().is_ok_and(|age| age >= most);
        self.rotation.bytes.is_some_and(full) || self.rotation.age.is_some_and(old)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn append(sink: FileSink, pieces: &[&str]) -> io::Result<()> {
        let mut appending = Appending::new(Arc::new(sink));
        for piece in pieces {
            appending.append_now(piece.as_bytes())?;
        }
        Ok(())
    }

    fn read(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn a_full_file_gets_a_number_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/out");
        let rotation = Rotation {
            bytes: Some(6),
            keep: 2,
            ..Rotation::default()
        };
        let sink = || FileSink::new(path.clone(), Outflow::default()).rotation(rotation);
        append(
            sink(),
            &["one\n", "2\n", "three\n", "a longer one\n", "5\n"],
        )
        .unwrap();
        let names = ["out", "out.1", "out.2", "out.3"].map(|name| read(&path.with_file_name(name)));
        assert_eq!(names, ["5\n", "a longer one\n", "three\n", ""]);
        // Another process goes on with the file that is there.
        append(sink(), &["6\n", "7\n", "8\n"]).unwrap();
        let names = ["out", "out.1", "out.2"].map(|name| read(&path.with_file_name(name)));
        assert_eq!(names, ["8\n", "5\n6\n7\n", "a longer one\n"]);
    }

    #[test]
    fn an_old_file_is_changed_with_the_next_frame() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let rotation = Rotation {
            age: Some(Duration::ZERO),
            keep: 0,
            ..Rotation::default()
        };
        let sink = FileSink::new(path.clone(), Outflow::default()).rotation(rotation);
        append(sink, &["one\n", "two\n"]).unwrap();
        assert_eq!(read(&path), "two\n");
        assert!(!path.with_file_name("out.1").exists());
    }

    #[test]
    fn the_file_is_brought_to_the_disk_after_each_piece_if_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let sink = FileSink::new(folder.path().join("out"), Outflow::default());
        let mut appending = Appending::new(Arc::new(sink.fsync(Fsync::Batch)));
        // The first is there to open the file.
        for piece in ["", "one\n", "two\n"] {
            appending.append_now(piece.as_bytes()).unwrap();
        }
        assert_eq!(appending.syncs, 2);
        let sink = FileSink::new(folder.path().join("out"), Outflow::default());
        let mut appending = Appending::new(Arc::new(sink));
        appending.append_now(b"three\n").unwrap();
        assert_eq!(appending.syncs, 0);
    }

    #[test]
    fn what_does_not_fit_on_the_disk_is_an_error() {
        let sink = FileSink::new("/dev/full".into(), Outflow::default());
        let error = append(sink, &["one\n"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
