//! How much memory a component takes a host that loads it, told before anything of it is taken in.
//!
//! The size of a component says little: 100 KB can be made to take gigabytes, by nothing but empty functions, or modules in components in
//! components. So all sections are walked over first, without validating, and whatever is in them is weighed. Not the work that
//! functions make for the compiler; that is `weight`, which validates them and so comes after, and adds to the same sum.
//!
//! ```text
//! budget/weights   what the sections weigh, by items and by bytes
//! budget/trees     what refers to something is weighed with it, each time
//! budget/nesting   how deep types are declared in types
//! ```
//!
//! Invariants:
//! - Nothing is read in detail before its section has been weighed by its bytes, so the walk takes a part of what it allows.
//! - What nests deeper than [`MOST_NESTED`] is refused: the parsers recurse where types are declared in types (`nesting`), and run out of stack.

mod nesting;
mod trees;
mod weights;

use trees::Trees;
use wasmparser::{Parser, Payload};
pub(super) use weights::{CODE, COMPILING};

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
pub(super) struct Weight {
    what: &'static str,
    item: u64,
    byte: u64,
}

const fn weight(what: &'static str, item: u64, byte: u64) -> Weight {
    Weight { what, item, byte }
}

impl Weight {
    /// What so many items of so many bytes take.
    fn of(self, items: u64, bytes: usize) -> u64 {
        let items = self.item.saturating_mul(items);
        items.saturating_add(self.byte.saturating_mul(bytes as u64))
    }
}

/// Why a component is not taken in.
#[derive(Debug)]
pub(super) enum OverBudget {
    /// It cannot be read.
    Invalid(String),
    /// It nests deeper than this.
    Nested(usize),
    /// It has more parts than this.
    Parts(u64),
    /// It instantiates or keeps a component that it was handed, so that what that weighs is not known.
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
#[derive(Debug, Default)]
pub(super) struct Sum {
    bytes: u64,
    /// Bytes by what they are for.
    parts: Vec<(&'static str, u64)>,
}

impl Sum {
    fn add(&mut self, weight: Weight, items: u64, bytes: usize) {
        self.again(weight, weight.of(items, bytes));
    }

    /// Adds what is known to take so much.
    pub(super) fn again(&mut self, weight: Weight, taken: u64) {
        self.bytes = self.bytes.saturating_add(taken);
        match self.parts.iter_mut().find(|(what, _)| *what == weight.what) {
            Some((_, sum)) => *sum = sum.saturating_add(taken),
            None => self.parts.push((weight.what, taken)),
        }
    }

    /// Adds all that another component takes.
    pub(super) fn merge(&mut self, other: &Self) {
        for (what, taken) in &other.parts {
            self.again(weight(what, 0, 0), *taken);
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes that may still be taken.
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

/// Weighs all there is in a component, but for the work of compiling its functions.
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
        // At once, so that no more is read than may be.
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
