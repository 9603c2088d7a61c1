//! The rows of the table of axes. A row is one thing that a guest can make, keep, send, wait for, name or nest, with
//! the ways to make it and the expected end of each way.

use crate::setting::Setting;
use weft_host::ExitStatus;

/// One axis.
pub struct Row {
    /// The name of the row in the guest `axes`.
    pub name: &'static str,
    /// The host functions that the row covers, as `interface#resource.function`. Those of WASI are named with package
    /// and version: `io/poll@0.2#poll`.
    pub covers: &'static [&'static str],
    /// The ways to make it.
    pub ways: Vec<Way>,
    /// Changes to the usual setting.
    pub set: fn(&mut Setting),
}

/// One way to make it.
pub struct Way {
    /// The name of the way in the guest `axes`.
    pub how: &'static str,
    /// The expected ends.
    pub ends: &'static [End],
}

/// How an attack may end.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// It made, or called, as many as it wanted.
    All,
    /// A call returned a value that names this limit.
    Exhausted(&'static str),
    /// A call was refused because of this limit, and the answer has these words instead of its name.
    Refused(&'static str, &'static str),
    /// A call returned an error with these words.
    Told(&'static str),
    /// The process ended with this limit.
    Limit(&'static str),
}

/// An axis without ways yet.
pub fn row(name: &'static str, covers: &'static [&'static str]) -> Row {
    Row {
        name,
        covers,
        ways: Vec::new(),
        set: |_| {},
    }
}

impl Row {
    /// As many of the smallest as possible.
    pub fn number(self, ends: &'static [End]) -> Self {
        self.way("number", ends)
    }

    /// One as large as possible.
    pub fn size(self, ends: &'static [End]) -> Self {
        self.way("size", ends)
    }

    /// Many large ones.
    pub fn both(self, ends: &'static [End]) -> Self {
        self.way("both", ends)
    }

    /// With a setting of its own.
    pub fn with(self, set: fn(&mut Setting)) -> Self {
        Self { set, ..self }
    }

    fn way(mut self, how: &'static str, ends: &'static [End]) -> Self {
        self.ways.push(Way { how, ends });
        self
    }

    /// The limits that the row is certain to reach.
    pub fn reaches(&self) -> impl Iterator<Item = &'static str> {
        self.ways.iter().filter_map(|way| match way.ends {
            [End::Exhausted(limit) | End::Refused(limit, _) | End::Limit(limit)] => Some(*limit),
            _ => None,
        })
    }
}

impl End {
    /// Whether the process ended like this.
    pub fn is(self, status: &ExitStatus) -> bool {
        let answer = match status {
            ExitStatus::Returned(text) => text,
            ExitStatus::Limit(name) => return matches!(self, End::Limit(limit) if limit == name),
            _ => return false,
        };
        match self {
            End::All => answer.ends_with("then: all\"") || answer.is_empty(),
            End::Exhausted(limit) => answer.contains(&format!("`{limit}`")),
            End::Refused(_, words) | End::Told(words) => answer.contains(words),
            End::Limit(_) => false,
        }
    }
}
