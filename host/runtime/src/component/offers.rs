//! The capabilities that imported functions need.
//!
//! The linker knows which imports exist.

use super::linked::means;
use crate::capability::Capability;
use crate::extension::Extensions;
use crate::hostcalls::HOST_CALLS;
use crate::interface::UNITS;

/// The package of the contract.
const FABRIC: &str = "weft:fabric/";

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
        let mut of_wasi = UNITS.iter().flat_map(|unit| unit.needs);
        let found = of_wasi.find(|(of, name, _)| (*of, *name) == (path, function));
        return found.map(|(.., capability)| *capability);
    };
    let mut calls = HOST_CALLS.iter();
    let found = calls.find(|call| (call.interface, call.function) == (interface, name));
    found?.capability
}
