//! How much memory a component takes a host that loads it, told before anything of it is taken in.
//!
//! The size of a component says little: 100 KB can be made to take gigabytes, by nothing but empty functions, or modules in components in
//! components. So all sections are walked over first, without validating and without keeping anything, and whatever is in them is
//! weighed. Not the work that one function makes for the compiler; that is `weight`, which needs a component that is known to be
//! valid, and so comes after.
//!
//! Invariants:
//! - What is instantiated is weighed for each instance, see `instances`.
//! - Nothing here recurses, or takes memory, with the depth or the size of what it reads.
//! - What nests deeper than [`MOST_NESTED`] is refused: the parsers recurse where types are declared in types (`nesting`), and run out of stack.

mod instances;
mod nesting;

use instances::Levels;
use wasmparser::{ElementItems, ElementSectionReader, Parser, Payload, Result, TypeSectionReader};

/// Bytes that loading one component may take. Beside the rest of the program this stays below a gigabyte; an interpreter with its
/// library takes half of it.
const MOST_BYTES: u64 = 800 << 20;

/// How deep components nest in components, and types in types. What people compose is some levels deep.
const MOST_NESTED: usize = 100;

/// Modules and components in one component, itself included. Each takes the more the more there are, so 9,000 took 2.5 GB.
const MOST_PARTS: u64 = 1_000;

/// What is weighed: how much one of it takes, and each byte of it. Measured as the growth of `weft inspect` per item, with the smallest
/// items of the kind and with large ones, and rounded up.
#[derive(Clone, Copy, Debug)]
struct Weight {
    what: &'static str,
    item: u64,
    byte: u64,
}

const fn weight(what: &'static str, item: u64, byte: u64) -> Weight {
    Weight { what, item, byte }
}

/// Modules and components.
const PARTS: Weight = weight("modules and components", 128 << 10, 0);
/// Types of modules: 90,000 that differ took 620 MB.
const TYPES: Weight = weight("types of modules", 8 << 10, 64);
/// Functions of modules: 20,000 empty ones took 110 MB.
const FUNCTIONS: Weight = weight("functions", 6 << 10, 0);
/// Their code: 4 MB of loads and sums took 43 MB.
const CODE: Weight = weight("bytes of code", 0, 12);
/// Imports of modules: 90,000 took 60 MB.
const IMPORTS: Weight = weight("imports of modules", 1 << 10, 8);
/// Exports of modules: 90,000 took 35 MB.
const EXPORTS: Weight = weight("exports of modules", 512, 8);
/// Tables, memories, globals and tags, each with what it begins with.
const STORAGE: Weight = weight("tables, memories, globals and tags", 512, 8);
/// Elements of tables: a million took 2.3 GB, as each is a function that others can call.
const ELEMENTS: Weight = weight("elements of tables", 2_400, 0);
/// The segments that they are in.
const SEGMENTS: Weight = weight("segments of elements", 256, 16);
/// Segments of data.
const DATA: Weight = weight("segments of data", 256, 2);
/// Sections that mean nothing to the host.
const CUSTOM: Weight = weight("custom sections", 256, 2);
/// What a component says of itself: types, imports, exports, instances, aliases and functions lifted and lowered. The heaviest took 120 bytes
/// for each of its own.
const DECLARATIONS: Weight = weight("declarations of components", 256, 128);

/// Why a component is not taken in.
#[derive(Debug)]
pub(super) enum OverBudget {
    /// It cannot be read.
    Invalid(String),
    /// It nests deeper than this.
    Nested(usize),
    /// It has more parts than this.
    Parts(u64),
    /// It instantiates a component that it was handed, so that what that weighs is not known.
    HandedOn,
    /// It would take so many bytes, which is more than there may be; most of them for these.
    Bytes {
        needed: u64,
        most: u64,
        mainly: &'static str,
    },
}

impl From<wasmparser::BinaryReaderError> for OverBudget {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        OverBudget::Invalid(error.to_string())
    }
}

/// What has been weighed so far.
#[derive(Default)]
struct Sum {
    bytes: u64,
    /// Bytes by what they are for.
    parts: Vec<(&'static str, u64)>,
}

impl Sum {
    fn add(&mut self, weight: Weight, items: u64, bytes: usize) {
        let items = weight.item.saturating_mul(items);
        let taken = items.saturating_add(weight.byte.saturating_mul(bytes as u64));
        self.again(weight, taken);
    }

    /// Adds what is known to take so much.
    fn again(&mut self, weight: Weight, taken: u64) {
        self.bytes = self.bytes.saturating_add(taken);
        match self.parts.iter_mut().find(|(what, _)| *what == weight.what) {
            Some((_, sum)) => *sum = sum.saturating_add(taken),
            None => self.parts.push((weight.what, taken)),
        }
    }

    fn check(&self) -> std::result::Result<(), OverBudget> {
        if self.bytes <= MOST_BYTES {
            return Ok(());
        }
        let heaviest = self.parts.iter().max_by_key(|(_, sum)| *sum);
        Err(OverBudget::Bytes {
            needed: self.bytes,
            most: MOST_BYTES,
            mainly: heaviest.map_or("all of it", |(what, _)| what),
        })
    }
}

/// Weighs all there is in a component.
pub(super) fn check(bytes: &[u8]) -> std::result::Result<(), OverBudget> {
    let mut sum = Sum::default();
    let (mut levels, mut parts) = (Levels::default(), 0u64);
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if let Payload::ComponentTypeSection(section) = &payload {
            nesting::check(bytes.get(section.range()).unwrap_or_default())?;
        }
        levels.follow(&payload, &mut sum)?;
        if levels.depth() > MOST_NESTED {
            return Err(OverBudget::Nested(MOST_NESTED));
        }
        if matches!(payload, Payload::Version { .. }) {
            parts += 1;
            sum.add(PARTS, 1, 0);
        }
        if parts > MOST_PARTS {
            return Err(OverBudget::Parts(MOST_PARTS));
        }
        weigh(&payload, &mut sum)?;
        // At once, so that no more is read than may be.
        sum.check()?;
    }
    Ok(())
}

/// Adds what one section takes.
fn weigh(payload: &Payload<'_>, sum: &mut Sum) -> Result<()> {
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
        Payload::CodeSectionEntry(body) => add(CODE, 0, body.range()),
        Payload::CustomSection(section) => add(CUSTOM, 1, section.range()),
        // What is in them comes after.
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

/// Elements in all segments of a section. One that says it has more than it has bytes is not valid.
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

/// Types in a section, which has them in groups.
fn types(section: &TypeSectionReader<'_>) -> Result<u32> {
    let mut types = 0u32;
    for group in section.clone() {
        types = types.saturating_add(group?.types().len().try_into().unwrap_or(u32::MAX));
    }
    Ok(types)
}
