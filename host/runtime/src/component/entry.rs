//! Entry points: the exported functions a process can be started at.

use super::types::type_text;
use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, Type};

/// One parameter of an entry point.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name in the WIT.
    pub name: String,
    /// Its type, in WIT.
    pub ty: String,
    pub(crate) wasm: Type,
}

/// An exported function of a component.
#[derive(Clone, Debug)]
pub struct EntryPoint {
    /// `run`, or `package:name/interface@version.function` inside an exported interface.
    pub name: String,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Its result's type in WIT, if it has a result.
    pub result: Option<String>,
    /// Whether it is an `async func`.
    pub is_async: bool,
    pub(crate) results: usize,
    pub(crate) index: ComponentExportIndex,
}

/// No entry point, or more than one, goes by this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct UnknownEntryPoint {
    /// The name that was asked for.
    pub name: String,
    /// The component it was asked of.
    pub component: String,
    /// The signatures of the component's entry points.
    pub available: Vec<String>,
    /// Whether the name fits more than one of them.
    pub ambiguous: bool,
}

impl UnknownEntryPoint {
    fn text(&self) -> String {
        let Self {
            name,
            component,
            available,
            ambiguous,
        } = self;
        let list = available.join("\n  ");
        if available.is_empty() {
            format!("component `{component}` exports no function")
        } else if *ambiguous {
            format!("entry point `{name}` of `{component}` is ambiguous; it exports:\n  {list}")
        } else {
            format!("component `{component}` has no entry point `{name}`; it exports:\n  {list}")
        }
    }
}

impl EntryPoint {
    /// The signature, as in WIT: `run: async func(input: reader) -> result<u64, string>`.
    pub fn signature(&self) -> String {
        let parameters: Vec<_> = self
            .parameters
            .iter()
            .map(|p| format!("{}: {}", p.name, p.ty))
            .collect();
        let prefix = if self.is_async { "async func" } else { "func" };
        let result = self
            .result
            .as_ref()
            .map_or(String::new(), |ty| format!(" -> {ty}"));
        format!("{}: {prefix}({}){result}", self.name, parameters.join(", "))
    }

    /// The function's own name, without interface and package.
    pub fn function(&self) -> &str {
        // Versions have dots too, so the function is what follows the last one.
        self.name.rsplit('.').next().unwrap_or(&self.name)
    }

    /// Whether it is the `run` of a `wasi:cli/command`.
    pub fn is_command(&self) -> bool {
        self.name.starts_with("wasi:cli/run@")
    }

    /// Whether `name` means this entry point: in full, without the version, or the function alone.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        if self.name == name || self.function() == name {
            return true;
        }
        let Some((interface, _)) = self.name.split_once('@') else {
            return false;
        };
        name.strip_prefix(interface)
            .and_then(|rest| rest.strip_prefix('.'))
            == Some(self.function())
    }
}

/// Lists the entry points of a component whose types are known.
pub(super) fn list(
    engine: &Engine,
    component: &Component,
    ty: &wasmtime::component::types::Component,
) -> Vec<EntryPoint> {
    let mut entries = Vec::new();
    for (name, export) in ty.exports(engine) {
        let Some(outer) = component.get_export_index(None, name) else {
            continue;
        };
        match export.ty {
            ComponentItem::ComponentFunc(func) => {
                entries.push(entry(name.to_owned(), &func, outer))
            }
            ComponentItem::ComponentInstance(instance) => {
                for (function, export) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(func) = export.ty
                        && !function.starts_with('[')
                        && let Some(index) = component.get_export_index(Some(&outer), function)
                    {
                        entries.push(entry(format!("{name}.{function}"), &func, index));
                    }
                }
            }
            _ => {}
        }
    }
    entries
}

fn entry(name: String, func: &ComponentFunc, index: ComponentExportIndex) -> EntryPoint {
    let results: Vec<Type> = func.results().collect();
    EntryPoint {
        name,
        parameters: func
            .params()
            .map(|(name, wasm)| Parameter {
                name: name.to_owned(),
                ty: type_text(&wasm),
                wasm,
            })
            .collect(),
        result: results.first().map(type_text),
        is_async: func.async_(),
        results: results.len(),
        index,
    }
}
