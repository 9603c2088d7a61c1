//! What a manifest may say, and is likely a mistake: channels that nobody reads, rights that are of no use, limits that
//! are too low to begin with.
//!
//! Invariant: what is warned of here can start. Whatever keeps a process from starting is an error of the checks.

use crate::manifest::{Checked, CheckedProcess, EndKind, Manifest, Part, Process};
use crate::setting::size_text;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::fmt;
use weft_host::{
    Capabilities, Host, Limits,
    capability::{Capability, Right},
    component::LoadedComponent,
    limits::Limit,
};

/// Something that is likely a mistake.
#[derive(Debug)]
pub(in crate::command) enum Warning {
    /// Nothing has an end of the channel.
    UnusedChannel { channel: String },
    /// The channel has writers and no reader.
    UnreadChannel { channel: String },
    /// No import of the process's component needs a capability that it has.
    UnusedCapability {
        process: String,
        component: String,
        capability: &'static str,
    },
    /// The component begins with more than the process may have.
    LowLimit {
        process: String,
        component: String,
        limit: Limit,
        least: u64,
        given: u64,
    },
}

impl Warning {
    /// Whether it is about the wiring, and not about one process.
    pub(in crate::command) fn is_about_a_channel(&self) -> bool {
        matches!(
            self,
            Self::UnusedChannel { .. } | Self::UnreadChannel { .. }
        )
    }

    /// What kind of warning it is, for programs.
    fn kind(&self) -> &'static str {
        match self {
            Self::UnusedChannel { .. } => "unused-channel",
            Self::UnreadChannel { .. } => "unread-channel",
            Self::UnusedCapability { .. } => "unused-capability",
            Self::LowLimit { .. } => "low-limit",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnusedChannel { channel } => {
                write!(f, "channel `{channel}` has no reader and no writer")
            }
            Self::UnreadChannel { channel } => write!(
                f,
                "channel `{channel}` has no reader: nobody reads what is written to it"
            ),
            Self::UnusedCapability {
                process,
                component,
                capability,
            } => write!(
                f,
                "process `{process}`: the capability {capability} is of no use, as no import of `{component}` needs it"
            ),
            Self::LowLimit {
                process,
                component,
                limit,
                least,
                given,
            } => {
                let text = |amount: u64| match limit {
                    Limit::Memory => size_text(amount),
                    _ => amount.to_string(),
                };
                let (least, given) = (text(*least), text(*given));
                write!(
                    f,
                    "process `{process}`: its limit {limit} is {given}, and `{component}` begins with {least}: it will end there at once"
                )
            }
        }
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.kind())?;
        match self {
            Self::UnusedChannel { channel } | Self::UnreadChannel { channel } => {
                map.serialize_entry("channel", channel)?;
            }
            Self::UnusedCapability {
                process,
                capability,
                ..
            } => {
                map.serialize_entry("process", process)?;
                map.serialize_entry("capability", capability)?;
            }
            Self::LowLimit {
                process,
                limit,
                least,
                given,
                ..
            } => {
                map.serialize_entry("process", process)?;
                map.serialize_entry("limit", limit.name())?;
                map.serialize_entry("given", given)?;
                map.serialize_entry("least", least)?;
            }
        }
        map.serialize_entry("text", &self.to_string())?;
        map.end()
    }
}

/// The warnings about a manifest whose components are loaded: about channels first, then about processes, in its order.
pub(super) fn of(host: &Host, manifest: &Manifest, checked: &Checked) -> Vec<Warning> {
    let channels = manifest.channels.keys();
    let parts = checked.parts(manifest);
    let channels = channels.filter_map(|name| {
        let warning = of_channel(name, &parts)?;
        // Who reads a durable channel may be elsewhere.
        let elsewhere = matches!(warning, Warning::UnreadChannel { .. });
        (!elsewhere || !checked.is_durable(manifest, name)).then_some(warning)
    });
    let processes = manifest.processes.iter().zip(&checked.processes);
    let processes = processes.flat_map(|((name, process), checked)| {
        let component = host.components().get(&process.component);
        component.map_or_else(Vec::new, |component| {
            of_process(name, process, checked, &component)
        })
    });
    channels.chain(processes).collect()
}

/// A reader without a strong writer is an error of the checks.
fn of_channel(channel: &str, parts: &[Part<'_>]) -> Option<Warning> {
    let ends = parts.iter().flat_map(|part| &part.ends);
    let mut ends = ends
        .filter(|(_, end)| end.channel == channel)
        .map(|(_, end)| end.kind);
    let channel = channel.to_owned();
    let Some(first) = ends.next() else {
        return Some(Warning::UnusedChannel { channel });
    };
    // With the channel itself a process makes readers.
    let reads = |kind| matches!(kind, EndKind::Reader | EndKind::Channel);
    let read = reads(first) || ends.any(reads);
    (!read).then_some(Warning::UnreadChannel { channel })
}

fn of_process(
    name: &str,
    process: &Process,
    checked: &CheckedProcess,
    component: &LoadedComponent,
) -> Vec<Warning> {
    let needed = &component.info().capabilities;
    // What starts processes passes its own rights on to them.
    let passes_on = checked.capabilities.holds(Right::ProcessLifecycle)
        && needed.contains(Right::ProcessLifecycle.name());
    let held = crate::extensions::all();
    let unused = held.capabilities().filter(|capability| {
        !passes_on
            && is_held(&checked.capabilities, *capability)
            && !is_implied(checked, *capability)
            && !needed.contains(capability.name())
    });
    let unused = unused.map(|capability| Warning::UnusedCapability {
        process: name.to_owned(),
        component: process.component.clone(),
        capability: capability.name(),
    });
    let limits = Limits::default().with(&checked.limits);
    let least = component.least();
    let low = [
        (Limit::Memory, least.memory, limits.memory),
        (
            Limit::TableElements,
            least.table_elements,
            limits.table_elements,
        ),
    ];
    let low = low.into_iter().filter(|(_, least, given)| least > given);
    let low = low.map(|(limit, least, given)| Warning::LowLimit {
        process: name.to_owned(),
        component: process.component.clone(),
        limit,
        least,
        given,
    });
    unused.chain(low).collect()
}

/// Whether a process has this capability only for its ends of channels.
fn is_implied(checked: &CheckedProcess, capability: Capability) -> bool {
    matches!(capability, Capability::Right(right) if checked.implied.contains(&right))
}

/// Whether a process has anything of this capability.
fn is_held(held: &Capabilities, capability: Capability) -> bool {
    match capability {
        Capability::Right(right) => held.holds(right),
        Capability::Environment => !held.environment.is_empty(),
        Capability::RegistryPublish => !held.publish.is_empty(),
        Capability::RegistryLookup => !held.lookup.is_empty(),
        Capability::Filesystem => !held.mounts.is_empty(),
        Capability::Extension(right) => held.other.iter().any(|it| it.name == right.name),
    }
}
