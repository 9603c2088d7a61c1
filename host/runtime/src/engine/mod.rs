//! The wasmtime engine, configured for many small stores.
//!
//! The ordinary profile takes slots from a pool, which makes starts cheap. In the dense profile, or if the
//! machine does not have enough address space for the pool, memories and stacks are mapped for each process.
//!
//! Invariant: a host never holds more processes than the engine and the machine have room for.

mod bounds;
mod cache;
mod linked;
mod ticker;

pub use bounds::Shortage;
pub use cache::CacheRisk;
pub use linked::EngineKind;
pub(crate) use linked::{Engines, LinkedEngine};
pub(crate) use ticker::{EPOCH_TICK, EpochTicker};

use crate::config::{HostConfig, Profile};
use bounds::{Bounds, Cost};
use std::path::PathBuf;
use wasmtime::component::Component;
use wasmtime::{
    Cache, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ProfilingStrategy,
    WasmBacktraceDetails,
};

/// Core instances of one component. A std Rust guest has three (itself and two adapters), a composed one many
/// times that. They take no room until they exist.
const CORE_INSTANCES_PER_PROCESS: u32 = 128;

/// Linear memories of one component. In a composed component each part has a memory of its own, with its own
/// mappings.
const MEMORIES_PER_PROCESS: u32 = 1;

/// Tables of one component: the guest's and its adapters'.
const TABLES_PER_PROCESS: u32 = 4;

/// Most memories and tables of one module. Each counts as part of the process's shares.
const PER_MODULE: u32 = 16;

/// Bytes of the host's data for one instance: enough for a guest with tens of thousands of functions.
const INSTANCE_BYTES: usize = 4 << 20;

/// Bytes of a fiber's stack beyond the guest's, for the host's side of its calls: wasmtime's default.
const HOST_STACK: usize = 1536 << 10;

/// The same in the dense profile: as small as the host's calls allow, with ample reserve.
const DENSE_HOST_STACK: usize = 384 << 10;

/// Fiber stacks in addition to one for each process, for guests that run several calls at once.
const SPARE_STACKS: u32 = 256;

/// Elements of the largest table: the indirect functions of a large guest. Eight bytes each, reserved but not
/// touched.
pub(crate) const TABLE_ELEMENTS: usize = 100_000;

/// Most bytes of a slot that stay resident after its process has ended: the pages that a small guest has
/// written. The next process in the slot reuses them without page faults. A hundred unused slots are kept this
/// way.
const KEPT_RESIDENT: usize = 128 << 10;

/// The same for a table: one page.
const KEPT_OF_TABLE: usize = 4 << 10;

/// Bytes of address space into which a memory outside the pool can grow before it must move. Moving copies it.
const GROWTH: u64 = 4 << 20;

/// Memory mappings of a process in the pool, kept for it by both engines: four for its memory (the guest's
/// stack, the image of its data, its heap, and the unused rest) and two for its stack (the stack and its
/// guard).
const POOLED_MAPPINGS: u64 = 8;

/// The same without the pool: the other engine keeps nothing.
const ON_DEMAND_MAPPINGS: u64 = 6;

/// Bytes of address space of a small guest's memory outside the pool. A pool has reserved its address space
/// already.
const MEMORY_ADDRESSES: u64 = GROWTH + (2 << 20);

/// Bytes of memory of a small waiting guest, page tables included.
const RESIDENT: u64 = 64 << 10;

/// Why no engine could be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The compile cache cannot be used.
    #[error("the compile cache cannot be used: {0}")]
    Cache(String),
    /// Somebody else could put code into the compile cache.
    #[error("the compile cache is not used: {0}")]
    UnsafeCache(CacheRisk),
    /// The folder for core dumps cannot be made or opened.
    #[error("cannot use `{}` for core dumps: {reason}", folder.display())]
    CoreDumps {
        /// The folder.
        folder: PathBuf,
        /// The system's message.
        reason: String,
    },
    /// wasmtime refused the configuration.
    #[error("the wasm engine cannot start: {0}")]
    Engine(String),
    /// An extension cannot be linked, or declares what is there already.
    #[error("the extension `{name}` cannot be used: {reason}")]
    Extension {
        /// What it is called.
        name: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The host needs a name made at random, and the system gave no random numbers.
    #[error("no random numbers for the host's name: {0}")]
    NoName(std::io::Error),
    /// A host must be made inside a tokio runtime, and there is none.
    #[error("a host must be made inside a tokio runtime")]
    NoRuntime,
}

/// How many processes a host with this configuration holds, and why if that is fewer than requested.
pub(crate) fn max_processes(config: &HostConfig) -> (u32, Option<Shortage>) {
    let mappings = match config.profile {
        Profile::Ordinary => POOLED_MAPPINGS,
        Profile::Dense => ON_DEMAND_MAPPINGS,
    };
    let cost = Cost {
        mappings,
        addresses: MEMORY_ADDRESSES.saturating_add(stack_size(config) as u64),
        memory: RESIDENT,
    };
    Bounds::read().fit(config.max_processes, cost)
}

/// Bytes of a fiber's stack.
fn stack_size(config: &HostConfig) -> usize {
    config.stack.saturating_add(match config.profile {
        Profile::Ordinary => HOST_STACK,
        Profile::Dense => DENSE_HOST_STACK,
    })
}

/// Makes an engine for a number of processes that [`max_processes`] has bounded. With the pool if the machine
/// allows it.
fn engine(
    config: &HostConfig,
    cache: Option<Cache>,
    kind: EngineKind,
) -> Result<Engine, EngineError> {
    let mut base = base(cache, kind);
    base.max_wasm_stack(config.stack);
    base.async_stack_size(stack_size(config));
    base.consume_fuel(config.count_fuel);
    base.coredump_on_trap(config.core_dumps.is_some());
    if config.profile_guests {
        base.profiler(ProfilingStrategy::PerfMap);
    }
    match config.profile {
        Profile::Ordinary => with_pool(base, pool(config.max_processes)),
        Profile::Dense => on_demand(base),
    }
}

/// An engine with this pool; without a pool if the machine has no room for it.
fn with_pool(base: Config, pool: PoolingAllocationConfig) -> Result<Engine, EngineError> {
    let mut pooled = base.clone();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&pooled).or_else(|error| {
        tracing::warn!("no pooling allocator here, starts will be slower: {error:#}");
        on_demand(base)
    })
}

/// An engine that maps memories and stacks for each process. A memory is only as large as needed: no guard
/// catches accesses beyond it, so they are checked, and growth beyond [`GROWTH`] copies.
fn on_demand(mut base: Config) -> Result<Engine, EngineError> {
    base.memory_reservation(0);
    base.memory_guard_size(0);
    base.guard_before_linear_memory(false);
    base.memory_reservation_for_growth(GROWTH);
    Engine::new(&base).map_err(|error| EngineError::Engine(format!("{error:#}")))
}

fn base(cache: Option<Cache>, kind: EngineKind) -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    let concurrent = kind == EngineKind::Concurrent;
    config.wasm_component_model_async(concurrent);
    // Features in addition to the defaults that cost nothing. `component/features` lists what is off, and why.
    config.wasm_component_model_more_async_builtins(concurrent);
    config.wasm_component_model_map(true);
    config.concurrency_support(concurrent);
    config.epoch_interruption(true);
    config.memory_init_cow(true);
    // Source lines in backtraces, for guests with debug information. By default wasmtime decides by an
    // environment variable.
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config.cache(cache);
    config
}

fn pool(processes: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(processes.saturating_mul(2));
    pool.total_core_instances(processes.saturating_mul(CORE_INSTANCES_PER_PROCESS));
    pool.max_core_instances_per_component(CORE_INSTANCES_PER_PROCESS);
    pool.max_memories_per_module(PER_MODULE);
    pool.max_tables_per_module(PER_MODULE);
    pool.max_core_instance_size(INSTANCE_BYTES);
    pool.max_component_instance_size(INSTANCE_BYTES);
    pool.total_memories(processes.saturating_mul(MEMORIES_PER_PROCESS));
    pool.total_tables(processes.saturating_mul(TABLES_PER_PROCESS));
    pool.total_stacks(processes.saturating_add(SPARE_STACKS));
    pool.table_elements(TABLE_ELEMENTS);
    // Only if the system can report which pages were written. Otherwise all kept pages would be cleared, and so
    // touched.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.linear_memory_keep_resident(KEPT_RESIDENT);
        pool.table_keep_resident(KEPT_OF_TABLE);
    }
    pool
}

/// How many shares of the engine a process of this component takes; an ordinary one takes one.
pub(crate) fn shares(component: &Component) -> u32 {
    component.resources_required().map_or(1, |needed| {
        let memories = needed.num_memories.div_ceil(MEMORIES_PER_PROCESS);
        let tables = needed.num_tables.div_ceil(TABLES_PER_PROCESS);
        memories.max(tables).max(1)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_machine_without_room_for_the_pool_gets_the_other_allocator() {
        // No machine has the address space for this many memories of 4 GiB.
        let too_much = || pool(u32::MAX / 8);
        for kind in [EngineKind::Concurrent, EngineKind::Plain] {
            let mut pooled = base(None, kind);
            pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(too_much()));
            assert!(Engine::new(&pooled).is_err());
            assert!(with_pool(base(None, kind), too_much()).is_ok());
        }
    }
}
