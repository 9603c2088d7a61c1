//! Estimates the compiler's work for the functions of a component, before compiling.
//!
//! The compiler's need, also for memory, grows with the operators of a function, some of which cost a thousand times as much as others. It
//! also grows with the product of the values that are live at once and the branches that they live across. So 50 KB of wasm can take
//! gigabytes. Nothing in the compiler stops that, and the compiler cannot be interrupted. Therefore each function is first validated and
//! weighed here: the memory while it is compiled, and the memory kept until all functions are done.
//!
//! ```text
//! weight/operators   what each operator takes
//! ```
//!
//! Time is not bounded here. Some functions of a few kilobytes take minutes; `compiler` gives those up.
//!
//! Invariants:
//! - A component that passes is valid, except where that depends on the proposals that the engine enables.
//! - The result does not depend on the machine: a machine with many processors compiles as many functions at
//!   once as fit.

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

/// Most bytes of a function. The largest function of the guests in this repository has 43 KB; interpreter loops
/// have some hundred.
const MOST_BYTES: u64 = 2 << 20;

/// Most bytes of memory for compiling one function. The heaviest function of two interpreters takes a fifth of
/// it.
const MOST_AT_ONCE: u64 = 512 << 20;

/// Loops of one function. The compiler compares each with each other: 10,000 take four seconds, 40,000 a
/// minute.
const MOST_LOOPS: u64 = 10_000;

/// Nested loops of a function. Inside 100 nested loops a value takes twenty times as much as across branches.
const MOST_NESTED_LOOPS: u64 = 100;

/// Bytes for a value, for each branch that it lives across.
const CROSSING: u64 = 64;

/// Most threads to plan with.
const MOST_THREADS: usize = 64;

/// What compiling a component takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// How many functions may be compiled at once.
    pub(super) threads: usize,
    /// Bytes of memory for loading it then.
    pub(super) bytes: u64,
}

/// Why a component may not be compiled.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is not valid.
    Invalid(String),
    /// A function is too large. Its index among those with code, what exceeds its bound, how much it has, and
    /// the bound.
    TooHeavy(usize, &'static str, u64, u64),
    /// The whole component takes too much.
    OverBudget(OverBudget),
}

impl From<wasmparser::BinaryReaderError> for Refused {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Refused::Invalid(error.to_string())
    }
}

/// Validates all functions and adds their weight to the previous sum. Plans with at most `threads` threads.
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

/// The heaviest functions, the lightest of them on top: only so many are compiled at once.
#[derive(Default)]
struct Heaviest(BinaryHeap<Reverse<u64>>);

impl Heaviest {
    fn add(&mut self, bytes: u64) {
        self.0.push(Reverse(bytes));
        if self.0.len() > MOST_THREADS {
            self.0.pop();
        }
    }

    /// The weight of the `threads` heaviest functions together.
    fn of(&self, threads: usize) -> u64 {
        let mut all: Vec<u64> = self.0.iter().map(|Reverse(bytes)| *bytes).collect();
        all.sort_unstable_by_key(|bytes| Reverse(*bytes));
        all.iter().take(threads).sum()
    }
}

/// The compiler's memory for one function.
#[derive(Default)]
struct Work {
    /// Bytes while it is compiled, by category.
    at_once: [u64; Kind::ALL.len()],
    /// Bytes kept of the result.
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

    /// What exceeds its bound, how much there is, and the bound.
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
    // The function's entry costs as much as a call; so do the trampolines that are compiled for it.
    let signature = validator.sub_type_at(ty);
    let signature = signature.and_then(|ty| validator.sub_type_arity(ty));
    let own = Cost::of_function(signature, validator.len_locals());
    work.add(Kind::Calls, own);
    let (mut crossed, mut highest) = (0u64, 0);
    // For each open block, whether it is a loop.
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
        // The height of the control stack changes exactly when a block opens or closes. The function itself counts
        // as one.
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

/// The numbers of values that an operator takes and returns.
fn arity(
    operator: &Operator<'_>,
    validator: &FuncValidator<ValidatorResources>,
) -> Option<(u32, u32)> {
    operator.operator_arity(validator)
}
