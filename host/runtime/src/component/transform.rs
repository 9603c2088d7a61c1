//! Transforms: components that export `weft:fabric/transformer`. A process runs such a component under the
//! entry point [`TRANSFORM`].

use super::entry::EntryPoint;
use wasmtime::component::ComponentExportIndex;

/// The entry point of a transform, a component that exports `weft:fabric/transformer`: the host moves frames
/// from a reader `input` to a writer `output`.
pub const TRANSFORM: &str = "transform";
/// Its signature. The component does not export this function: the host provides it.
pub(crate) const SIGNATURE: &str = "transform: func(input: reader, output: writer)";

/// The interface, and the signatures of its functions.
const INTERFACE: &str = "weft:fabric/transformer@0.2.0";
const APPLY: &str = "func(frames: record { ends: list<u32>, writers: list<u32>, payload: list<u8> }) -> \
     result<record { ends: list<u32>, payload: list<u8> }, string>";
/// An optional interface of a transform.
const REST_INTERFACE: &str = "weft:fabric/transformer-rest@0.2.0";
const REST: &str = "func() -> record { ends: list<u32>, payload: list<u8> }";
const FINISH: &str = "func() -> result<record { ends: list<u32>, payload: list<u8> }, string>";

/// The functions of a transform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransformFunctions {
    pub(crate) apply: ComponentExportIndex,
    pub(crate) finish: ComponentExportIndex,
    /// The function that returns the output before an error, if the transform has it.
    pub(crate) rest: Option<ComponentExportIndex>,
}

/// Finds a transform among these exports, by interface name and function types.
pub(super) fn find(entries: &[EntryPoint]) -> Option<TransformFunctions> {
    let find = |interface: &str, function: &str, signature: &str| {
        let name = format!("{interface}.{function}");
        let entry = entries.iter().find(|it| it.name == name)?;
        (entry.signature() == format!("{name}: {signature}")).then_some(entry.index)
    };
    Some(TransformFunctions {
        apply: find(INTERFACE, "apply", APPLY)?,
        finish: find(INTERFACE, "finish", FINISH)?,
        rest: find(REST_INTERFACE, "rest", REST),
    })
}
