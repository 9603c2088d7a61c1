//! The texts of a manifest: its own, and those of the files that it includes.
//!
//! The texts lie one after the other, so that an offset says which file it is in, and each value keeps its offset
//! wherever it is moved. The manifest's own text is the first.
//!
//! Invariants: a file is there once, and there are bounds on how many, how deep and how large they are.

use super::source::Source;
use crate::written;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, Error};

/// Files that a manifest consists of at most: more than people keep apart.
const MOST_FILES: usize = 32;

/// How deep files may include others.
const MOST_DEPTH: usize = 8;

/// Bytes of all of them together: as many as one may have.
const MOST_BYTES: usize = 1 << 20;

/// The texts.
pub(super) struct Files {
    files: Vec<File>,
    /// The positions of the files in the order in which they are merged: those that a file includes are before it.
    order: Vec<usize>,
}

/// One text.
struct File {
    /// What messages call it; empty for the manifest itself.
    shown: String,
    /// Its folder, from that of the manifest.
    folder: PathBuf,
    /// Where its text begins.
    base: usize,
    /// The text, behind as many spaces.
    padded: String,
    /// The file itself, whatever its path.
    real: Option<PathBuf>,
}

/// What is read of a text to find the others.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    include: Vec<Spanned<String>>,
}

impl Files {
    /// The text of a manifest, and what it includes.
    ///
    /// # Errors
    /// When a text is no TOML, a file cannot be read or includes itself, or there are too many.
    pub(super) fn read(text: &str, source: &Source) -> Result<Self> {
        let mut files = Self {
            files: Vec::new(),
            order: Vec::new(),
        };
        let real = source.file().and_then(|file| file.canonicalize().ok());
        let root = source.folder();
        files.add(text, String::new(), PathBuf::new(), real)?;
        files.include(root, 0, &mut vec![0])?;
        Ok(files)
    }

    /// Reads what the last file of `within` includes; `within` are the files that are open, from the manifest on.
    fn include(&mut self, root: &Path, at: usize, within: &mut Vec<usize>) -> Result<()> {
        let Some(file) = self.files.get(at) else {
            return Ok(());
        };
        let (text, folder, shown) = (
            file.text().to_owned(),
            file.folder.clone(),
            file.shown.clone(),
        );
        let head: Head = toml::from_str(&text).with_context_if(&shown)?;
        for entry in head.include {
            let line = line(&text, entry.span().start);
            let path = folder.join(entry.get_ref());
            let place = || match shown.is_empty() {
                true => format!("line {line}, include"),
                false => format!("`{shown}`, line {line}, include"),
            };
            if within.len() > MOST_DEPTH {
                return Err(anyhow::anyhow!(
                    "files include others at most {MOST_DEPTH} deep"
                ))
                .with_context(place);
            }
            let whole = root.join(&path);
            let cannot = || format!("cannot read `{}`", path.display());
            let real = whole
                .canonicalize()
                .with_context(cannot)
                .with_context(place)?;
            if let Some(there) = self.position(&real) {
                if within.contains(&there) {
                    let all = within.iter().filter_map(|at| self.files.get(*at));
                    let mut all: Vec<_> = all.map(File::name).collect();
                    all.push(format!("`{}`", path.display()));
                    bail!(
                        "{}: files include each other: {}",
                        place(),
                        all.join(" includes ")
                    );
                }
                continue;
            }
            let text = written::read(&whole)
                .with_context(cannot)
                .with_context(place)?;
            let below = path.parent().map(Path::to_owned).unwrap_or_default();
            let shown = path.display().to_string();
            let new = self
                .add(&text, shown, below, Some(real))
                .with_context(place)?;
            within.push(new);
            self.include(root, new, within)?;
            within.pop();
        }
        self.order.push(at);
        Ok(())
    }

    fn add(
        &mut self,
        text: &str,
        shown: String,
        folder: PathBuf,
        real: Option<PathBuf>,
    ) -> Result<usize> {
        let (base, new) = (self.end(), self.files.len());
        if new >= MOST_FILES {
            bail!("a manifest is at most {MOST_FILES} files");
        }
        if base + text.len() > MOST_BYTES {
            bail!("a manifest has at most {MOST_BYTES} bytes with all that it includes");
        }
        self.files.push(File {
            shown,
            folder,
            base,
            padded: " ".repeat(base) + text,
            real,
        });
        Ok(new)
    }

    fn position(&self, real: &Path) -> Option<usize> {
        let is_it = |file: &File| file.real.as_deref() == Some(real);
        self.files.iter().position(is_it)
    }

    /// The offset behind all texts. There is a gap between them, so that the end of one is not in the next.
    pub(super) fn end(&self) -> usize {
        self.files.last().map_or(0, |file| file.padded.len() + 1)
    }

    /// The tables, in the order in which they are merged.
    ///
    /// # Errors
    /// When one is no TOML.
    pub(super) fn tables(&self) -> Result<Vec<DeTable<'_>>, Error> {
        let files = self.order.iter().filter_map(|at| self.files.get(*at));
        let parsed = files.map(|file| DeTable::parse(&file.padded).map(Spanned::into_inner));
        parsed.collect()
    }

    /// The files that are included, from the manifest's folder.
    pub(super) fn included(&self) -> impl Iterator<Item = PathBuf> {
        self.files
            .iter()
            .skip(1)
            .map(|file| PathBuf::from(&file.shown))
    }

    fn at(&self, offset: usize) -> Option<&File> {
        let file = self.files.iter().rfind(|file| file.base <= offset)?;
        (offset <= file.padded.len()).then_some(file)
    }

    /// Where an offset is, for messages: the line, and the file if that is not the manifest itself. None beyond the texts.
    pub(super) fn place(&self, offset: usize) -> Option<String> {
        let file = self.at(offset)?;
        let line = line(file.text(), offset - file.base);
        Some(match file.shown.is_empty() {
            true => format!("line {line}"),
            false => format!("`{}`, line {line}", file.shown),
        })
    }

    /// The same, if it is in a file that is included.
    pub(super) fn place_in_included(&self, offset: usize) -> Option<String> {
        let file = self.at(offset)?;
        (!file.shown.is_empty()).then(|| self.place(offset))?
    }

    /// The folder that a path at this offset is from, itself from the manifest's folder.
    pub(super) fn folder(&self, offset: usize) -> Option<&Path> {
        self.at(offset).map(|file| file.folder.as_path())
    }

    /// An error about a value, with the line that the value is in.
    pub(super) fn locate(&self, mut error: Error) -> anyhow::Error {
        let span = error.span();
        let found = span.and_then(|span| Some((self.at(span.start)?, span)));
        let Some((file, span)) = found else {
            return error.into();
        };
        if file.shown.is_empty() {
            error.set_input(Some(file.text()));
            return error.into();
        }
        let (start, end) = (span.start - file.base, span.end.saturating_sub(file.base));
        anyhow::Error::new(Located::new(file, start, end, error.message()))
    }
}

impl File {
    fn text(&self) -> &str {
        self.padded.get(self.base..).unwrap_or_default()
    }

    fn name(&self) -> String {
        match self.shown.is_empty() {
            true => "the manifest".to_owned(),
            false => format!("`{}`", self.shown),
        }
    }
}

/// The number of the line that an offset is in.
fn line(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.matches('\n').count() + 1
}

/// Names the file that an error is about, unless it is the manifest itself.
trait WithContextIf<T> {
    fn with_context_if(self, shown: &str) -> Result<T>;
}

impl<T> WithContextIf<T> for Result<T, Error> {
    fn with_context_if(self, shown: &str) -> Result<T> {
        match shown.is_empty() {
            true => Ok(self?),
            false => self.with_context(|| format!("`{shown}`")),
        }
    }
}

/// An error about a value of a file that is included, in the form of those of `toml`.
#[derive(Debug)]
struct Located {
    file: String,
    line: usize,
    column: usize,
    text: String,
    marked: usize,
    message: String,
}

impl Located {
    fn new(file: &File, start: usize, end: usize, message: &str) -> Self {
        let text = file.text();
        let before = text.get(..start).unwrap_or(text);
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let shown = text.get(begin..).and_then(|rest| rest.lines().next());
        let shown = shown.unwrap_or_default();
        let column = before.get(begin..).unwrap_or_default().chars().count();
        let marked = text.get(start..end).unwrap_or_default();
        let marked = marked.lines().next().unwrap_or_default().chars().count();
        Self {
            file: file.shown.clone(),
            line: line(text, start),
            column,
            text: shown.to_owned(),
            marked: marked.max(1),
            message: message.to_owned(),
        }
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let (space, marks) = (" ".repeat(self.column), "^".repeat(self.marked));
        let column = self.column + 1;
        writeln!(
            f,
            "`{}`: TOML parse error at line {number}, column {column}",
            self.file
        )?;
        writeln!(
            f,
            "{gutter} |\n{number} | {}\n{gutter} | {space}{marks}",
            self.text
        )?;
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Located {}
