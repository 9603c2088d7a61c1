//! The compiler's memory for each operator: bytes while its function is compiled, and bytes kept until all functions are done.
//!
//! Measured as the growth of `weft inspect`, with one function of many operators and with many functions of a few, and rounded up. If an
//! operator has forms of different weight, the heaviest counts.

use wasmparser::{MemArg, Operator, ValidatorResources, WasmModuleResources};

/// The compiler's memory for an operator or a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Bytes while its function is compiled.
    pub(super) at_once: u64,
    /// Bytes kept of the result.
    pub(super) kept: u64,
}

const fn of(at_once: u64, kept: u64) -> Cost {
    Cost { at_once, kept }
}

/// Locals mainly cost time: 50,000 of them take three milliseconds per function.
const LOCAL: Cost = of(64, 2);
/// Operators that make no code of their own.
const NOTHING: Cost = of(16, 8);
const ARITHMETIC: Cost = of(700, 48);
/// Float functions of several instructions each.
const FLOATS: Cost = of(1_700, 64);
const DIVISION: Cost = of(2_900, 160);
/// The compiler tries all rewrites of nested rotations. It keeps them in tables that double: 35,000 take 13 KB each, 33,000 take 8.
const ROTATION: Cost = of(13 << 10, 48);
const TRUNCATION: Cost = of(3_100, 460);
const ACCESS: Cost = of(1_100, 72);
/// Loads and stores with a bounds check: in 64-bit memories, or with a large offset.
const CHECKED_ACCESS: Cost = of(3_400, 128);
/// Operators that call the host.
const HOST: Cost = of(4 << 10, 256);
/// Access to table elements, which are initialized at their first use.
const TABLE: Cost = of(17 << 10, 1 << 10);
const CALL: Cost = of(1_600, 200);
/// Each argument and result of a call.
const VALUE: Cost = of(512, 52);
const INDIRECT_CALL: Cost = of(18 << 10, 800);
const BLOCK: Cost = of(960, 48);
/// A loop checks whether the epoch has ended.
const LOOP: Cost = of(12 << 10, 400);
const BRANCH: Cost = of(3 << 10, 160);
/// A table of branches, without its targets.
const BRANCH_TABLE: Cost = of(9 << 10, 256);
/// Each target of a table of branches.
const TARGET: Cost = of(24, 8);
/// Vectors, and all other operators.
const OTHER: Cost = of(4_300, 192);

/// The additional cost of a call, a branch and a loop when fuel is counted.
const COUNTED_CALL: Cost = of(900, 16);
const COUNTED_BRANCH: Cost = of(5 << 10, 64);
const COUNTED_LOOP: Cost = of(10 << 10, 288);

/// Accesses with a smaller offset are not checked: the guard region behind a memory is larger.
const NEAR: u64 = 1 << 20;

impl Cost {
    pub(super) fn plus(self, other: Self) -> Self {
        self.plus_times(other, 1)
    }

    fn plus_times(self, other: Self, times: u64) -> Self {
        Self {
            at_once: self
                .at_once
                .saturating_add(other.at_once.saturating_mul(times)),
            kept: self.kept.saturating_add(other.kept.saturating_mul(times)),
        }
    }

    /// The cost of the arguments and results of a call.
    pub(super) fn of_values(arity: Option<(u32, u32)>) -> Self {
        let (parameters, results) = arity.unwrap_or_default();
        Cost::default().plus_times(VALUE, u64::from(parameters) + u64::from(results))
    }

    /// The cost of a function with this signature and number of locals.
    pub(super) fn of_function(arity: Option<(u32, u32)>, locals: u32) -> Self {
        let signature = CALL.plus(Self::of_values(arity));
        signature.plus_times(LOCAL, locals.into())
    }
}

/// What an engine adds to the code of guests.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::component) struct Instrumented {
    /// Whether every load and store has a bounds check, as no guard catches it.
    pub(in crate::component) checks_accesses: bool,
    /// Whether instructions are counted.
    pub(in crate::component) counts_fuel: bool,
}

/// Categories of the compiler's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Calls,
    Tables,
    Branches,
    Crossings,
    Other,
}

impl Kind {
    /// In the order of declaration.
    pub(super) const ALL: [Self; 5] = [
        Self::Calls,
        Self::Tables,
        Self::Branches,
        Self::Crossings,
        Self::Other,
    ];

    /// What exceeds its bound, for errors.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Calls => "bytes of memory, mainly for its calls",
            Self::Tables => "bytes of memory, mainly for its uses of tables",
            Self::Branches => "bytes of memory, mainly for its branches and loops",
            Self::Crossings => "bytes of memory, mainly for values across branches",
            Self::Other => "bytes of memory, mainly for its instructions",
        }
    }
}

/// The number of branches that an operator makes.
pub(super) fn branches(operator: &Operator<'_>) -> u64 {
    match operator {
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
    }
}

/// The cost of an operator; for a call, without its values.
pub(super) fn cost(
    operator: &Operator<'_>,
    resources: &ValidatorResources,
    engine: Instrumented,
) -> (Kind, Cost) {
    let (kind, cost) = uncounted(operator, resources, engine.checks_accesses);
    let counted = match (kind, operator) {
        _ if !engine.counts_fuel => Cost::default(),
        (_, Operator::Loop { .. }) => COUNTED_LOOP,
        (Kind::Branches, _) => COUNTED_BRANCH,
        (Kind::Calls, _) => COUNTED_CALL,
        _ => Cost::default(),
    };
    (kind, cost.plus(counted))
}

fn uncounted(
    operator: &Operator<'_>,
    resources: &ValidatorResources,
    checks_accesses: bool,
) -> (Kind, Cost) {
    use Operator as Op;
    match operator {
        Op::Call { .. } | Op::ReturnCall { .. } => (Kind::Calls, CALL),
        Op::CallIndirect { .. }
        | Op::ReturnCallIndirect { .. }
        | Op::CallRef { .. }
        | Op::ReturnCallRef { .. } => (Kind::Calls, INDIRECT_CALL),
        Op::TableGet { .. }
        | Op::TableSet { .. }
        | Op::TableGrow { .. }
        | Op::TableFill { .. }
        | Op::TableCopy { .. }
        | Op::TableInit { .. }
        | Op::RefFunc { .. } => (Kind::Tables, TABLE),
        Op::MemoryGrow { .. }
        | Op::MemoryFill { .. }
        | Op::MemoryCopy { .. }
        | Op::MemoryInit { .. }
        | Op::DataDrop { .. }
        | Op::ElemDrop { .. } => (Kind::Other, HOST),
        Op::Loop { .. } => (Kind::Branches, LOOP),
        Op::Block { .. } | Op::Br { .. } | Op::Return => (Kind::Branches, BLOCK),
        Op::If { .. } | Op::BrIf { .. } => (Kind::Branches, BRANCH),
        Op::BrTable { targets } => {
            let targets = u64::from(targets.len());
            (Kind::Branches, BRANCH_TABLE.plus_times(TARGET, targets))
        }
        other => {
            let accessed = access(other).map(|at| match checks_accesses {
                true => CHECKED_ACCESS,
                false => reach(at, resources),
            });
            (Kind::Other, accessed.unwrap_or_else(|| instruction(other)))
        }
    }
}

/// The cost of a load or store at this address.
fn reach(at: MemArg, resources: &ValidatorResources) -> Cost {
    let memory = resources.memory_at(at.memory);
    match at.offset < NEAR && memory.is_some_and(|memory| !memory.memory64) {
        true => ACCESS,
        false => CHECKED_ACCESS,
    }
}

/// The memory access of a load or store, except for vectors.
fn access(operator: &Operator<'_>) -> Option<MemArg> {
    use Operator as Op;
    match operator {
        Op::I32Load { memarg }
        | Op::I64Load { memarg }
        | Op::F32Load { memarg }
        | Op::F64Load { memarg }
        | Op::I32Load8S { memarg }
        | Op::I32Load8U { memarg }
        | Op::I32Load16S { memarg }
        | Op::I32Load16U { memarg }
        | Op::I64Load8S { memarg }
        | Op::I64Load8U { memarg }
        | Op::I64Load16S { memarg }
        | Op::I64Load16U { memarg }
        | Op::I64Load32S { memarg }
        | Op::I64Load32U { memarg }
        | Op::I32Store { memarg }
        | Op::I64Store { memarg }
        | Op::F32Store { memarg }
        | Op::F64Store { memarg }
        | Op::I32Store8 { memarg }
        | Op::I32Store16 { memarg }
        | Op::I64Store8 { memarg }
        | Op::I64Store16 { memarg }
        | Op::I64Store32 { memarg } => Some(*memarg),
        _ => None,
    }
}

/// The cost of an operator that is neither control flow nor access.
#[rustfmt::skip]
fn instruction(operator: &Operator<'_>) -> Cost {
    use Operator as Op;
    match operator {
        Op::Nop | Op::Unreachable | Op::Else | Op::End | Op::Drop
        | Op::I32Const { .. } | Op::I64Const { .. } | Op::F32Const { .. } | Op::F64Const { .. }
        | Op::LocalGet { .. } | Op::LocalSet { .. } | Op::LocalTee { .. }
        | Op::I32WrapI64 | Op::I32ReinterpretF32 | Op::I64ReinterpretF64
        | Op::F32ReinterpretI32 | Op::F64ReinterpretI64 => NOTHING,

        Op::GlobalGet { .. } | Op::GlobalSet { .. } | Op::MemorySize { .. } | Op::TableSize { .. }
        | Op::Select | Op::TypedSelect { .. } | Op::RefNull { .. } | Op::RefIsNull
        | Op::I32Eqz | Op::I32Eq | Op::I32Ne | Op::I32LtS | Op::I32LtU | Op::I32GtS | Op::I32GtU
        | Op::I32LeS | Op::I32LeU | Op::I32GeS | Op::I32GeU
        | Op::I64Eqz | Op::I64Eq | Op::I64Ne | Op::I64LtS | Op::I64LtU | Op::I64GtS | Op::I64GtU
        | Op::I64LeS | Op::I64LeU | Op::I64GeS | Op::I64GeU
        | Op::F32Eq | Op::F32Ne | Op::F32Lt | Op::F32Gt | Op::F32Le | Op::F32Ge
        | Op::F64Eq | Op::F64Ne | Op::F64Lt | Op::F64Gt | Op::F64Le | Op::F64Ge
        | Op::I32Clz | Op::I32Ctz | Op::I32Popcnt | Op::I64Clz | Op::I64Ctz | Op::I64Popcnt
        | Op::I32Add | Op::I32Sub | Op::I32Mul | Op::I32And | Op::I32Or | Op::I32Xor
        | Op::I32Shl | Op::I32ShrS | Op::I32ShrU
        | Op::I64Add | Op::I64Sub | Op::I64Mul | Op::I64And | Op::I64Or | Op::I64Xor
        | Op::I64Shl | Op::I64ShrS | Op::I64ShrU
        | Op::F32Add | Op::F32Sub | Op::F32Mul | Op::F32Div
        | Op::F64Add | Op::F64Sub | Op::F64Mul | Op::F64Div
        | Op::I64ExtendI32S | Op::I64ExtendI32U | Op::I32Extend8S | Op::I32Extend16S
        | Op::I64Extend8S | Op::I64Extend16S | Op::I64Extend32S
        | Op::F32ConvertI32S | Op::F64ConvertI32S | Op::F32ConvertI64S | Op::F64ConvertI64S
        | Op::F32ConvertI32U | Op::F64ConvertI32U | Op::F32DemoteF64 | Op::F64PromoteF32 => ARITHMETIC,

        Op::F32Abs | Op::F32Neg | Op::F32Ceil | Op::F32Floor | Op::F32Trunc | Op::F32Nearest | Op::F32Sqrt
        | Op::F64Abs | Op::F64Neg | Op::F64Ceil | Op::F64Floor | Op::F64Trunc | Op::F64Nearest | Op::F64Sqrt
        | Op::F32Min | Op::F32Max | Op::F64Min | Op::F64Max => FLOATS,

        Op::F32ConvertI64U | Op::F64ConvertI64U | Op::F32Copysign | Op::F64Copysign
        | Op::I32DivS | Op::I32DivU | Op::I32RemS | Op::I32RemU
        | Op::I64DivS | Op::I64DivU | Op::I64RemS | Op::I64RemU => DIVISION,

        Op::I32Rotl | Op::I32Rotr | Op::I64Rotl | Op::I64Rotr => ROTATION,

        Op::I32TruncF32S | Op::I32TruncF32U | Op::I32TruncF64S | Op::I32TruncF64U
        | Op::I64TruncF32S | Op::I64TruncF32U | Op::I64TruncF64S | Op::I64TruncF64U
        | Op::I32TruncSatF32S | Op::I32TruncSatF32U | Op::I32TruncSatF64S | Op::I32TruncSatF64U
        | Op::I64TruncSatF32S | Op::I64TruncSatF32U | Op::I64TruncSatF64S | Op::I64TruncSatF64U => TRUNCATION,

        _ => OTHER,
    }
}
