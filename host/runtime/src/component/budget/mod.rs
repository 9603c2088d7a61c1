//! Estimates the memory for loading a component, before any of it is loaded.
//!
//! The size of a component says little: 100 KB can take gigabytes, with nothing but empty functions, or modules in components in components. So
//! all sections are walked first, without validation, and everything in them is weighed. The work of compiling functions is not included:
//! `weight` validates the functions, so it comes later, and adds to the same sum.
//!
//! ```text
//! budget/weights   what the sections weigh, by items and by bytes
//! budget/trees     the weight of references: a referenced item is weighed again for each
//! budget/nesting   how deep type declarations nest
//! ```
//!
//! Invariants:
//! - A section is read in detail only after it has been weighed by its bytes, so the walk takes only a part of the budget.
//! - A component that nests deeper than [`MOST_NESTED`] is refused: the parsers recurse into type declarations (`nesting`) and would overflow
//!   the stack.

mod nesting;
mod trees;
mod weights;

use trees::Trees;
use wasmparser::{Parser, Payload};
pub(super) use weights::{CODE, COMPILING};

/// Most bytes that loading one component may take. With the rest of the program this stays below a gigabyte. An interpreter with
/// its library takes half of it.
const MOST_BYTES: u64 = 800 << 20;

/// How deep components nest in components, and types in types. Composed components nest some levels deep.
const MOST_NESTED: usize = 100;

/// Modules and components in one component, itself included. The cost of each grows with their number: 9,000 took 2.5 GB.
const MOST_PARTS: u64 = 1_000;

/// The weight of an item, in bytes of memory, and of each of its bytes. Measured as the growth of `weft inspect` per item, with the
/// smallest and with large items of the kind, and rounded up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    what: &'static str,
    item: u64,
    byte: u64,
}

const fn weight(what: &'static str, item: u64, byte: u64) -> Weight {
    Weight { what, item, byte }
}

impl Weight {
    /// The weight of some items with some bytes in all.
    fn of(self, items: u64, bytes: usize) -> u64 {
        let items = self.item.saturating_mul(items);
        items.saturating_add(self.byte.saturating_mul(bytes as u64))
    }
}

/// Why a component is over its budget.
#[derive(Debug)]
pub(super) enum OverBudget {
    /// It cannot be read.
    Invalid(String),
    /// It nests deeper than this bound.
    Nested(usize),
    /// It has more parts than this bound.
    Parts(u64),
    /// It instantiates or captures a component that was passed to it, so the weight of that is unknown.
    HandedOn,
    /// It would take more bytes than the bound; `mainly` says what takes most of them.
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

/// The weight so far.
#[derive(Debug, Default)]
pub(super) struct Sum {
    bytes: u64,
    /// Bytes by category.
    parts: Vec<(&'static str, u64)>,
}

impl Sum {
    fn add(&mut self, weight: Weight, items: u64, bytes: usize) {
        self.again(weight, weight.of(items, bytes));
    }

    /// Adds a weight in bytes.
    pub(super) fn again(&mut self, weight: Weight, taken: u64) {
        self.bytes = self.bytes.saturating_add(taken);
        match self.parts.iter_mut().find(|(what, _)| *what == weight.what) {
            Some((_, sum)) => *sum = sum.saturating_add(taken),
            None => self.parts.push((weight.what, taken)),
        }
    }

    /// Adds the weight of another component.
    pub(super) fn merge(&mut self, other: &Self) {
        for (what, taken) in &other.parts {
            self.again(weight(what, 0, 0), *taken);
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes left in the budget.
    pub(super) fn left(&self) -> u64 {
        MOST_BYTES.saturating_sub(self.bytes)
    }

    pub(super) fn check(&self) -> Result<(), OverBudget> {
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

/// Weighs everything in a component except the work of compiling its functions.
pub(super) fn check(bytes: &[u8]) -> Result<Sum, OverBudget> {
    let mut sum = Sum::default();
    let (mut trees, mut parts) = (Trees::default(), 0u64);
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if matches!(payload, Payload::Version { .. }) {
            parts += 1;
        }
        if parts > MOST_PARTS {
            return Err(OverBudget::Parts(MOST_PARTS));
        }
        let before = sum.bytes;
        weights::weigh(&payload, &mut sum)?;
        // Checked after each section, so that reading stops at the budget.
        sum.check()?;
        if let Payload::ComponentTypeSection(section) = &payload {
            nesting::check(bytes.get(section.range()).unwrap_or_default())?;
        }
        trees.follow(&payload, sum.bytes - before, &mut sum)?;
        if trees.depth() > MOST_NESTED {
            return Err(OverBudget::Nested(MOST_NESTED));
        }
    }
    Ok(sum)
}
