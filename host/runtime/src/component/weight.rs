//! How much work a function makes for the compiler, told before it begins.
//!
//! What the compiler needs, in memory too, grows with the bytes of a function, and with the product of
//! the values that are alive at once and the branches they live across. Less than a megabyte of wasm can
//! be made to take it more than ten gigabytes that way, nothing in the compiler stops it, and it cannot
//! be interrupted. So each function is validated and weighed here first. A machine compiles as many
//! functions at once as it has processors.
//!
//! Invariant: what passes is valid, as far as that does not depend on which proposals the engine takes.

use wasmparser::{
    FuncToValidate, FuncValidatorAllocations, FunctionBody, Operator, Parser, Result, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

/// Bytes of the largest function. Measured, each takes the compiler up to half a kilobyte: this many one
/// gigabyte and two seconds. The largest of the guests here has 43 KB, the loops of interpreters some hundred.
pub(super) const MOST_BYTES: u64 = 2 << 20;

/// Values alive at once times branches of one function at the most. Measured, this many take the
/// compiler about eight seconds; sixteen times as many took more than fourteen gigabytes and
/// two minutes. The heaviest function of the guests here has a five hundredth of it.
pub(super) const MOST_WEIGHT: u64 = 1 << 26;

/// Why a component is not given to the compiler.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is not valid.
    Invalid(String),
    /// This function, by its number among those with code, is too large: what there is too much
    /// of, how much, and the most there may be.
    TooHeavy(usize, &'static str, u64, u64),
}

impl From<wasmparser::BinaryReaderError> for Refused {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Refused::Invalid(error.to_string())
    }
}

/// Validates all functions and weighs them.
pub(super) fn check(bytes: &[u8]) -> std::result::Result<(), Refused> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut allocations = FuncValidatorAllocations::default();
    let mut function = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let ValidPayload::Func(to_validate, body) = validator.payload(&payload?)? else {
            continue;
        };
        let size = body.range().len() as u64;
        if size > MOST_BYTES {
            return Err(Refused::TooHeavy(function, "bytes", size, MOST_BYTES));
        }
        let weight = weigh(to_validate, &body, &mut allocations)?;
        if weight > MOST_WEIGHT {
            let what = "times a value alive and a branch";
            return Err(Refused::TooHeavy(function, what, weight, MOST_WEIGHT));
        }
        function += 1;
    }
    Ok(())
}

/// Values alive at once, at the most, times branches.
fn weigh(
    to_validate: FuncToValidate<ValidatorResources>,
    body: &FunctionBody<'_>,
    allocations: &mut FuncValidatorAllocations,
) -> Result<u64> {
    let mut validator = to_validate.into_validator(std::mem::take(allocations));
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    let (mut branches, mut highest) = (0u64, 0);
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        branches += match &operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. } => 1,
            Operator::BrTable { targets } => u64::from(targets.len()) + 1,
            _ => 0,
        };
        validator.op(offset, &operator)?;
        highest = highest.max(validator.operand_stack_height());
    }
    operators.finish()?;
    let values = u64::from(validator.len_locals()) + u64::from(highest);
    *allocations = validator.into_allocations();
    Ok(values.saturating_mul(branches))
}
