//! Loading: turns bytes into a checked and compiled component.
//!
//! The phases are read, verify, compile and link. Each has its own errors and its own span, so that a slow or
//! failed load shows where.
//!
//! Invariant: a [`LoadedComponent`] can be instantiated without further checks.

use super::budget;
use super::compiler;
use super::earlier;
use super::entry::{self, EntryPoint, UnknownEntryPoint};
use super::error::LoadError;
use super::features;
use super::info::{self, ComponentInfo, ImportInfo};
use super::linked;
use super::transform::{self, TransformFunctions};
use super::weight::{self, Instrumented};
use crate::engine::{self, Engines, EpochTicker, LinkedEngine};
use crate::metrics::{Phase, PhaseTime};
use crate::process::ProcessState;
use std::borrow::Cow;
use std::sync::Arc;
use wasmtime::component::{Component, InstancePre, types};

/// The first four bytes of every wasm file.
const WASM_MAGIC: &[u8] = b"\0asm";
/// Bytes of a page of memory. Pages of other sizes are a feature that is off.
const PAGE: u64 = 64 << 10;
/// The next four bytes of a core module.
const MODULE_LAYER: &[u8] = &[1, 0, 0, 0];

/// A component that is ready to be started.
#[derive(Clone)]
pub struct LoadedComponent {
    name: String,
    info: ComponentInfo,
    /// Shares of the engine that one of its processes takes.
    pub(crate) shares: u32,
    pub(crate) pre: InstancePre<ProcessState>,
    pub(super) phases: Vec<PhaseTime>,
    from_cache: bool,
    /// The ticker of its engine.
    pub(crate) ticker: Arc<EpochTicker>,
}

/// What a process of a component begins with at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Least {
    /// Bytes of memory.
    pub memory: u64,
    /// Elements of tables.
    pub table_elements: u64,
}

impl std::fmt::Debug for LoadedComponent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadedComponent")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl LoadedComponent {
    /// The name it was loaded under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it exports and imports, and the capabilities it may need.
    pub fn info(&self) -> &ComponentInfo {
        &self.info
    }

    /// The phases of its load: `read` if it came from a file, `verify`, `compile` and `link`.
    pub fn load_phases(&self) -> &[PhaseTime] {
        &self.phases
    }

    /// Whether all its code came from the cache, so that nothing was compiled. If components are loaded at the same time, this may be
    /// false for one that was not compiled.
    pub fn is_from_cache(&self) -> bool {
        self.from_cache
    }

    /// What a process of it begins with at least. Less than it declares where it has several memories or tables: only
    /// the largest is known before it is instantiated.
    pub fn least(&self) -> Least {
        let needed = self.pre.component().resources_required();
        let pages = needed.as_ref().and_then(|it| it.max_initial_memory_size);
        let elements = needed.and_then(|it| it.max_initial_table_size);
        Least {
            memory: pages.unwrap_or(0).saturating_mul(PAGE),
            table_elements: elements.unwrap_or(0),
        }
    }

    /// The compiled component, for the baselines of the benchmarks. A store that a caller makes from it takes
    /// room in the engine that the host does not count.
    #[doc(hidden)]
    pub fn compiled(&self) -> &Component {
        self.pre.component()
    }

    /// The transform that it exports, if any.
    pub(crate) fn transform(&self) -> Option<TransformFunctions> {
        self.info.transform
    }

    /// Finds an entry point by its full name, its name without version, or its function alone. An empty name means the
    /// default: the command of the newest version that it exports, or else its function `run`.
    ///
    /// # Errors
    /// [`UnknownEntryPoint`] lists the entry points.
    pub fn entry_point(&self, name: &str) -> Result<&EntryPoint, UnknownEntryPoint> {
        let entries = &self.info.entry_points;
        entry::find(entries, name).map_err(|ambiguous| UnknownEntryPoint {
            name: match name {
                "" => entry::DEFAULT.to_owned(),
                name => name.to_owned(),
            },
            component: self.name.clone(),
            available: self.info.signatures().collect(),
            ambiguous,
        })
    }
}

/// Verifies, compiles and links. Blocks for as long as the compiler takes.
pub(crate) fn load(
    engines: &Engines,
    name: &str,
    bytes: &[u8],
) -> Result<LoadedComponent, LoadError> {
    let phase = Phase::begin("verify");
    let bytes = &*current(name, bytes)?;
    let threads = verify(name, bytes, instrumented(engines))?.threads;
    let verify = phase.end();
    let within = |engine: &LinkedEngine| {
        let before = engines.compiled();
        let phase = Phase::begin("compile");
        let (component, imports) = compile(engine, name, bytes, threads)?;
        let compile = phase.end();
        let phase = Phase::begin("link");
        let mut loaded = link(engine, name, &component, imports)?;
        loaded.from_cache = before.is_some() && before == engines.compiled();
        loaded.phases = vec![verify, compile, phase.end()];
        Ok(loaded)
    };
    match engines.plain() {
        Some(plain) if !features::uses_concurrency(bytes) => within(plain),
        _ => within(&engines.concurrent),
    }
}

/// Describes a component, even one that this host cannot run.
pub(super) fn inspect(
    engines: &Engines,
    name: &str,
    bytes: &[u8],
) -> Result<ComponentInfo, LoadError> {
    let bytes = &*current(name, bytes)?;
    let threads = verify(name, bytes, instrumented(engines))?.threads;
    let engine = &engines.concurrent;
    let (component, mut imports) = compile(engine, name, bytes, threads)?;
    Ok(match link(engine, name, &component, imports.clone()) {
        Ok(loaded) => loaded.info,
        Err(error) => {
            linked::unknown(engine, &mut imports);
            linked::other_shapes(engine, &component, &mut imports);
            ComponentInfo {
                refusal: Some(error.to_string()),
                ..describe(engine, &component, &component.component_type(), imports)
            }
        }
    })
}

fn link(
    engine: &LinkedEngine,
    name: &str,
    component: &Component,
    mut imports: Vec<ImportInfo>,
) -> Result<LoadedComponent, LoadError> {
    let _link = tracing::debug_span!("link", component = name).entered();
    let linker = &engine.linker;
    let name = name.to_owned();
    let unknown = linked::unknown(engine, &mut imports);
    if !unknown.is_empty() {
        return Err(LoadError::UnknownImports {
            name,
            imports: unknown,
            added: linked::added(&engine.extensions),
        });
    }
    let mismatch = |error: wasmtime::Error| LoadError::Mismatch {
        name: name.clone(),
        reason: chain(&error),
    };
    let pre = linker.instantiate_pre(component).map_err(mismatch)?;
    // Only the linker knows that the component's `reader` is the host's type.
    let ty = linker
        .substituted_component_type(component)
        .map_err(mismatch)?;
    let info = describe(engine, component, &ty, imports);
    let shares = engine::shares(component);
    Ok(LoadedComponent {
        name,
        info,
        shares,
        pre,
        phases: Vec::new(),
        from_cache: false,
        ticker: engine.ticker.clone(),
    })
}

fn compile(
    engine: &LinkedEngine,
    name: &str,
    bytes: &[u8],
    threads: usize,
) -> Result<(Component, Vec<ImportInfo>), LoadError> {
    let engine = engine.linker.engine();
    let component = tracing::debug_span!("compile", component = name, bytes = bytes.len())
        .in_scope(|| compiler::on_threads(threads, || Component::from_binary(engine, bytes)))
        .map_err(|error| refused(name, bytes, &error))?;
    let imports = info::imports(engine, &component.component_type());
    Ok((component, imports))
}

/// Why wasmtime refused these bytes.
fn refused(name: &str, bytes: &[u8], error: &wasmtime::Error) -> LoadError {
    let (name, features) = (name.to_owned(), features::missing(bytes));
    match features.is_empty() {
        true => LoadError::Invalid {
            name,
            reason: chain(error),
        },
        false => LoadError::Off { name, features },
    }
}

fn describe(
    engine: &LinkedEngine,
    component: &Component,
    ty: &types::Component,
    imports: Vec<ImportInfo>,
) -> ComponentInfo {
    let entry_points = entry::list(engine.linker.engine(), component, ty);
    ComponentInfo {
        transform: transform::find(&entry_points),
        entry_points,
        capabilities: info::capabilities(&engine.extensions, &imports),
        imports,
        refusal: None,
    }
}

/// Checks that a component is small enough to be read at all, by any consumer, and returns its weight.
pub(super) fn within_budget(name: &str, bytes: &[u8]) -> Result<budget::Sum, LoadError> {
    budget::check(bytes).map_err(|over| LoadError::over_budget(name, over))
}

/// The component for the current version of the contract. One for an earlier version must be within the budget before it is
/// rewritten; `verify` checks all others.
fn current<'a>(name: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, LoadError> {
    match earlier::is_named(bytes) {
        true => within_budget(name, bytes).map(|_| earlier::as_current(bytes)),
        false => Ok(Cow::Borrowed(bytes)),
    }
}

fn instrumented(engines: &Engines) -> Instrumented {
    Instrumented {
        checks_accesses: engines.checks_accesses(),
        counts_fuel: engines.counts_fuel(),
    }
}

/// Checks that a component can be compiled, and returns what that takes.
pub(super) fn verify(
    name: &str,
    bytes: &[u8],
    engine: Instrumented,
) -> Result<weight::Plan, LoadError> {
    let _verify = tracing::debug_span!("verify", component = name).entered();
    if !bytes.starts_with(WASM_MAGIC) {
        let start: Vec<u8> = bytes.iter().copied().take(4).collect();
        let start = if start.is_empty() {
            "nothing".to_owned()
        } else {
            format!("`{}`", start.escape_ascii())
        };
        return Err(LoadError::NotWasm {
            name: name.to_owned(),
            start,
        });
    }
    if bytes.get(4..8) == Some(MODULE_LAYER) {
        return Err(LoadError::CoreModule {
            name: name.to_owned(),
        });
    }
    let sum = within_budget(name, bytes)?;
    weight::check(bytes, sum, compiler::processors(), engine)
        .map_err(|refused| LoadError::refused(name, refused))
}

/// The whole chain of an error on one line.
fn chain(error: &wasmtime::Error) -> String {
    format!("{error:#}")
}
