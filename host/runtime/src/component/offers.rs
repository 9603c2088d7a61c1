//! The capabilities that imported functions need.
//!
//! The linker knows which imports exist.

use super::linked::means;
use crate::capability::Capability;
use crate::extension::Extensions;

/// The capability that a function of an offered interface needs, if any. Functions are named as in a component:
/// `[method]channel.drain`.
pub(super) fn capability(
    extensions: &Extensions,
    import: &str,
    function: &str,
) -> Option<Capability> {
    let name = function.rsplit_once(']').map_or(function, |(_, name)| name);
    let imports = extensions.imports();
    let linked = imports.filter(|linked| means(import, linked.interface));
    let mut needs = linked.flat_map(|linked| linked.needs);
    let (_, right) = needs.find(|(of, _)| *of == name)?;
    Some(Capability::from(*right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostcalls::HOST_CALLS;

    #[test]
    fn a_call_checks_the_capability_that_its_import_tells() {
        for call in HOST_CALLS {
            let import = format!("weft:fabric/{}@0.2.0", call.interface);
            let told = capability(&Extensions::none(), &import, call.function);
            assert_eq!(told, call.capability, "{import} {}", call.function);
        }
    }
}
