//! Axes of core modules: each adds one module with many items of one kind to the component.

use super::Axis;
use wasm_encoder::{
    CodeSection, ComponentBuilder, ConstExpr, CustomSection, DataSection, ElementSection, Elements,
    EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    HeapType, ImportSection, MemorySection, MemoryType, Module, NameMap, NameSection, RefType,
    TableSection, TableType, TagKind, TagSection, TagType, TypeSection, ValType,
};

pub(super) const AXES: &[Axis] = &[
    Axis::new("modules", modules),
    Axis::new("core instances", instances),
    Axis::new("functions", functions),
    Axis::new("functions of 50,000 locals", locals),
    Axis::new("functions of 1,000 parameters and results", parameters),
    Axis::new("core types", types),
    Axis::new("groups of core types", groups),
    Axis::new("core imports", imports),
    Axis::new("core exports", exports),
    Axis::new("globals", globals),
    Axis::new("tables", tables),
    Axis::new("memories", memories),
    Axis::new("tags", tags),
    Axis::new("element segments", element_segments),
    Axis::new("elements", elements),
    Axis::new("element expressions", element_expressions),
    Axis::new("data segments", data_segments),
    Axis::new("data", data),
    Axis::new("function names", function_names),
    Axis::new("long core names", long_names),
    Axis::new("custom sections", custom_sections),
    Axis::new("custom bytes", custom_bytes),
    Axis::new("instances of many imports", instances_of_many_imports),
];

/// Bytes of a long name.
const LONG: usize = 50_000;

/// Code, with a type `func()` as number 0, and other types.
struct Code {
    types: TypeSection,
    functions: FunctionSection,
    code: CodeSection,
}

impl Code {
    fn new() -> Self {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        Self {
            types,
            functions: FunctionSection::new(),
            code: CodeSection::new(),
        }
    }

    fn function(&mut self, ty: u32, function: &Function) -> &mut Self {
        self.functions.function(ty);
        self.code.function(function);
        self
    }

    fn module(&self) -> Module {
        let mut module = Module::new();
        module.section(&self.types).section(&self.functions);
        module.section(&self.code);
        module
    }
}

fn empty() -> Function {
    let mut function = Function::new([]);
    function.instructions().end();
    function
}

fn add(component: &mut ComponentBuilder, module: &Module) -> u32 {
    component.core_module_raw(None, module.as_slice())
}

fn modules(component: &mut ComponentBuilder, count: u32) {
    for _ in 0..count {
        add(component, &Module::new());
    }
}

fn instances(component: &mut ComponentBuilder, count: u32) {
    let module = add(component, &Module::new());
    for _ in 0..count {
        component.core_instantiate(None, module, []);
    }
}

fn functions(component: &mut ComponentBuilder, count: u32) {
    let mut code = Code::new();
    for _ in 0..count {
        code.function(0, &empty());
    }
    add(component, &code.module());
}

/// Functions with 50,000 locals each, the maximum.
fn locals(component: &mut ComponentBuilder, count: u32) {
    let mut code = Code::new();
    for _ in 0..count {
        let mut function = Function::new([(50_000, ValType::I32)]);
        function.instructions().end();
        code.function(0, &function);
    }
    add(component, &code.module());
}

/// Functions of a thousand parameters and as many results.
fn parameters(component: &mut ComponentBuilder, count: u32) {
    let mut code = Code::new();
    let many = || [ValType::I32; 1000];
    code.types.ty().function(many(), many());
    for _ in 0..count {
        let mut function = Function::new([]);
        function.instructions().unreachable().end();
        code.function(1, &function);
    }
    add(component, &code.module());
}

/// Types that are all different.
fn types(component: &mut ComponentBuilder, count: u32) {
    let kinds = [ValType::I32, ValType::I64, ValType::F32, ValType::F64];
    let mut types = TypeSection::new();
    for number in 0..count {
        let kind = |digit: u32| kinds[(number >> (2 * digit) & 3) as usize];
        types.ty().function((0..10).map(kind), []);
    }
    add(component, Module::new().section(&types));
}

/// Types in groups of a thousand.
fn groups(component: &mut ComponentBuilder, count: u32) {
    let mut types = TypeSection::new();
    for _ in 0..count {
        let function = wasm_encoder::FuncType::new([ValType::I32; 10], []);
        let one = wasm_encoder::SubType {
            is_final: true,
            supertype_idx: None,
            composite_type: wasm_encoder::CompositeType {
                inner: wasm_encoder::CompositeInnerType::Func(function),
                shared: false,
                describes: None,
                descriptor: None,
            },
        };
        types.ty().rec(vec![one; 1000]);
    }
    add(component, Module::new().section(&types));
}

fn many_imports(count: u32) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    for number in 0..count {
        imports.import("m", &format!("f{number}"), EntityType::Function(0));
    }
    let mut module = Module::new();
    module.section(&types).section(&imports);
    module
}

fn imports(component: &mut ComponentBuilder, count: u32) {
    add(component, &many_imports(count));
}

fn exports(component: &mut ComponentBuilder, count: u32) {
    add(component, &many_exports(count));
}

fn many_exports(count: u32) -> Module {
    let mut code = Code::new();
    code.function(0, &empty());
    let mut exports = ExportSection::new();
    for number in 0..count {
        exports.export(&format!("f{number}"), ExportKind::Func, 0);
    }
    let mut module = Module::new();
    module.section(&code.types).section(&code.functions);
    module.section(&exports).section(&code.code);
    module
}

fn globals(component: &mut ComponentBuilder, count: u32) {
    let mut globals = GlobalSection::new();
    for _ in 0..count {
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(ty, &ConstExpr::i32_const(0));
    }
    add(component, Module::new().section(&globals));
}

fn table(elements: u64) -> TableType {
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: elements,
        maximum: None,
        shared: false,
    }
}

fn memory() -> MemoryType {
    MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

fn tables(component: &mut ComponentBuilder, count: u32) {
    let mut tables = TableSection::new();
    for _ in 0..count {
        tables.table(table(10));
    }
    add(component, Module::new().section(&tables));
}

fn memories(component: &mut ComponentBuilder, count: u32) {
    let mut memories = MemorySection::new();
    for _ in 0..count {
        memories.memory(memory());
    }
    add(component, Module::new().section(&memories));
}

fn tags(component: &mut ComponentBuilder, count: u32) {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut tags = TagSection::new();
    for _ in 0..count {
        tags.tag(TagType {
            kind: TagKind::Exception,
            func_type_idx: 0,
        });
    }
    add(component, Module::new().section(&types).section(&tags));
}

/// A module with one function, one table of 90,000 elements, and these segments.
fn with_elements(component: &mut ComponentBuilder, segments: &ElementSection) {
    let mut code = Code::new();
    code.function(0, &empty());
    let mut tables = TableSection::new();
    tables.table(table(90_000));
    let mut module = Module::new();
    module.section(&code.types).section(&code.functions);
    module.section(&tables).section(segments);
    module.section(&code.code);
    add(component, &module);
}

fn element_segments(component: &mut ComponentBuilder, count: u32) {
    let mut segments = ElementSection::new();
    for _ in 0..count {
        let one = Elements::Functions([0][..].into());
        segments.active(Some(0), &ConstExpr::i32_const(0), one);
    }
    with_elements(component, &segments);
}

fn elements(component: &mut ComponentBuilder, count: u32) {
    let mut segments = ElementSection::new();
    let all = vec![0; count as usize];
    segments.passive(Elements::Functions(all[..].into()));
    with_elements(component, &segments);
}

fn element_expressions(component: &mut ComponentBuilder, count: u32) {
    let mut segments = ElementSection::new();
    let all = vec![ConstExpr::ref_null(HeapType::FUNC); count as usize];
    segments.passive(Elements::Expressions(RefType::FUNCREF, all[..].into()));
    with_elements(component, &segments);
}

fn data_segments(component: &mut ComponentBuilder, count: u32) {
    let mut memories = MemorySection::new();
    memories.memory(memory());
    let mut data = DataSection::new();
    for _ in 0..count {
        data.active(0, &ConstExpr::i32_const(0), [1]);
    }
    add(component, Module::new().section(&memories).section(&data));
}

/// One segment of `count` thousand bytes.
fn data(component: &mut ComponentBuilder, count: u32) {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1024,
        ..memory()
    });
    let mut data = DataSection::new();
    let bytes = vec![1; count as usize * 1000];
    data.active(0, &ConstExpr::i32_const(0), bytes);
    add(component, Module::new().section(&memories).section(&data));
}

/// `count` functions with a name each.
fn function_names(component: &mut ComponentBuilder, count: u32) {
    let mut code = Code::new();
    let mut map = NameMap::new();
    for number in 0..count {
        code.function(0, &empty());
        map.append(number, "a-function");
    }
    let mut names = NameSection::new();
    names.functions(&map);
    add(component, code.module().section(&names));
}

fn long_names(component: &mut ComponentBuilder, count: u32) {
    let long = "n".repeat(LONG);
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    for number in 0..count {
        imports.import(&long, &format!("{long}{number}"), EntityType::Function(0));
    }
    add(component, Module::new().section(&types).section(&imports));
}

fn custom_sections(component: &mut ComponentBuilder, count: u32) {
    let mut module = Module::new();
    for _ in 0..count {
        module.section(&CustomSection {
            name: "x".into(),
            data: [][..].into(),
        });
    }
    add(component, &module);
}

/// One section of `count` thousand bytes.
fn custom_bytes(component: &mut ComponentBuilder, count: u32) {
    let data = vec![0; count as usize * 1000];
    add(
        component,
        Module::new().section(&CustomSection {
            name: "x".into(),
            data: data[..].into(),
        }),
    );
}

/// A module with a thousand imports, and `count` instances of it.
fn instances_of_many_imports(component: &mut ComponentBuilder, count: u32) {
    let exporting = add(component, &many_exports(1000));
    let importing = add(component, &many_imports(1000));
    let exports = component.core_instantiate(None, exporting, []);
    for _ in 0..count {
        let argument = ("m", wasm_encoder::ModuleArg::Instance(exports));
        component.core_instantiate(None, importing, [argument]);
    }
}
