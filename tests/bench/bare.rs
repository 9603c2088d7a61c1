//! The baseline of starts: wasmtime alone, with an `InstancePre` and WASI, in the engine that
//! Weft made for the component.
//!
//! The fabric's imports are there and trap.

use wasmtime::component::types::{self, ComponentItem};
use wasmtime::component::{
    Component, ComponentExportIndex, InstancePre, Linker, LinkerInstance, ResourceTable,
    ResourceType, Val,
};
use wasmtime::{Engine, Store, bail};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// A component that can be run.
#[derive(Clone)]
pub struct Bare {
    pre: InstancePre<State>,
    function: ComponentExportIndex,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl Bare {
    /// Links a component.
    pub fn new(component: &Component) -> Self {
        let mut linker = Linker::new(component.engine());
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        let ty = component.component_type();
        for (name, import) in ty.imports(component.engine()) {
            if let (true, ComponentItem::ComponentInstance(ty)) =
                (name.starts_with("weft:"), import.ty)
            {
                trap(&mut linker.instance(name).unwrap(), component.engine(), &ty);
            }
        }
        Self {
            pre: linker.instantiate_pre(component).unwrap(),
            function: component.get_export_index(None, "run").unwrap(),
        }
    }

    /// Runs it in a role and returns the number that it returns.
    pub async fn run(&self, role: &str, count: u64) -> u64 {
        let state = State {
            wasi: WasiCtx::builder().build(),
            table: ResourceTable::new(),
        };
        let mut store = Store::new(self.pre.engine(), state);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let instance = self.pre.instantiate_async(&mut store).await.unwrap();
        let function = instance.get_func(&mut store, self.function).unwrap();
        let arguments = [Val::String(role.into()), Val::U64(count)];
        let mut results = [Val::Bool(false)];
        function
            .call_async(&mut store, &arguments, &mut results)
            .await
            .unwrap();
        match &results {
            [Val::Result(Ok(Some(value)))] => match **value {
                Val::U64(number) => number,
                _ => panic!("{results:?}"),
            },
            _ => panic!("{results:?}"),
        }
    }
}

/// Defines an interface whose functions trap.
fn trap(interface: &mut LinkerInstance<'_, State>, engine: &Engine, ty: &types::ComponentInstance) {
    for (name, export) in ty.exports(engine) {
        match export.ty {
            ComponentItem::ComponentFunc(function) if function.async_() => interface
                .func_new_concurrent(name, |_, _, _, _| Box::pin(async { bail!("not here") }))
                .unwrap(),
            ComponentItem::ComponentFunc(_) => interface
                .func_new(name, |_, _, _, _| bail!("not here"))
                .unwrap(),
            ComponentItem::Resource(_) => interface
                .resource(name, ResourceType::host::<()>(), |_, _| Ok(()))
                .unwrap(),
            _ => {}
        }
    }
}
