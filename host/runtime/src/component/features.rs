//! Features of WebAssembly: which are off in this host and why, and which of those a component needs.
//!
//! The others are on: wasmtime's defaults, `map` types, and the additional built-ins of async. `engine` turns these on.
//! wasmtime decides whether a component is valid.
//!
//! Invariant: a component is inspected only after its budget was checked.

use super::linked;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// A feature of WebAssembly that is off in this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffFeature {
    /// The name of its proposal.
    pub name: &'static str,
    /// Why it is off.
    pub reason: &'static str,
    flags: WasmFeatures,
}

const fn off(name: &'static str, flags: WasmFeatures, reason: &'static str) -> OffFeature {
    OffFeature {
        name,
        reason,
        flags,
    }
}

/// For features that wasmtime leaves off.
const UNFINISHED: &str = "its proposal is not finished, and wasmtime leaves it off";

/// For features that wasmtime calls incomplete.
const INCOMPLETE: &str = "wasmtime calls its support incomplete and leaves it off";

/// The features that are off.
pub const OFF_FEATURES: &[OffFeature] = &[
    off(
        "exceptions",
        WasmFeatures::EXCEPTIONS,
        "what is thrown lives in a collected heap, which no limit counts",
    ),
    off(
        "garbage collection",
        WasmFeatures::GC_TYPES,
        "a collected heap is memory that no limit counts",
    ),
    off(
        "threads",
        WasmFeatures::THREADS,
        "a process runs on one thread at a time",
    ),
    off(
        "legacy exceptions",
        WasmFeatures::LEGACY_EXCEPTIONS,
        "wasmtime runs none",
    ),
    off(
        "shared-everything threads",
        WasmFeatures::SHARED_EVERYTHING_THREADS,
        UNFINISHED,
    ),
    off("stack switching", WasmFeatures::STACK_SWITCHING, UNFINISHED),
    off(
        "custom page sizes",
        WasmFeatures::CUSTOM_PAGE_SIZES,
        UNFINISHED,
    ),
    off("wide arithmetic", WasmFeatures::WIDE_ARITHMETIC, UNFINISHED),
    off(
        "stackful async functions",
        WasmFeatures::CM_ASYNC_STACKFUL,
        "each call that waits would take one of the stacks that all processes share",
    ),
    off(
        "error contexts",
        WasmFeatures::CM_ERROR_CONTEXT,
        "the host would keep their texts, which no limit counts",
    ),
    off(
        "threads of the component model",
        WasmFeatures::CM_THREADING,
        INCOMPLETE,
    ),
    off(
        "garbage collection of the component model",
        WasmFeatures::CM_GC,
        INCOMPLETE,
    ),
    off(
        "64-bit memories of the component model",
        WasmFeatures::CM64,
        INCOMPLETE,
    ),
    off(
        "fixed-length lists",
        WasmFeatures::CM_FIXED_LENGTH_LISTS,
        INCOMPLETE,
    ),
    off("implements", WasmFeatures::CM_IMPLEMENTS, INCOMPLETE),
    off("values", WasmFeatures::CM_VALUES, UNFINISHED),
    off("nested names", WasmFeatures::CM_NESTED_NAMES, UNFINISHED),
    off("canonical names", WasmFeatures::CM_CANON_NAMES, UNFINISHED),
    off("memory control", WasmFeatures::MEMORY_CONTROL, UNFINISHED),
    off(
        "custom descriptors",
        WasmFeatures::CUSTOM_DESCRIPTORS,
        UNFINISHED,
    ),
    off("compact imports", WasmFeatures::COMPACT_IMPORTS, UNFINISHED),
];

/// The features that are off and that these bytes need to be valid. Empty if the bytes are invalid with all features on.
pub(super) fn missing(bytes: &[u8]) -> Vec<OffFeature> {
    let valid = |features| {
        Validator::new_with_features(features)
            .validate_all(bytes)
            .is_ok()
    };
    let everything = WasmFeatures::all();
    let needed = |feature: &&OffFeature| !valid(everything.difference(feature.flags));
    match valid(everything) {
        true => OFF_FEATURES.iter().filter(needed).copied().collect(),
        false => Vec::new(),
    }
}

/// Whether a component has async functions, streams or futures, or imports an interface that may have them: any interface of
/// WASI that is not of 0.2. Code is not inspected. True for a component that is not valid: the concurrent engine gives the best
/// error.
pub(super) fn uses_concurrency(bytes: &[u8]) -> bool {
    let plain = WasmFeatures::all().difference(WasmFeatures::CM_ASYNC);
    let mut validator = Validator::new_with_features(plain);
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let Ok(payload) = payload else { return true };
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 0 => {
                let asynchronous = |name: &str| {
                    let version = name.split_once('@').map(|(_, version)| version);
                    name.starts_with("wasi:") && version.and_then(linked::track) != Some([0, 2])
                };
                let imports = imports.clone().into_iter();
                if imports.flatten().any(|i| asynchronous(i.name.name)) {
                    return true;
                }
            }
            _ => {}
        }
        if validator.payload(&payload).is_err() {
            return true;
        }
    }
    false
}
