//! What the table of axes is made of: a row is one thing that a guest can make, keep, send, wait for, name or nest,
//! the ways in which it is made, and what must come of each.

use crate::setting::Setting;
use weft_host::ExitStatus;

/// One axis.
pub struct Row {
    /// What the guest `axes` calls it.
    pub name: &'static str,
    /// The functions of the host that it is about, as `interface#resource.function`, those of WASI with their package and
    /// version: `io/poll@0.2#poll`.
    pub covers: &'static [&'static str],
    /// How it is made.
    pub ways: Vec<Way>,
    /// What is different for it.
    pub set: fn(&mut Setting),
}

/// One way to make it.
pub struct Way {
    /// What the guest `axes` calls it.
    pub how: &'static str,
    /// The ends that are right.
    pub ends: &'static [End],
}

/// How an attack may end.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// It made, or called, as often as it wanted.
    All,
    /// A call answered with a value that names this limit.
    Exhausted(&'static str),
    /// A call answered for this limit in other words.
    Refused(&'static str, &'static str),
    /// A call answered with an error that has these words.
    Told(&'static str),
    /// The process ended with this limit.
    Limit(&'static str),
}

/// An axis without ways so far.
pub fn row(name: &'static str, covers: &'static [&'static str]) -> Row {
    Row {
        name,
        covers,
        ways: Vec::new(),
        set: |_| {},
    }
}

impl Row {
    /// As many as possible of the smallest.
    pub fn number(self, ends: &'static [End]) -> Self {
        self.way("number", ends)
    }

    /// As large as possible.
    pub fn size(self, ends: &'static [End]) -> Self {
        self.way("size", ends)
    }

    /// Many large ones.
    pub fn both(self, ends: &'static [End]) -> Self {
        self.way("both", ends)
    }

    /// In a setting of its own.
    pub fn with(self, set: fn(&mut Setting)) -> Self {
        Self { set, ..self }
    }

    fn way(mut self, how: &'static str, ends: &'static [End]) -> Self {
        self.ways.push(Way { how, ends });
        self
    }

    /// The limits that it reaches for sure.
    pub fn reaches(&self) -> impl Iterator<Item = &'static str> {
        self.ways.iter().filter_map(|way| match way.ends {
            [End::Exhausted(limit) | End::Refused(limit, _) | End::Limit(limit)] => Some(*limit),
            _ => None,
        })
    }
}

impl End {
    /// Whether it ended so.
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
