//! Axes of code: one function with many uses of one operator. Each axis has an operator that the compiler handles separately.

use super::Axis;
use wasm_encoder::{
    BlockType, CodeSection, ComponentBuilder, ConstExpr, Function, FunctionSection, GlobalSection,
    GlobalType, HeapType, InstructionSink, MemArg, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};

pub(super) const AXES: &[Axis] = &[
    Axis::new("calls", |c, n| {
        repeated(c, n, |i| {
            i.call(NOTHING);
        })
    }),
    Axis::new("wide calls", wide_calls),
    Axis::new("indirect calls", |c, n| {
        repeated(c, n, |i| {
            i.i32_const(0).call_indirect(0, NOTHING);
        });
    }),
    Axis::new("table reads", |c, n| {
        repeated(c, n, |i| {
            i.i32_const(0).table_get(0).drop();
        });
    }),
    Axis::new("table writes", |c, n| {
        repeated(c, n, |i| {
            i.i32_const(0).ref_null(HeapType::FUNC).table_set(0);
        });
    }),
    Axis::new("table growth", |c, n| {
        repeated(c, n, |i| {
            i.ref_null(HeapType::FUNC).i32_const(0).table_grow(0).drop();
        });
    }),
    Axis::new("loops", |c, n| {
        repeated(c, n, |i| {
            i.loop_(BlockType::Empty).end();
        });
    }),
    Axis::new("nested loops", |c, n| {
        nested(c, n, |i| {
            i.loop_(BlockType::Empty);
        });
    }),
    Axis::new("nested blocks", |c, n| {
        nested(c, n, |i| {
            i.block(BlockType::Empty);
        });
    }),
    Axis::new("conditions", |c, n| {
        repeated(c, n, |i| {
            i.global_get(0).if_(BlockType::Empty).end();
        });
    }),
    Axis::new("branch tables", |c, n| {
        repeated(c, n, |i| {
            i.block(BlockType::Empty).global_get(0);
            i.br_table([0; 10], 0).end();
        });
    }),
    Axis::new("targets of a branch table", |c, n| {
        let targets = vec![0; n as usize];
        repeated(c, 1, |i| {
            i.block(BlockType::Empty).global_get(0);
            i.br_table(targets.clone(), 0).end();
        });
    }),
    Axis::new("locals across branches", locals_across_branches),
    Axis::new("rotations", |c, n| {
        chain(c, n, |i| {
            i.i32_rotl();
        })
    }),
    Axis::new("divisions", |c, n| {
        chain(c, n, |i| {
            i.i32_div_u();
        })
    }),
    Axis::new("sums", |c, n| {
        chain(c, n, |i| {
            i.i32_add();
        })
    }),
    Axis::new("truncations", |c, n| {
        repeated(c, n, |i| {
            i.global_get(0).f64_convert_i32_s().i32_trunc_f64_s();
            i.global_set(0);
        });
    }),
    Axis::new("vector shifts", |c, n| {
        let step = |i: &mut InstructionSink<'_>| {
            i.i8x16_splat().global_get(0).i8x16_shl();
            i.i8x16_extract_lane_u(0);
        };
        chain(c, n, |i| {
            i.drop();
            step(i);
        });
    }),
    Axis::new("loads", |c, n| loads(c, n, 0)),
    Axis::new("far loads", |c, n| loads(c, n, 1 << 31)),
    Axis::new("memory copies", |c, n| {
        repeated(c, n, |i| {
            i.i32_const(0).i32_const(0).i32_const(0).memory_copy(0, 0);
        });
    }),
    Axis::new("memory growth", |c, n| {
        repeated(c, n, |i| {
            i.i32_const(0).memory_grow(0).drop();
        });
    }),
    Axis::new("functions of a hundred calls", |c, n| {
        let function = function(100, &|i: &mut InstructionSink<'_>| {
            i.call(NOTHING);
        });
        module(c, 0, std::iter::repeat_n(&function, n as usize));
    }),
    Axis::new("functions of ten indirect calls", |c, n| {
        let call = |i: &mut InstructionSink<'_>| {
            i.i32_const(0).call_indirect(0, NOTHING);
        };
        module(c, 0, std::iter::repeat_n(&function(10, &call), n as usize));
    }),
];

/// The index of the function, and of the type, without parameters and results.
const NOTHING: u32 = 0;

/// Number of parameters and results of a wide function.
const WIDE: u32 = 100;

/// A function that repeats a step `times` times.
fn function(times: u32, step: &dyn Fn(&mut InstructionSink<'_>)) -> Function {
    let mut function = Function::new([]);
    for _ in 0..times {
        step(&mut function.instructions());
    }
    function.instructions().end();
    function
}

fn repeated(c: &mut ComponentBuilder, times: u32, step: impl Fn(&mut InstructionSink<'_>)) {
    module(c, 0, [&function(times, &step)]);
}

/// `times` nested blocks.
fn nested(c: &mut ComponentBuilder, times: u32, open: impl Fn(&mut InstructionSink<'_>)) {
    let mut function = Function::new([]);
    for _ in 0..times {
        open(&mut function.instructions());
    }
    for _ in 0..=times {
        function.instructions().end();
    }
    module(c, 0, [&function]);
}

/// One value that passes through `times` operators, each with another operand.
fn chain(c: &mut ComponentBuilder, times: u32, step: impl Fn(&mut InstructionSink<'_>)) {
    let mut function = Function::new([]);
    function.instructions().global_get(0);
    for _ in 0..times {
        step(function.instructions().global_get(0));
    }
    function.instructions().global_set(0).end();
    module(c, 0, [&function]);
}

fn loads(c: &mut ComponentBuilder, times: u32, offset: u64) {
    let place = MemArg {
        offset,
        align: 0,
        memory_index: 0,
    };
    let mut function = Function::new([]);
    function.instructions().i32_const(0);
    for _ in 0..times {
        function.instructions().i32_load(place);
    }
    function.instructions().drop().end();
    module(c, 0, [&function]);
}

/// Calls of a function that takes and returns a hundred values.
fn wide_calls(c: &mut ComponentBuilder, times: u32) {
    let mut function = Function::new([]);
    for _ in 0..WIDE {
        function.instructions().i32_const(0);
    }
    for _ in 0..times {
        function.instructions().call(1);
    }
    for _ in 0..WIDE {
        function.instructions().drop();
    }
    function.instructions().end();
    module(c, 0, [&function]);
}

/// `count` locals, each of which changes between branches to one target.
fn locals_across_branches(c: &mut ComponentBuilder, count: u32) {
    let mut function = Function::new([(count, ValType::I32)]);
    let mut code = function.instructions();
    code.block(BlockType::Empty);
    for local in 0..count {
        code.global_get(0).local_set(local);
        code.local_get(local).br_if(0);
    }
    code.end().end();
    module(c, 0, [&function]);
}

/// A module with these functions, after an empty function and a wide one, and with one item of each other kind.
fn module<'a>(
    c: &mut ComponentBuilder,
    ty: u32,
    functions: impl IntoIterator<Item = &'a Function>,
) {
    let wide = [ValType::I32; WIDE as usize];
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function(wide, wide);
    let (mut declared, mut code) = (FunctionSection::new(), CodeSection::new());
    let mut unreachable = Function::new([]);
    unreachable.instructions().unreachable().end();
    for ty in [NOTHING, 1] {
        declared.function(ty);
        code.function(&unreachable);
    }
    for function in functions {
        declared.function(ty);
        code.function(function);
    }
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 1,
        maximum: None,
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    let global = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    globals.global(global, &ConstExpr::i32_const(1));
    let mut module = Module::new();
    module.section(&types).section(&declared).section(&tables);
    module.section(&memories).section(&globals).section(&code);
    c.core_module_raw(None, module.as_slice());
}
