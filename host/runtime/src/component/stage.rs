//! Pure stages: components that export `weft:fabric/transformer`, which a process can be started as under the
//! entry point [`TRANSFORM`].

use super::entry::EntryPoint;
use wasmtime::component::ComponentExportIndex;

/// The entry point of a component that is a pure stage: it exports `weft:fabric/transformer`, and the host moves
/// the frames from a reader `input` to a writer `output`.
pub const TRANSFORM: &str = "transform";
/// Its signature. The component exports no such function: the host moves the frames.
pub(crate) const SIGNATURE: &str = "transform: func(input: reader, output: writer)";

/// The interface, and the types of its functions.
const INTERFACE: &str = "weft:fabric/transformer@0.2.0";
const APPLY: &str = "func(frames: record { ends: list<u32>, writers: list<u32>, payload: list<u8> }) -> \
     result<record { ends: list<u32>, payload: list<u8> }, string>";
/// What a stage may have besides.
const REST_INTERFACE: &str = "weft:fabric/transformer-rest@0.2.0";
const REST: &str = "func() -> record { ends: list<u32>, payload: list<u8> }";
const FINISH: &str = "func() -> result<record { ends: list<u32>, payload: list<u8> }, string>";

/// The functions of a stage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    pub(crate) apply: ComponentExportIndex,
    pub(crate) finish: ComponentExportIndex,
    /// What gives the frames before an error, if there is such a function.
    pub(crate) rest: Option<ComponentExportIndex>,
}

/// The stage among these exports: under the name of the interface and with its types.
pub(super) fn find(entries: &[EntryPoint]) -> Option<Stage> {
    let find = |interface: &str, function: &str, signature: &str| {
        let name = format!("{interface}.{function}");
        let entry = entries.iter().find(|it| it.name == name)?;
        (entry.signature() == format!("{name}: {signature}")).then_some(entry.index)
    };
    Some(Stage {
        apply: find(INTERFACE, "apply", APPLY)?,
        finish: find(INTERFACE, "finish", FINISH)?,
        rest: find(REST_INTERFACE, "rest", REST),
    })
}
