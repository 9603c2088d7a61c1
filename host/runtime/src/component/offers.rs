//! The capabilities that imported functions need.
//!
//! The linker knows which imports exist.

use super::linked::means;
use crate::capability::{Capability, Right};
use crate::extension::Extensions;
use crate::hostcalls::HOST_CALLS;

/// The package of the contract.
const FABRIC: &str = "weft:fabric/";

/// The functions of WASI that return nothing useful without a capability.
const OF_WASI: [(&str, &str, Capability); 5] = [
    (
        "wasi:clocks/wall-clock",
        "now",
        Capability::Right(Right::Clocks),
    ),
    (
        "wasi:clocks/system-clock",
        "now",
        Capability::Right(Right::Clocks),
    ),
    (
        "wasi:clocks/monotonic-clock",
        "now",
        Capability::Right(Right::Clocks),
    ),
    (
        "wasi:cli/environment",
        "get-environment",
        Capability::Environment,
    ),
    (
        "wasi:filesystem/preopens",
        "get-directories",
        Capability::Filesystem,
    ),
];

/// The capability that a function of an offered interface needs, if any. Functions are named as in a component:
/// `[method]channel.drain`.
pub(super) fn capability(
    extensions: &Extensions,
    import: &str,
    function: &str,
) -> Option<Capability> {
    let name = function.rsplit_once(']').map_or(function, |(_, name)| name);
    // They come first, as they may take the place of what the runtime has.
    let mut of_extensions = extensions
        .imports()
        .filter(|linked| means(import, linked.interface))
        .flat_map(|linked| linked.needs);
    if let Some((_, right)) = of_extensions.find(|(of, _)| *of == name) {
        return Some(Capability::Extension(right));
    }
    let path = import.split_once('@').map_or(import, |(path, _)| path);
    let Some(interface) = path.strip_prefix(FABRIC) else {
        let mut of_wasi = OF_WASI.iter();
        let found = of_wasi.find(|(of, name, _)| (*of, *name) == (path, function));
        return found.map(|(.., capability)| *capability);
    };
    let mut calls = HOST_CALLS.iter();
    let found = calls.find(|call| (call.interface, call.function) == (interface, name));
    found?.capability
}
