//! The wasmtime engine, configured for many small stores.
//!
//! The ordinary profile takes slots from a pool, which makes a start cheap; where the machine does
//! not give the address space it wants, and in the dense profile, memories and stacks are mapped
//! for each process.
//!
//! Invariant: a host never holds more processes than the engine and the machine have room for.

mod bounds;
mod cache;
mod linked;
mod ticker;

pub use bounds::Shortage;
pub use cache::CacheRisk;
pub(crate) use linked::{Engines, Kind, LinkedEngine};
pub(crate) use ticker::{EPOCH_TICK, EpochTicker};

use crate::config::{HostConfig, Profile};
use bounds::{Bounds, Cost};
use std::path::PathBuf;
use wasmtime::component::Component;
use wasmtime::{
    Cache, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ProfilingStrategy,
    WasmBacktraceDetails,
};

/// Core instances of one component: a std Rust guest has three (itself and two
/// adapters), a composed one many times that. They take no room until they are there.
const CORE_INSTANCES_PER_PROCESS: u32 = 128;

/// Linear memories of one component: one. Where components are composed each has its own, with
/// mappings of its own.
const MEMORIES_PER_PROCESS: u32 = 1;

/// Tables of one component: its own and the adapters'.
const TABLES_PER_PROCESS: u32 = 4;

/// Memories and tables that one module may have. Each counts for the process's share.
const PER_MODULE: u32 = 16;

/// Bytes of the host's own data for one instance: a guest with ten thousands of functions.
const INSTANCE_BYTES: usize = 4 << 20;

/// Bytes of a fiber's stack beyond the guest's, for the host's side of its calls: what wasmtime
/// leaves for it.
const HOST_STACK: usize = 1536 << 10;

/// The same in the dense profile: as little as leaves the host's calls ample room.
const DENSE_HOST_STACK: usize = 384 << 10;

/// Fiber stacks beyond one a process, for guests that run several calls at once.
const SPARE_STACKS: u32 = 256;

/// Elements of the largest table: indirect functions of a large guest. Eight bytes each,
/// reserved and not touched.
pub(crate) const TABLE_ELEMENTS: usize = 100_000;

/// Bytes of a slot that stay in memory when its process has ended, at most: the pages a small guest
/// has written, which the next process in it then finds instead of faulting them in. A hundred
/// slots that nobody uses are kept so.
const KEPT_RESIDENT: usize = 128 << 10;

/// The same of a table, which is a page.
const KEPT_OF_TABLE: usize = 4 << 10;

/// Bytes of address space that a memory without the pool can grow into before it has to move, which
/// copies it.
const GROWTH: u64 = 4 << 20;

/// Memory mappings of a process with the pool: four of its memory (the guest's stack, the image of
/// its data, its heap, and what is not in use yet) and two of its stack (itself and its guard),
/// which both engines keep for it.
const POOLED_MAPPINGS: u64 = 8;

/// The same without the pool: nothing is kept in the other engine.
const ON_DEMAND_MAPPINGS: u64 = 6;

/// Bytes of address space of a small guest's memory without the pool. A pool that was made has its own.
const MEMORY_ADDRESSES: u64 = GROWTH + (2 << 20);

/// Bytes of memory that a small guest takes as it waits, page tables included.
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
        /// What the system says.
        reason: String,
    },
    /// wasmtime refused the configuration.
    #[error("the wasm engine cannot start: {0}")]
    Engine(String),
    /// A host runs on a tokio runtime and there is none here.
    #[error("a host must be made inside a tokio runtime")]
    NoRuntime,
}

/// How many processes a host of this configuration holds, and why if it is not as many as it asks for.
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

/// Makes an engine for so many processes, which [`max_processes`] has bounded, with the pool if
/// the machine allows it.
fn engine(config: &HostConfig, cache: Option<Cache>, kind: Kind) -> Result<Engine, EngineError> {
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

/// An engine with this pool, or without a pool where the machine has no room for it.
fn with_pool(base: Config, pool: PoolingAllocationConfig) -> Result<Engine, EngineError> {
    let mut pooled = base.clone();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&pooled).or_else(|error| {
        tracing::warn!("no pooling allocator here, starts will be slower: {error:#}");
        on_demand(base)
    })
}

/// An engine that maps memories and stacks for each process. Memories are as large as they need
/// to be: accesses are checked, since no guard catches them, and growth beyond [`GROWTH`] copies.
fn on_demand(mut base: Config) -> Result<Engine, EngineError> {
    base.memory_reservation(0);
    base.memory_guard_size(0);
    base.guard_before_linear_memory(false);
    base.memory_reservation_for_growth(GROWTH);
    Engine::new(&base).map_err(|error| EngineError::Engine(format!("{error:#}")))
}

fn base(cache: Option<Cache>, kind: Kind) -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    let concurrent = kind == Kind::Concurrent;
    config.wasm_component_model_async(concurrent);
    // Beyond what is on by itself, what costs nobody anything; `component/features` names what is off, and why.
    config.wasm_component_model_more_async_builtins(concurrent);
    config.wasm_component_model_map(true);
    config.concurrency_support(concurrent);
    config.epoch_interruption(true);
    config.memory_init_cow(true);
    // Lines of those guests that carry them. Left alone, wasmtime would ask the environment.
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
    // The system must say which pages were written; else all those kept would be cleared, and so touched.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.linear_memory_keep_resident(KEPT_RESIDENT);
        pool.table_keep_resident(KEPT_OF_TABLE);
    }
    pool
}

/// How many ordinary processes' share of the engine one of this component takes.
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
        for kind in [Kind::Concurrent, Kind::Plain] {
            let mut pooled = base(None, kind);
            pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(too_much()));
            assert!(Engine::new(&pooled).is_err());
            assert!(with_pool(base(None, kind), too_much()).is_ok());
        }
    }
}
