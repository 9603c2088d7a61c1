//! The declaration of every function of `weft:fabric` that a guest can call, once: its interface, its name, and the capability without
//! which it is denied.
//!
//! Adapters check what is declared here ([`ProcessState::permit`](crate::process::ProcessState)), `component/offers` tells it of imports, and
//! `metrics/hostcalls` names its times by it. Not the functions themselves: those are the traits that `bindgen!` makes of `wit/`.
//!
//! The rows themselves are in the folder of each capability, `interface/NAME/calls`. They are read twice: here they are put together, so that the
//! check and the time of a call are found without a search; and each folder makes its imports of its own, as every
//! [`Extension`](crate::extension::Extension) has them.
//!
//! To add a function: it in `wit/`, a row and its adapter in its folder. A test holds the rows against `wit/`.

use crate::capability::{Capability, Right};
use crate::interface::{channel_calls, log_calls, metrics_calls, process_calls, registry_calls};

/// A function of the package `weft:fabric`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// The interface.
    pub interface: &'static str,
    /// The function, with its resource before a dot.
    pub function: &'static str,
    /// The capability without which it is denied. Functions that only wait say nothing then: the call that follows does.
    pub capability: Option<Capability>,
}

const FREE: Option<Capability> = None;
const CHANNELS: Option<Capability> = Some(Capability::Right(Right::ChannelLifecycle));
const READER: Option<Capability> = Some(Capability::Right(Right::ChannelReader));
const WRITER: Option<Capability> = Some(Capability::Right(Right::ChannelWriter));
const PROCESSES: Option<Capability> = Some(Capability::Right(Right::ProcessLifecycle));
const LOGS: Option<Capability> = Some(Capability::Right(Right::LogReader));
const PUBLISH: Option<Capability> = Some(Capability::RegistryPublish);
const LOOKUP: Option<Capability> = Some(Capability::RegistryLookup);

/// Makes of the rows an enum, by which adapters say which call they are, and the list of all.
macro_rules! calls {
    ($($interface:literal { $($call:ident = $function:literal $capability:ident,)* })*) => {
        /// The functions of the interfaces, but for the dropping of handles.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Call {
            $($($call,)*)*
        }

        /// Every function of the package `weft:fabric` that a guest can call.
        pub const HOST_CALLS: &[HostCall] = &[$($(Call::$call.declared(),)*)*];

        impl Call {
            /// What is declared of it.
            pub(crate) const fn declared(self) -> HostCall {
                match self {
                    $($(Call::$call => HostCall {
                        interface: $interface,
                        function: $function,
                        capability: $capability,
                    },)*)*
                }
            }
        }
    };
}

/// Makes the list of the rows of each folder.
macro_rules! of_folders {
    ([] $($rows:tt)*) => { calls! { $($rows)* } };
    ([$first:ident $($rest:ident)*] $($rows:tt)*) => { $first! { of_folders [$($rest)*] $($rows)* } };
}

of_folders! { [channel_calls process_calls registry_calls log_calls metrics_calls] }

/// Makes the imports of a folder of its rows. The capabilities in the rows are the folder's constants of these names, each an
/// [`ExtensionRight`](crate::extension::ExtensionRight).
macro_rules! imports_of {
    ([] $($interface:literal { $($rows:tt)* })*) => {
        &[$($crate::extension::Import {
            interface: concat!("weft:fabric/", $interface, "@0.2.0"),
            needs: $crate::hostcalls::needs!([] $($rows)*),
        },)*]
    };
}

/// The rows of an interface that need a right.
macro_rules! needs {
    ([$($found:tt)*]) => { &[$($found)*] };
    ([$($found:tt)*] $call:ident = $function:literal FREE, $($rows:tt)*) => {
        $crate::hostcalls::needs!([$($found)*] $($rows)*)
    };
    ([$($found:tt)*] $call:ident = $function:literal $right:ident, $($rows:tt)*) => {
        $crate::hostcalls::needs!([$($found)* ($function, $right),] $($rows)*)
    };
}

pub(crate) use {imports_of, needs};
