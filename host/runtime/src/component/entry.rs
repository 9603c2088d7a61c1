//! Entry points: the exported functions at which a process can start.

use super::linked;
use super::types::type_text;
use semver::Version;
use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, Type};

/// Most parameters of an entry point; people write a handful. A function with more is not an entry point.
const MOST_PARAMETERS: usize = 64;

/// Most entry points of a component. One function can be exported any number of times, and its type is kept for
/// each.
const MOST_ENTRIES: usize = 10_000;

/// Most bytes of text of all their types together, approximately. The rest becomes `...`.
const MOST_TEXT: usize = 4 << 20;

/// The default entry point of a component that is not a command.
pub(super) const DEFAULT: &str = "run";

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

/// No entry point, or more than one, has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct UnknownEntryPoint {
    /// The requested name.
    pub name: String,
    /// The component.
    pub component: String,
    /// The signatures of the component's entry points.
    pub available: Vec<String>,
    /// Whether more than one entry point has the name.
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
        // Versions contain dots too, so the function is the part after the last dot.
        self.name.rsplit('.').next().unwrap_or(&self.name)
    }

    /// Whether it is the `run` of a `wasi:cli/command`.
    pub fn is_command(&self) -> bool {
        self.command_version().is_some()
    }

    /// The version of WASI, if this is a command for a version that the host has. Pre-releases do not count.
    fn command_version(&self) -> Option<Version> {
        let (interface, _) = self.name.rsplit_once('.')?;
        let version = interface.strip_prefix("wasi:cli/run@")?;
        let known = matches!(linked::track(version), Some([0, 2 | 3]));
        let is_run = self.parameters.is_empty() && self.result.as_deref() == Some("result");
        (known && is_run).then(|| Version::parse(version).ok())?
    }

    /// Whether `name` refers to this entry point: the full name, the name without version, or the function
    /// alone.
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

/// Finds the entry point with a name; an empty name means the default. The error says whether several have it.
pub(super) fn find<'a>(entries: &'a [EntryPoint], name: &str) -> Result<&'a EntryPoint, bool> {
    if name.is_empty()
        && let Some(command) = newest_command(entries)
    {
        return Ok(command);
    }
    let name = if name.is_empty() { DEFAULT } else { name };
    if let Some(exact) = entries.iter().find(|entry| entry.name == name) {
        return Ok(exact);
    }
    let mut fitting = entries.iter().filter(|entry| entry.is_called(name));
    match (fitting.next(), fitting.next()) {
        (Some(entry), None) => Ok(entry),
        (None, _) => Err(false),
        // Commands of several WASI versions are the same program.
        (Some(entry), Some(second)) => {
            let commands = [entry, second].into_iter().chain(fitting);
            match commands.clone().all(EntryPoint::is_command) {
                true => newest_command(commands).ok_or(true),
                false => Err(true),
            }
        }
    }
}

fn newest_command<'a>(entries: impl IntoIterator<Item = &'a EntryPoint>) -> Option<&'a EntryPoint> {
    let commands = entries.into_iter().filter(|entry| entry.is_command());
    commands.max_by_key(|entry| entry.command_version())
}

/// Lists the entry points of a component whose types are known.
pub(super) fn list(
    engine: &Engine,
    component: &Component,
    ty: &wasmtime::component::types::Component,
) -> Vec<EntryPoint> {
    let mut entries = Entries::default();
    for (name, export) in ty.exports(engine) {
        let Some(outer) = component.get_export_index(None, name) else {
            continue;
        };
        match export.ty {
            ComponentItem::ComponentFunc(func) => entries.add(|| name.to_owned(), &func, outer),
            ComponentItem::ComponentInstance(instance) => {
                for (function, export) in instance.exports(engine) {
                    if entries.is_full() {
                        break;
                    }
                    if let ComponentItem::ComponentFunc(func) = export.ty
                        && !function.starts_with('[')
                        && let Some(index) = component.get_export_index(Some(&outer), function)
                    {
                        entries.add(|| format!("{name}.{function}"), &func, index);
                    }
                }
            }
            _ => {}
        }
    }
    entries.list
}

/// The entry points found so far.
#[derive(Default)]
struct Entries {
    list: Vec<EntryPoint>,
    /// Bytes of text of their types.
    text: usize,
}

impl Entries {
    fn is_full(&self) -> bool {
        self.list.len() >= MOST_ENTRIES
    }

    fn add(
        &mut self,
        name: impl FnOnce() -> String,
        func: &ComponentFunc,
        index: ComponentExportIndex,
    ) {
        if self.is_full() || func.params().len() > MOST_PARAMETERS {
            return;
        }
        let parameters = func.params().map(|(name, wasm)| Parameter {
            name: name.to_owned(),
            ty: self.type_text(&wasm),
            wasm,
        });
        let parameters = parameters.collect();
        let mut results = func.results();
        let count = results.len();
        let result = results.next().map(|ty| self.type_text(&ty));
        self.list.push(EntryPoint {
            name: name(),
            parameters,
            result,
            is_async: func.async_(),
            results: count,
            index,
        });
    }

    fn type_text(&mut self, ty: &Type) -> String {
        let text = match self.text < MOST_TEXT {
            true => type_text(ty),
            false => "...".to_owned(),
        };
        self.text += text.len();
        text
    }
}
