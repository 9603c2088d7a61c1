//! The two engines of a host, each with its linker and its ticker.
//!
//! The component model's async machinery costs time on every host call, even for guests that do not use it: a
//! bare call takes more than twice as long. So components without async functions, streams and futures run in a
//! *plain* engine without it; all others run in the *concurrent* engine. Nothing else differs: channels and
//! processes are the same for both.
//!
//! Invariant: a process, its store and its component belong to the same engine.

use super::{EngineError, EpochTicker, cache, engine};
use crate::config::{HostConfig, Profile};
use crate::extension::Extensions;
use crate::process::ProcessState;
use std::sync::{Arc, OnceLock};
use wasmtime::Cache;
use wasmtime::component::Linker;

/// What an engine can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// Everything.
    Concurrent,
    /// Components without async functions, streams and futures.
    Plain,
}

/// An engine, as part of its linker, and its ticker.
pub(crate) struct LinkedEngine {
    pub(crate) linker: Linker<ProcessState>,
    /// Those that are linked besides the runtime's own.
    pub(crate) extensions: Extensions,
    pub(crate) ticker: Arc<EpochTicker>,
}

impl LinkedEngine {
    fn new(
        config: &HostConfig,
        cache: Option<Cache>,
        kind: EngineKind,
    ) -> Result<Self, EngineError> {
        let engine = engine(config, cache, kind)?;
        let mut linker = Linker::new(&engine);
        let extensions = config.extensions.clone();
        let linked = extensions.link(&mut linker, kind);
        linked.map_err(|(name, error)| EngineError::Extension {
            name,
            reason: format!("{error:#}"),
        })?;
        let ticker =
            EpochTicker::start(&engine).map_err(|error| EngineError::Engine(error.to_string()))?;
        Ok(Self {
            linker,
            extensions,
            ticker: Arc::new(ticker),
        })
    }
}

/// The engines of one host.
pub(crate) struct Engines {
    pub(crate) concurrent: LinkedEngine,
    /// Made for the first component that can use it.
    plain: OnceLock<Option<LinkedEngine>>,
    config: HostConfig,
    /// Opened once for both engines.
    cache: Option<Cache>,
}

impl Engines {
    pub(crate) fn new(config: HostConfig) -> Result<Self, EngineError> {
        let cache = config.cache_directory.as_deref().map(cache::open);
        let cache = cache.transpose()?;
        Ok(Self {
            concurrent: LinkedEngine::new(&config, cache.clone(), EngineKind::Concurrent)?,
            plain: OnceLock::new(),
            config,
            cache,
        })
    }

    /// How many modules were compiled because the cache did not have them; none without a cache.
    pub(crate) fn compiled(&self) -> Option<usize> {
        self.cache.as_ref().map(Cache::cache_misses)
    }

    /// Whether guests are compiled with a bounds check on each memory access.
    pub(crate) fn checks_accesses(&self) -> bool {
        self.config.profile == Profile::Dense
    }

    /// Whether guests are compiled to count instructions.
    pub(crate) fn counts_fuel(&self) -> bool {
        self.config.count_fuel
    }

    /// The plain engine. If it cannot be made, everything runs in the concurrent one.
    pub(crate) fn plain(&self) -> Option<&LinkedEngine> {
        let make = || {
            LinkedEngine::new(&self.config, self.cache.clone(), EngineKind::Plain)
                .inspect_err(|error| tracing::warn!("no plain engine: {error}"))
                .ok()
        };
        self.plain.get_or_init(make).as_ref()
    }
}
