//! Lists the files that `weft new` carries in the binary: the contract, the SDK and the templates.
//!
//! It writes `carried.rs`, one table of paths and contents a folder. Nothing is copied or changed
//! here; what becomes of the files is the business of `src/project`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The tables, and the folders they list, relative to this crate.
const TABLES: [(&str, &str); 3] = [
    ("CONTRACT", "../../wit"),
    ("SDK", "../../guest-sdk"),
    ("TEMPLATES", "templates"),
];

/// What the names of files end in that are carried. Others are those of editors and systems.
const KEPT: [&str; 9] = [
    ".gitignore",
    ".js",
    ".json",
    ".md",
    ".py",
    ".rs",
    ".toml",
    ".txt",
    ".wit",
];

/// Folders that tools make where somebody tries a template out.
const MADE: [&str; 4] = [".venv", "__pycache__", "node_modules", "target"];

fn main() -> io::Result<()> {
    let crate_folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut text = String::new();
    for (table, folder) in TABLES {
        let folder = crate_folder.join(folder).canonicalize()?;
        let mut files = Vec::new();
        list(&folder, &mut files)?;
        files.sort();
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "pub(super) static {table}: &[(&str, &str)] = &[");
        for file in files {
            let name = file.strip_prefix(&folder).unwrap_or(&file);
            let (name, file) = (name.display().to_string(), file.display().to_string());
            let _ = writeln!(text, "    ({name:?}, include_str!({file:?})),");
        }
        text.push_str("];\n");
    }
    fs::write(out.join("carried.rs"), text)
}

/// Adds the files in a folder and in those below it. Links are left out: the SDK's folder has one to
/// the contract, which is a table of its own.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    // A file that is added or removed changes its folder.
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let name = entry.file_name().display().to_string();
        if kind.is_dir() && !MADE.contains(&&*name) {
            list(&entry.path(), files)?;
        } else if kind.is_file() && KEPT.iter().any(|end| name.ends_with(end)) {
            files.push(entry.path());
        }
    }
    Ok(())
}
