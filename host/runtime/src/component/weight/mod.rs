//! How much work the functions of a component make for the compiler, told before it begins.
//!
//! What the compiler needs, in memory too, grows with the operators of a function, some of which take a thousand times what others do, and
//! with the product of the values that are alive at once and the branches they live across. 50 KB of wasm can be made to take it gigabytes
//! that way, nothing in the compiler stops it, and it cannot be interrupted. So each function is validated and
//! weighed here first: what it takes while it is compiled, and what is kept of it until all are done.
//!
//! ```text
//! weight/operators   what each operator takes
//! ```
//!
//! Not held here: time. Some functions of a few kilobytes take minutes; those are given up (`compiler`).
//!
//! Invariants:
//! - What passes is valid, as far as that does not depend on which proposals the engine takes.
//! - Whether it passes does not depend on the machine: who has many processors compiles with as many as fit.

mod operators;

use super::budget::{CODE, COMPILING, OverBudget, Sum};
pub(super) use operators::Instrumented;
use operators::{Cost, Kind, branches, cost};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use wasmparser::{
    FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody, ModuleArity, Operator,
    Parser, Result, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

/// Bytes of the largest function. The largest of the guests here has 43 KB, the loops of interpreters some hundred.
const MOST_BYTES: u64 = 2 << 20;

/// Bytes that the compiler may take for one function. The heaviest of two interpreters takes a fifth of it.
const MOST_AT_ONCE: u64 = 512 << 20;

/// Loops of one function. Each is looked at for each other, so 10,000 take four seconds and 40,000 a minute.
const MOST_LOOPS: u64 = 10_000;

/// Loops of a function in each other. Under 100 of them a value takes twenty times as much as it does across branches.
const MOST_NESTED_LOOPS: u64 = 100;

/// What a value takes for each branch that it lives across.
const CROSSING: u64 = 64;

/// Threads that are reckoned with at the most.
const MOST_THREADS: usize = 64;

/// What compiling a component takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// How many functions may be compiled at once.
    pub(super) threads: usize,
    /// Bytes that loading it may take then.
    pub(super) bytes: u64,
}

/// Why a component is not given to the compiler.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is not valid.
    Invalid(String),
    /// This function, by its number among those with code, is too large: what there is too much
    /// of, how much, and the most there may be.
    TooHeavy(usize, &'static str, u64, u64),
    /// All of it together takes too much.
    OverBudget(OverBudget),
}

impl From<wasmparser::BinaryReaderError> for Refused {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Refused::Invalid(error.to_string())
    }
}

/// Validates all functions and weighs them, on top of what was weighed before. With so many threads, or
/// fewer.
pub(super) fn check(
    bytes: &[u8],
    mut sum: Sum,
    threads: usize,
    engine: Instrumented,
) -> std::result::Result<Plan, Refused> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut allocations = FuncValidatorAllocations::default();
    let mut function = 0;
    let mut heaviest = Heaviest::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let ValidPayload::Func(to_validate, body) = validator.payload(&payload?)? else {
            continue;
        };
        let size = body.range().len() as u64;
        if size > MOST_BYTES {
            return Err(Refused::TooHeavy(function, "bytes", size, MOST_BYTES));
        }
        let work = weigh(to_validate, &body, &mut allocations, engine)?;
        if let Some((what, count, most)) = work.excess() {
            return Err(Refused::TooHeavy(function, what, count, most));
        }
        heaviest.add(work.at_once());
        sum.again(CODE, work.kept);
        sum.check().map_err(Refused::OverBudget)?;
        function += 1;
    }
    sum.again(COMPILING, heaviest.of(1));
    sum.check().map_err(Refused::OverBudget)?;
    let fits = |threads: &usize| heaviest.of(*threads) <= heaviest.of(1) + sum.left();
    let most = threads.clamp(1, MOST_THREADS);
    let threads = (1..=most).rev().find(fits).unwrap_or(1);
    let beside = heaviest.of(threads).saturating_sub(heaviest.of(1));
    Ok(Plan {
        threads,
        bytes: sum.bytes().saturating_add(beside),
    })
}

/// The functions that take most, the lightest of them first: only so many are compiled at once.
#[derive(Default)]
struct Heaviest(BinaryHeap<Reverse<u64>>);

impl Heaviest {
    fn add(&mut self, bytes: u64) {
        self.0.push(Reverse(bytes));
        if self.0.len() > MOST_THREADS {
            self.0.pop();
        }
    }

    /// What so many of them take together.
    fn of(&self, threads: usize) -> u64 {
        let mut all: Vec<u64> = self.0.iter().map(|Reverse(bytes)| *bytes).collect();
        all.sort_unstable_by_key(|bytes| Reverse(*bytes));
        all.iter().take(threads).sum()
    }
}

/// What one function takes.
#[derive(Default)]
struct Work {
    /// Bytes while it is compiled, by what they are for.
    at_once: [u64; Kind::ALL.len()],
    /// Bytes that are kept of it.
    kept: u64,
    loops: u64,
    nested_loops: u64,
}

impl Work {
    fn add(&mut self, kind: Kind, cost: Cost) {
        if let Some(sum) = self.at_once.get_mut(kind as usize) {
            *sum = sum.saturating_add(cost.at_once);
        }
        self.kept = self.kept.saturating_add(cost.kept);
    }

    fn at_once(&self) -> u64 {
        self.at_once
            .iter()
            .fold(0, |sum, of| sum.saturating_add(*of))
    }

    /// What there is too much of, how much, and the most there may be.
    fn excess(&self) -> Option<(&'static str, u64, u64)> {
        let heaviest = Kind::ALL.iter().zip(self.at_once).max_by_key(|(_, of)| *of);
        let what = heaviest.map_or("", |(kind, _)| kind.what());
        [
            ("loops", self.loops, MOST_LOOPS),
            ("loops in each other", self.nested_loops, MOST_NESTED_LOOPS),
            (what, self.at_once(), MOST_AT_ONCE),
        ]
        .into_iter()
        .find(|(_, count, most)| count > most)
    }
}

fn weigh(
    to_validate: FuncToValidate<ValidatorResources>,
    body: &FunctionBody<'_>,
    allocations: &mut FuncValidatorAllocations,
    engine: Instrumented,
) -> Result<Work> {
    let ty = to_validate.ty;
    let mut validator = to_validate.into_validator(std::mem::take(allocations));
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    let mut work = Work::default();
    // It is entered as it is called, also by those that are compiled for it.
    let signature = validator.sub_type_at(ty);
    let signature = signature.and_then(|ty| validator.sub_type_arity(ty));
    let own = Cost::of_function(signature, validator.len_locals());
    work.add(Kind::Calls, own);
    let (mut crossed, mut highest) = (0u64, 0);
    // Of each block that is open, whether it is a loop.
    let mut open: Vec<bool> = Vec::new();
    let mut loops = 0u64;
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        crossed += branches(&operator);
        let (kind, mut cost) = cost(&operator, validator.resources(), engine);
        if kind == Kind::Calls {
            cost = cost.plus(Cost::of_values(arity(&operator, &validator)));
        }
        work.add(kind, cost);
        let is_loop = matches!(operator, Operator::Loop { .. });
        validator.op(offset, &operator)?;
        // A block opens or closes exactly where the height of the control stack changes; the function itself is one.
        let height = validator.control_stack_height() as usize;
        if height > open.len() + 1 {
            open.push(is_loop);
            loops += u64::from(is_loop);
            work.loops += u64::from(is_loop);
            work.nested_loops = work.nested_loops.max(loops);
        } else if height < open.len() + 1 {
            loops -= u64::from(open.pop().unwrap_or_default());
        }
        highest = highest.max(validator.operand_stack_height());
    }
    operators.finish()?;
    let values = u64::from(validator.len_locals()) + u64::from(highest);
    let at_once = values.saturating_mul(crossed).saturating_mul(CROSSING);
    work.add(Kind::Crossings, Cost { at_once, kept: 0 });
    *allocations = validator.into_allocations();
    Ok(work)
}

/// Values that an operator takes and leaves.
fn arity(
    operator: &Operator<'_>,
    validator: &FuncValidator<ValidatorResources>,
) -> Option<(u32, u32)> {
    operator.operator_arity(validator)
}
