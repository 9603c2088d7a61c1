//! Rights that extensions declare, and such a right as a process holds it.
//!
//! The list of all rights of extensions is in [`Extensions`](super::Extensions). Rights of the runtime's own that are held in another way are
//! declared in this form too; `capability/kind` says which those are.
//!
//! Invariant: a value is compared in the form that [`RightValue::read`] gave it.

use std::collections::BTreeSet;
use std::fmt;

/// A right that an extension declares: a name, and what its value means if it has one.
#[derive(Debug)]
pub struct ExtensionRight {
    /// The name, as lists of capabilities and denials have it: lower case, with dashes. No other right has it.
    pub name: &'static str,
    /// What stands behind the name and `=`; none for a right that is held or not.
    pub value: Option<RightValue>,
    /// What it allows, in a line.
    pub help: &'static str,
}

/// What the values of a right mean.
#[derive(Debug)]
pub struct RightValue {
    /// What stands for it in help and hints, such as `PREFIX`.
    pub placeholder: &'static str,
    /// A value that can be read, for help.
    pub example: &'static str,
    /// Reads a value that a person or a guest has written, and gives it back in the one form in which it is kept, or says what is
    /// wrong with it. What is read again stays as it is. It must be quick however long the text is: guests call it.
    pub read: fn(&str) -> Result<String, String>,
    /// Whether whoever holds the first values, all of them, may do, and hand on, what the second says. All are in the form of `read`. It must
    /// be quick for as many as `most`.
    pub covers: fn(&[&str], &str) -> bool,
    /// How many values of the right a process may hold.
    pub most: usize,
}

/// Rights are told apart by their names.
impl PartialEq for ExtensionRight {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ExtensionRight {}

impl ExtensionRight {
    /// How it is written in a list of capabilities, such as `connect=PATTERN`.
    pub fn written(&self) -> String {
        match &self.value {
            Some(value) => format!("{}={}", self.name, value.placeholder),
            None => self.name.to_owned(),
        }
    }

    /// Whether whoever holds these rights may do what `asked` says of this one.
    pub(super) fn covers(&self, held: &BTreeSet<OtherRight>, asked: Option<&str>) -> bool {
        let mut held = held.iter().filter(|held| held.name == self.name);
        match (&self.value, asked) {
            (Some(value), Some(asked)) => {
                let held: Vec<_> = held.filter_map(|held| held.value.as_deref()).collect();
                (value.covers)(&held, asked)
            }
            (None, None) => held.next().is_some(),
            _ => false,
        }
    }
}

/// A right of an extension as a process holds it: `NAME`, or `NAME=VALUE`. Which it means, the host's extensions say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OtherRight {
    /// The name of the right.
    pub name: String,
    /// Its value, if it has one.
    pub value: Option<String>,
}

impl OtherRight {
    /// The right that a text in a list of capabilities names: `NAME`, or `NAME=VALUE`.
    pub fn of(text: &str) -> Self {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        Self {
            name: name.to_owned(),
            value,
        }
    }

    /// It as denials have it: `connect(https://example.org)`.
    pub(crate) fn denied(&self) -> String {
        denied(&self.name, self.value.as_deref())
    }

    /// Bytes of its text.
    pub(crate) fn bytes(&self) -> usize {
        self.name.len() + self.value.as_ref().map_or(0, String::len)
    }
}

/// As in a list of capabilities.
impl fmt::Display for OtherRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={value}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A right with its value, as denials have it.
pub(super) fn denied(name: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("{name}({value})"),
        None => name.to_owned(),
    }
}
