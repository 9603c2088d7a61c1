//! The texts that a process starts with: its variables, its command line, and the paths of its folders.
//!
//! Which of them the process may have is decided in `capability`. Programs see a text only up to the first NUL, and may spell a
//! path in several ways.
//!
//! Invariant: a text that passes here means the same to the program as to its author.

use crate::capability::Capabilities;
use std::collections::BTreeMap;

/// A text that the program would not see as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SurroundingsError {
    /// The name of a variable.
    #[error("`{}` is no name of a variable: it has a character at least, and neither `=` nor NUL", .0.escape_debug())]
    VariableName(String),
    /// The value of a variable.
    #[error(
        "the value of `{0}` has a NUL in it, and programs would see no more than what is before; leave it out"
    )]
    VariableValue(String),
    /// A word of the command line.
    #[error(
        "the argument `{}` has a NUL in it, and programs would see no more than what is before; leave it out",
        .0.escape_debug()
    )]
    Word(String),
    /// The place of a folder.
    #[error(
        "the folder needs a name that the guest sees it by, such as /data; `{}` is none",
        .0.escape_debug()
    )]
    Place(String),
    /// Two folders at the same path.
    #[error("there is a folder at `{first}` already{}", spelt(first, second))]
    SamePlace {
        /// The path of the first.
        first: String,
        /// The same path, as written for the second.
        second: String,
    },
}

fn spelt(first: &str, second: &str) -> String {
    match first == second {
        true => String::new(),
        false => format!(", and `{second}` is the same place"),
    }
}

/// Checks the texts that a process is to start with.
///
/// # Errors
/// The first text that the program would not see as it was written.
pub fn check_surroundings(
    capabilities: &Capabilities,
    command_line: &[String],
) -> Result<(), SurroundingsError> {
    for (name, value) in &capabilities.environment {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(SurroundingsError::VariableName(name.clone()));
        }
        if value.contains('\0') {
            return Err(SurroundingsError::VariableValue(name.clone()));
        }
    }
    if let Some(word) = command_line.iter().find(|word| word.contains('\0')) {
        return Err(SurroundingsError::Word(word.clone()));
    }
    let mut places = BTreeMap::new();
    for mount in &capabilities.mounts {
        let path = &mount.guest_path;
        if path.is_empty() || path.contains('\0') {
            return Err(SurroundingsError::Place(path.clone()));
        }
        if let Some(first) = places.insert(place(path), path) {
            return Err(SurroundingsError::SamePlace {
                first: first.clone(),
                second: path.clone(),
            });
        }
    }
    Ok(())
}

/// A path as a guest sees the mount at it: in its shortest spelling, from the root on or not as it was written.
pub(crate) fn shortest(path: &str) -> String {
    let rest = place(path).join("/");
    match (path.starts_with('/'), rest.is_empty()) {
        (true, _) => format!("/{rest}"),
        (false, true) => ".".to_owned(),
        (false, false) => rest,
    }
}

/// The path without `.`, `..` and empty names, which is what a program reaches by it. A program starts in the root,
/// so `data` is `/data`.
fn place(path: &str) -> Vec<&str> {
    let mut place: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            // A `..` above the root is kept: a program can reach that place by no other name.
            ".." if place.last().is_some_and(|last| *last != "..") => {
                place.pop();
            }
            name => place.push(name),
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::Mount;

    fn at(places: &[&str]) -> Result<(), SurroundingsError> {
        let mounts = places.iter().map(|place| Mount {
            host_path: "/nowhere".into(),
            guest_path: (*place).to_owned(),
            writable: false,
        });
        let set = mounts.fold(Capabilities::none(), Capabilities::with_mount);
        check_surroundings(&set, &[])
    }

    #[test]
    fn a_place_is_taken_in_every_spelling() {
        for spelling in [
            "/data",
            "/data/",
            "//data",
            "/./data/.",
            "data",
            "./data",
            "/data/x/..",
        ] {
            assert!(at(&["/data", spelling]).is_err(), "{spelling}");
        }
        assert!(at(&["/", "."]).is_err());
        assert!(at(&["/data", "/data/inner", "/date", "../data"]).is_ok());
        assert!(at(&["/da\0ta"]).is_err());
    }

    #[test]
    fn a_mount_is_seen_in_its_shortest_spelling() {
        for (given, seen) in [
            ("/data/", "/data"),
            ("//data//x/./y/..", "/data/x"),
            ("data/", "data"),
            ("./", "."),
            ("/", "/"),
            ("../up/", "../up"),
        ] {
            assert_eq!(shortest(given), seen, "{given}");
        }
    }

    #[test]
    fn what_would_be_cut_is_refused() {
        let variable = |name: &str, value: &str| {
            let mut set = Capabilities::none();
            set.environment.insert(name.into(), value.into());
            check_surroundings(&set, &[]).is_ok()
        };
        assert!(variable("A", "b=c"));
        assert!(!variable("A", "b\0c"));
        assert!(!variable("A\0", "b"));
        assert!(!variable("A=B", "c"));
        assert!(!variable("", "c"));
        let words = |word: &str| check_surroundings(&Capabilities::none(), &[word.to_owned()]);
        assert!(words("a").is_ok());
        assert!(words("a\0").is_err());
    }
}
