//! The checks of a start that need no process: its component, its entry point with the arguments, its capabilities, its limits, and room in the
//! host.
//!
//! Invariant: what a check takes, such as a place among the host's processes, is given back when a later one fails.

use super::family::Ownership;
use super::options::StartOptions;
use super::prepared::Image;
use super::refusal::StartError;
use super::start::Granter;
use super::table::{NoSlot, Slot};
use super::work::Called;
use crate::account::{Charge, Good};
use crate::capability::Capabilities;
use crate::component::LoadedComponent;
use crate::host::HostInner;
use crate::limits::{CAPABILITIES, CAPABILITY_BYTES, Limits, MOUNTS, NAME_BYTES};

/// Finds what a start is of: the program that it brings, or the component of its name in the store.
pub(crate) fn image(host: &HostInner, options: &StartOptions) -> Result<Image, StartError> {
    if let Some(program) = &options.program {
        return Ok(Image::Program(program.clone()));
    }
    let found = host.components.get(&options.component);
    let found = found.ok_or_else(|| StartError::UnknownComponent {
        name: options.component.clone(),
        available: host.components.names(),
    });
    let found = found.inspect_err(|error| host.metrics.refused(error))?;
    Ok(Image::Component(found))
}

/// Checks that a process can keep these capabilities.
fn bounded(capabilities: &Capabilities) -> Result<(), StartError> {
    let bounds = [
        ("capabilities", capabilities.entries(), CAPABILITIES),
        ("mounted folders", capabilities.mounts.len(), MOUNTS),
        (
            "bytes of the capabilities",
            capabilities.text_bytes(),
            CAPABILITY_BYTES,
        ),
    ];
    match bounds.into_iter().find(|(_, given, most)| given > most) {
        Some((what, given, most)) => Err(StartError::TooManyCapabilities { what, given, most }),
        None => Ok(()),
    }
}

/// What the checks of a start found, and the places they took for it.
pub(super) struct Checked<'a> {
    pub(super) called: Called<'a>,
    pub(super) places: Places,
}

/// The limits of a process, and what a start takes for it.
pub(super) struct Places {
    pub(super) limits: Limits,
    pub(super) slot: Slot,
    /// Its place among its starter's children.
    pub(super) child: Option<Charge>,
    /// For the starter's side of a link.
    pub(super) link: Option<Charge>,
}

impl Places {
    /// Takes them for a process that needs `shares` shares of the engine.
    pub(super) fn take(
        host: &HostInner,
        granter: &Granter<'_>,
        shares: u32,
        options: &StartOptions,
    ) -> Result<Self, StartError> {
        let limits = match granter.parent {
            Some(_) => granter.limits.for_children()?.narrow(&options.limits)?,
            None => granter.limits.with(&options.limits),
        };
        if limits.fuel.is_some() && !host.config.count_fuel {
            return Err(StartError::FuelNotCounted);
        }
        let child = match granter.account {
            Some(account) => Some(account.charge(Good::Children, 1)?),
            None => None,
        };
        let link = match (options.ownership, granter.account) {
            (Ownership::Linked, Some(account)) => Some(account.charge(Good::Watches, 1)?),
            _ => None,
        };
        let slot = host
            .table
            .take(shares, host.max_processes)
            .map_err(|error| match error {
                NoSlot::Full => StartError::Exhausted {
                    most: host.max_processes,
                },
                NoSlot::Closed => StartError::ShuttingDown,
            })?;
        Ok(Self {
            limits,
            slot,
            child,
            link,
        })
    }
}

/// Checks the name of a process.
pub(super) fn check_name(options: &StartOptions) -> Result<(), StartError> {
    match options.name.len() {
        given if given > NAME_BYTES => Err(StartError::Name { given }),
        _ => Ok(()),
    }
}

/// Makes every check that does not need the process itself.
pub(super) fn check<'a>(
    host: &HostInner,
    granter: &Granter<'_>,
    component: &'a LoadedComponent,
    options: &mut StartOptions,
) -> Result<Checked<'a>, StartError> {
    check_name(options)?;
    let called = Called::find(component, options)?;
    bounded(&options.capabilities)?;
    let extensions = &host.config.extensions;
    extensions.check_number(&options.capabilities)?;
    extensions.read_all(&mut options.capabilities)?;
    if let Some(own) = granter.capabilities {
        own.check_own_subset(&options.capabilities)?;
        extensions.check_subset(own, &options.capabilities)?;
    }
    let places = Places::take(host, granter, component.shares, options)?;
    Ok(Checked { called, places })
}
