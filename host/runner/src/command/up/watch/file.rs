//! One file that is watched: when it has changed, when it is gone, and what is in it now.
//!
//! Invariants: a change is told of once, when the file has been quiet for a moment; and what is read has a bound.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a file must not change before it is read: a compiler writes a file in many pieces.
const QUIET: Duration = Duration::from_millis(200);

/// How long a file may be missing before that is reported: some programs save a file by removing the old one first.
const GONE: Duration = Duration::from_secs(2);

/// A file, and its last known state.
pub(super) struct File {
    pub(super) path: PathBuf,
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
pub(super) struct Stamp {
    device: u64,
    file: u64,
    size: u64,
    /// Seconds and nanoseconds. Programs can set the first (mtime), but not the second (ctime).
    modified: (i64, i64),
    changed: (i64, i64),
}

/// A change of a file that needs action.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    Changed,
    Gone,
}

impl File {
    pub(super) fn new(path: PathBuf, most: u64) -> Self {
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
    pub(super) fn news(&mut self, stamp: Option<Stamp>, now: Instant) -> Option<News> {
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
    pub(super) async fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
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
pub(super) async fn look(paths: Arc<[PathBuf]>) -> Vec<Option<Stamp>> {
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
