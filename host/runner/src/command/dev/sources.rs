//! The source files of builds: what is in the folder that a command runs in.
//!
//! They are polled, for the reasons that `up/watch` has. Left out are hidden files, `target`, `node_modules`, what a
//! `.gitignore` says, and the files given by whoever looks: what is built, and what processes write.

use super::ignored::Ignored;
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Files that are watched at most: a large project, and a look at them still takes well below a second.
const MOST_FILES: usize = 20_000;

/// How deep folders are looked into.
const MOST_DEPTH: usize = 32;

/// Folders that tools make, whether or not a `.gitignore` says so.
const MADE: [&str; 3] = ["target", "node_modules", "__pycache__"];

/// The state of the files: their sizes and times by their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sources {
    files: BTreeMap<PathBuf, Stamp>,
    /// Whether there were more than are watched.
    pub(super) is_cut: bool,
}

type Stamp = (u64, u64, i64, i64);

impl Sources {
    /// The files in a folder now, without those of these paths and what is below them.
    pub(super) fn of(folder: &Path, without: &[PathBuf]) -> Self {
        let mut sources = Self::default();
        let mut rules = Vec::new();
        sources.add(folder, without, &mut rules, &mut Vec::new());
        sources
    }

    fn add(
        &mut self,
        folder: &Path,
        without: &[PathBuf],
        rules: &mut Vec<(usize, Ignored)>,
        path: &mut Vec<String>,
    ) {
        rules.push((path.len(), Ignored::of(folder)));
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let full = entry.path();
            // Links are followed to files only, so that there are no circles.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_hidden = name.starts_with('.');
            let is_made = is_folder && MADE.contains(&&*name);
            if is_hidden || is_made || without.contains(&full) {
                continue;
            }
            path.push(name);
            if !is_ignored(rules, path, is_folder) {
                match is_folder {
                    true if path.len() < MOST_DEPTH => self.add(&full, without, rules, path),
                    true => self.is_cut = true,
                    false => self.file(full),
                }
            }
            path.pop();
        }
        rules.pop();
    }

    fn file(&mut self, path: PathBuf) {
        let found = fs::metadata(&path).ok().filter(Metadata::is_file);
        match found {
            Some(_) if self.files.len() >= MOST_FILES => self.is_cut = true,
            Some(found) => {
                let stamp = (found.ino(), found.size(), found.mtime(), found.mtime_nsec());
                self.files.insert(path, stamp);
            }
            None => {}
        }
    }

    /// The first file that differs.
    pub(super) fn changed_since(&self, before: &Self) -> Option<&Path> {
        let changed =
            |one: &Self, other: &Self, path: &PathBuf| one.files.get(path) != other.files.get(path);
        let now = self.files.keys().find(|path| changed(self, before, path));
        let gone = || before.files.keys().find(|path| changed(self, before, path));
        // A path that is gone is of no use to its reader but to be named.
        match now {
            Some(path) => Some(path),
            None => gone().map(|_| Path::new("")),
        }
    }
}

/// Whether the rules of the folders above leave a path out. The deepest that says something decides.
fn is_ignored(rules: &[(usize, Ignored)], path: &[String], is_folder: bool) -> bool {
    let says = rules.iter().rev().find_map(|(depth, rules)| {
        let below: Vec<&str> = path.iter().skip(*depth).map(String::as_str).collect();
        rules.says(&below, is_folder)
    });
    says.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn source_files_are_seen_and_what_tools_make_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write(".gitignore", "*.log\n");
        write("src/.gitignore", "!kept.log\n");
        write("src/lib.rs", "one");
        write("made/out.wasm", "one");
        let without = [folder.path().join("made")];
        let look = || Sources::of(folder.path(), &without);
        let before = look();
        for made in [
            "a.log",
            "target/a",
            "a/target/b",
            ".git/x",
            "made/out.wasm",
            "made/new",
        ] {
            write(made, "other");
            assert_eq!(look().changed_since(&before), None, "{made}");
        }
        for source in ["src/lib.rs", "src/new.rs", "Cargo.toml", "src/kept.log"] {
            let before = look();
            write(source, "two");
            let path = folder.path().join(source);
            assert_eq!(look().changed_since(&before), Some(&*path));
        }
        let before = look();
        fs::remove_file(folder.path().join("src/new.rs")).unwrap();
        assert!(look().changed_since(&before).is_some());
    }

    #[test]
    fn the_number_of_files_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        for file in 0..=MOST_FILES {
            fs::write(folder.path().join(file.to_string()), "").unwrap();
        }
        let sources = Sources::of(folder.path(), &[]);
        assert!(sources.is_cut);
        assert_eq!(sources.files.len(), MOST_FILES);
    }
}
