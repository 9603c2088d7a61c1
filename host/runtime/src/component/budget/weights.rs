//! The weights of sections: of each item, and of each byte.
//!
//! Measured as the growth of `weft inspect` per item, with the smallest and with large items of the kind, and rounded up. References
//! between items are weighed in `trees`, the compiler's work in `weight`.

use super::{Sum, Weight, weight};
use wasmparser::{ElementItems, ElementSectionReader, Payload, Result, TypeSectionReader};

/// Modules and components.
const PARTS: Weight = weight("modules and components", 128 << 10, 0);
/// Types of modules: 90,000 that differ took 620 MB.
const TYPES: Weight = weight("types of modules", 8 << 10, 64);
/// Functions of modules: 20,000 empty ones took 110 MB.
const FUNCTIONS: Weight = weight("functions", 6 << 10, 0);
/// Code, as it is read and reassembled.
pub(in crate::component) const CODE: Weight = weight("code", 0, 4);
/// The compiler's memory for the heaviest function.
pub(in crate::component) const COMPILING: Weight = weight("heaviest function", 0, 0);
/// Imports of modules: 90,000 took 60 MB.
const IMPORTS: Weight = weight("imports of modules", 1 << 10, 8);
/// Exports of modules: 90,000 took 35 MB.
const EXPORTS: Weight = weight("exports of modules", 512, 8);
/// Tables, memories, globals and tags, each with its initial value.
const STORAGE: Weight = weight("tables, memories, globals and tags", 512, 8);
/// Elements of tables: a million took 2.3 GB, as each is a function that can be called from outside.
const ELEMENTS: Weight = weight("elements of tables", 2_400, 0);
/// Segments of elements.
const SEGMENTS: Weight = weight("segments of elements", 256, 16);
/// Segments of data.
const DATA: Weight = weight("segments of data", 256, 4);
/// Sections that the host ignores.
const CUSTOM: Weight = weight("custom sections", 256, 4);
/// The section with the names of a module's functions, and its weight: a name may be as short as three bytes.
const NAMES_SECTION: &str = "name";
const NAMES: Weight = weight("names of functions", 256, 16);
/// Declarations in a component: types, imports, exports, instances, aliases, and functions lifted and lowered. The heaviest took 120 bytes
/// for each of its own bytes.
const DECLARATIONS: Weight = weight("declarations of components", 256, 128);

/// Adds the weight of one section.
pub(super) fn weigh(payload: &Payload<'_>, sum: &mut Sum) -> Result<()> {
    let mut add = |weight, items: u32, bytes: std::ops::Range<usize>| {
        sum.add(weight, items.into(), bytes.len());
    };
    match payload {
        Payload::TypeSection(section) => {
            add(TYPES, types(section)?, section.range());
        }
        Payload::ImportSection(section) => add(IMPORTS, section.count(), section.range()),
        Payload::FunctionSection(section) => add(FUNCTIONS, section.count(), section.range()),
        Payload::TableSection(section) => add(STORAGE, section.count(), section.range()),
        Payload::MemorySection(section) => add(STORAGE, section.count(), section.range()),
        Payload::TagSection(section) => add(STORAGE, section.count(), section.range()),
        Payload::GlobalSection(section) => add(STORAGE, section.count(), section.range()),
        Payload::ExportSection(section) => add(EXPORTS, section.count(), section.range()),
        Payload::ElementSection(section) => {
            add(SEGMENTS, section.count(), section.range());
            add(ELEMENTS, elements(section)?, 0..0);
        }
        Payload::DataSection(section) => add(DATA, section.count(), section.range()),
        Payload::Version { .. } => add(PARTS, 1, 0..0),
        Payload::CodeSectionEntry(body) => add(CODE, 0, body.range()),
        Payload::CustomSection(section) if section.name() == NAMES_SECTION => {
            add(NAMES, 1, section.range());
        }
        Payload::CustomSection(section) => add(CUSTOM, 1, section.range()),
        // Their contents follow as separate sections.
        Payload::ModuleSection { .. }
        | Payload::ComponentSection { .. }
        | Payload::CodeSectionStart { .. } => {}
        other => {
            if let Some((_, range)) = other.as_section() {
                add(DECLARATIONS, 1, range);
            }
        }
    }
    Ok(())
}

/// The elements in all segments of a section. A section that declares more elements than it has bytes is not
/// valid.
fn elements(section: &ElementSectionReader<'_>) -> Result<u32> {
    let mut elements = 0u32;
    for segment in section.clone() {
        let count = match segment?.items {
            ElementItems::Functions(items) => items.count(),
            ElementItems::Expressions(_, items) => items.count(),
        };
        elements = elements.saturating_add(count);
    }
    Ok(elements)
}

/// The types in a section. They are grouped.
fn types(section: &TypeSectionReader<'_>) -> Result<u32> {
    let mut types = 0u32;
    for group in section.clone() {
        types = types.saturating_add(group?.types().len().try_into().unwrap_or(u32::MAX));
    }
    Ok(types)
}
