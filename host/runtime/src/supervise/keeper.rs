//! The start options of a child, kept from one incarnation to the next.
//!
//! If a child may be restarted, its channel ends are *kept*: the keeper holds a share of each. So they stay
//! open while no incarnation runs, and whatever an incarnation does with its own. If a child is never
//! restarted, its ends are *lent*: the process alone holds them, exactly as without a supervisor, and the
//! keeper has only weak references, for a reload.
//!
//! Invariant: dropping the keeper of a child that has ended closes its ends.

use crate::channel::Committed;
use crate::interface::{ReaderHandle, WriterHandle};
use crate::process::{Argument, Arguments, StartOptions};
use std::sync::{Arc, Weak};
use weft_channel::{Reader, Writer};

pub(super) struct Keeper {
    /// Without the arguments.
    options: StartOptions,
    arguments: Vec<Kept>,
    /// The parameter names, if the arguments are given by name.
    names: Option<Vec<String>>,
    lends: bool,
}

enum Kept {
    Whole(Argument),
    LentReader(Weak<Reader>, Option<Arc<Committed>>),
    LentWriter(Weak<Writer>),
}

/// A lent end has been dropped. Holds the index of its argument.
pub(super) struct LetGo(pub(super) usize);

impl Keeper {
    /// Keeps these options. `lends`: lends the ends to the process, and keeps no share of them.
    pub(super) fn new(mut options: StartOptions, lends: bool) -> Self {
        let (names, arguments) = match std::mem::take(&mut options.arguments) {
            Arguments::Positional(arguments) => (None, arguments),
            Arguments::Named(named) => {
                let (names, arguments) = named.into_iter().unzip();
                (Some(names), arguments)
            }
        };
        Self {
            options,
            arguments: arguments.into_iter().map(Kept::Whole).collect(),
            names,
            lends,
        }
    }

    /// The options of the next incarnation. The options and the keeper share the ends.
    pub(super) fn options(&self) -> Result<StartOptions, LetGo> {
        let arguments = self.arguments.iter().enumerate();
        let arguments: Vec<Argument> = arguments
            .map(|(index, kept)| kept.share().ok_or(LetGo(index)))
            .collect::<Result<_, _>>()?;
        let arguments = match &self.names {
            None => Arguments::Positional(arguments),
            Some(names) => Arguments::Named(names.iter().cloned().zip(arguments).collect()),
        };
        Ok(StartOptions {
            arguments,
            ..self.options.clone()
        })
    }

    /// The options without their arguments.
    pub(super) fn bare(&self) -> &StartOptions {
        &self.options
    }

    /// A process has received the ends.
    pub(super) fn handed_over(&mut self) {
        if self.lends {
            self.arguments.iter_mut().for_each(Kept::lend);
        }
    }

    /// The name of an argument in errors.
    pub(super) fn name_of(&self, index: usize) -> String {
        let name = self.names.as_ref().and_then(|names| names.get(index));
        name.cloned().unwrap_or_else(|| format!("#{}", index + 1))
    }
}

impl Kept {
    fn share(&self) -> Option<Argument> {
        Some(match self {
            Kept::Whole(argument) => argument.clone(),
            Kept::LentReader(reader, committed) => Argument::Reader(ReaderHandle {
                reader: reader.upgrade()?,
                committed: committed.clone(),
                ends_at_stop: false,
            }),
            Kept::LentWriter(writer) => Argument::Writer(WriterHandle(writer.upgrade()?)),
        })
    }

    fn lend(&mut self) {
        *self = match self {
            Kept::Whole(Argument::Reader(handle)) => {
                Kept::LentReader(Arc::downgrade(&handle.reader), handle.committed.clone())
            }
            Kept::Whole(Argument::Writer(handle)) => Kept::LentWriter(Arc::downgrade(&handle.0)),
            _ => return,
        }
    }
}
