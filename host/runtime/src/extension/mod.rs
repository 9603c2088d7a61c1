//! Extensions: what guests can import, in units.
//!
//! An [`Extension`] is one unit that owns its imports, its rights, how it is linked, and what a process gets of it. The folders of `interface` are
//! such units, and so is what a program around the host adds. The runtime knows no more than the list of them all, [`Extensions`]: loading,
//! `inspect`, denials, starts, help and `usage` are made from it.
//!
//! `right` is how a right is declared and held, `slots` what extensions keep in the store of a process, `guest` what their adapters and tasks
//! see of the process that they work for, `span` the spans that they begin for it.
//!
//! Invariants:
//! - A right that no extension of the host declares is held by no process.
//! - What an extension keeps for a process is dropped with its store.

mod guest;
mod right;
mod slots;
mod span;

pub use guest::{Descriptor, HostBytes, OnBehalf};
pub use right::{ExtensionRight, OtherRight, RightValue};
pub use slots::NewProcess;
pub(crate) use slots::Slots;
pub use span::HostSpan;

pub use crate::metrics::Timed;

pub use crate::interface::{ChannelHandle, ProcessHandle, ReaderHandle, WriterHandle};

use crate::capability::{Capabilities, Capability, CapabilityError, GrantError};
use crate::engine::EngineKind;
use crate::interface::BUILT_IN;
use crate::process::{ProcessState, StartError};
use std::collections::BTreeSet;
use std::sync::Arc;
use wasmtime::component::Linker;

/// Why an extension refuses a process.
pub type Refused = Box<dyn std::error::Error + Send + Sync>;

/// An interface that an extension links.
#[derive(Clone, Copy, Debug)]
pub struct Import {
    /// Its name with the version that is linked, such as `example:greeter/greet@0.1.0`. Guests that were made for another version of
    /// the same track are given this one.
    pub interface: &'static str,
    /// Functions that need a right, at least for some of what they are asked for, and that right. A function is named as in WIT, behind its resource and a dot if it
    /// is one's: `visit.greeting`; a constructor by its resource alone.
    pub needs: &'static [(&'static str, &'static ExtensionRight)],
}

/// Something that guests can import, with the rights to it.
///
/// Its adapters are what wasmtime's `bindgen!` makes of its WIT, implemented for [`ProcessState`], the data of each process's store.
/// They follow the rules of the runtime's own: a call begins with [`ProcessState::time_call`], so that it is counted and timed; it checks its right and
/// answers a denial with a value, since an `Err` ends the guest; and none keeps the store to itself while it waits.
pub trait Extension: Send + Sync + 'static {
    /// What it is called in errors.
    fn name(&self) -> &'static str;

    /// The rights it adds.
    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[]
    }

    /// The interfaces it links.
    fn imports(&self) -> &'static [Import];

    /// Links its interfaces. Called once for each of the two engines: the plain one, for guests without async functions, has no async
    /// functions either and must get every other. What is linked already may be replaced.
    ///
    /// # Errors
    /// That of wasmtime. The host is not made then.
    fn link(&self, linker: &mut Linker<ProcessState>, engine: EngineKind) -> wasmtime::Result<()>;

    /// Makes what a process is to have of it, before the process runs, and [keeps](NewProcess::keep) it there.
    ///
    /// # Errors
    /// Why the process cannot be started.
    fn start(&self, process: &mut NewProcess<'_>) -> Result<(), Refused> {
        let _ = process;
        Ok(())
    }
}

/// The extensions of a host: those that the runtime has itself, and those that were added. Cheap to clone.
#[derive(Clone, Default)]
pub struct Extensions(Arc<Vec<Arc<dyn Extension>>>);

impl Extensions {
    /// None but the runtime's own.
    pub fn none() -> Self {
        Self::default()
    }

    /// These, and one more.
    #[must_use]
    pub fn with(&self, extension: impl Extension) -> Self {
        let mut all = self.0.as_ref().clone();
        all.push(Arc::new(extension));
        Self(Arc::new(all))
    }

    /// All, in the order in which they are linked.
    fn all(&self) -> impl Iterator<Item = &dyn Extension> {
        let added = self.0.iter().map(|it| &**it);
        BUILT_IN.iter().copied().chain(added)
    }

    /// The rights that processes hold in [`Capabilities::other`]: those that have no place of their own there.
    pub fn rights(&self) -> impl Iterator<Item = &'static ExtensionRight> {
        let rights = self.all().flat_map(|it| it.rights().iter().copied());
        rights.filter(|right| Capability::named(right.name).is_none())
    }

    /// The right of this name.
    pub fn right(&self, name: &str) -> Option<&'static ExtensionRight> {
        self.rights().find(|right| right.name == name)
    }

    /// The capability of this name, the runtime's own included.
    pub fn capability(&self, name: &str) -> Option<Capability> {
        let own = Capability::named(name);
        own.or_else(|| self.right(name).map(Capability::Extension))
    }

    /// Every capability there is, the runtime's own first.
    pub fn capabilities(&self) -> impl Iterator<Item = Capability> {
        Capability::all().chain(self.rights().map(Capability::Extension))
    }

    /// Adds a capability to a set, as it is written in a list of them: as [`Capabilities::grant`] does, and the rights of these
    /// extensions.
    ///
    /// # Errors
    /// [`GrantError`] when the text names none, or its value is wrong.
    pub fn grant(&self, set: &mut Capabilities, text: &str) -> Result<(), GrantError> {
        let asked = OtherRight::of(text);
        if self.right(&asked.name).is_some() {
            set.other.insert(self.read(asked)?);
            return Ok(());
        }
        set.grant(text).map_err(|error| match error {
            GrantError::Unknown(unknown) if self.rights().next().is_some() => {
                let names = self.capabilities().filter_map(Capability::written);
                GrantError::NotOffered {
                    name: unknown.0,
                    offered: names.collect::<Vec<_>>().join(", "),
                }
            }
            error => error,
        })
    }

    /// The right with its value in the form in which values are compared.
    fn read(&self, asked: OtherRight) -> Result<OtherRight, GrantError> {
        let OtherRight { name, value } = asked;
        let Some(right) = self.right(&name) else {
            return Err(GrantError::NotOffered {
                name,
                offered: self
                    .rights()
                    .map(ExtensionRight::written)
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        };
        let value = match (&right.value, value) {
            (None, None) => None,
            (None, Some(_)) => return Err(GrantError::HasNoValue(right)),
            (Some(_), None) => return Err(GrantError::NoValue(right)),
            (Some(kind), Some(value)) => {
                let read = (kind.read)(&value);
                Some(read.map_err(|reason| GrantError::Value {
                    right,
                    value,
                    reason,
                })?)
            }
        };
        Ok(OtherRight { name, value })
    }

    /// Puts all rights of extensions in a set into the form in which they are compared.
    pub(crate) fn read_all(&self, set: &mut Capabilities) -> Result<(), GrantError> {
        if set.other.is_empty() {
            return Ok(());
        }
        let asked = std::mem::take(&mut set.other).into_iter();
        set.other = asked
            .map(|asked| self.read(asked))
            .collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Whether these rights, which a process holds, are enough for one.
    pub(crate) fn cover(&self, held: &BTreeSet<OtherRight>, asked: &OtherRight) -> bool {
        held.contains(asked)
            || self
                .right(&asked.name)
                .is_some_and(|right| right.covers(held, asked.value.as_deref()))
    }

    /// Checks that a process can keep its rights of extensions.
    pub(crate) fn check_number(&self, set: &Capabilities) -> Result<(), StartError> {
        if set.other.is_empty() {
            return Ok(());
        }
        for right in self.rights() {
            let of_right = set.other.iter().filter(|held| held.name == right.name);
            let given = of_right.count();
            if let Some(value) = &right.value
                && given > value.most
            {
                return Err(StartError::TooManyCapabilities {
                    what: right.name,
                    given,
                    most: value.most,
                });
            }
        }
        Ok(())
    }

    /// Checks that a child's rights of extensions are among its parent's.
    pub(crate) fn check_subset(
        &self,
        parent: &Capabilities,
        child: &Capabilities,
    ) -> Result<(), CapabilityError> {
        let mut asked = child.other.iter();
        match asked.find(|asked| !self.cover(&parent.other, asked)) {
            Some(lacked) => Err(CapabilityError {
                capability: lacked.denied(),
            }),
            None => Ok(()),
        }
    }

    /// What is wrong with the list itself.
    pub(crate) fn fault(&self) -> Option<(&'static str, String)> {
        let mut names = BTreeSet::new();
        for extension in self.all() {
            for right in extension.rights() {
                if !names.insert(right.name) {
                    let reason = format!("there is a right `{}` already", right.name);
                    return Some((extension.name(), reason));
                }
            }
        }
        None
    }

    /// Links all, in their order.
    pub(crate) fn link(
        &self,
        linker: &mut Linker<ProcessState>,
        engine: EngineKind,
    ) -> Result<(), (&'static str, wasmtime::Error)> {
        linker.allow_shadowing(true);
        for extension in self.all() {
            let linked = extension.link(linker, engine);
            linked.map_err(|error| (extension.name(), error))?;
        }
        linker.allow_shadowing(false);
        Ok(())
    }

    /// The interfaces that they link. Those of extensions from outside come first, as they may take the place of what the runtime has.
    pub(crate) fn imports(&self) -> impl Iterator<Item = &'static Import> {
        let own = BUILT_IN.iter().flat_map(|it| it.imports());
        self.imports_from_outside().chain(own)
    }

    /// The interfaces that were added to the runtime's own.
    pub(crate) fn imports_from_outside(&self) -> impl Iterator<Item = &'static Import> {
        self.0.iter().flat_map(|it| it.imports())
    }

    /// Makes what a process has of each.
    pub(crate) fn start(&self, process: &mut NewProcess<'_>) -> Result<(), StartError> {
        for extension in self.all() {
            extension
                .start(process)
                .map_err(|reason| StartError::Extension {
                    name: extension.name(),
                    reason: reason.to_string(),
                })?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Extensions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.0.iter().map(|extension| extension.name());
        f.debug_list().entries(names).finish()
    }
}
