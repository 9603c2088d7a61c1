//! The wasmtime engine, configured for many small stores.
//!
//! The pooling allocator is tried first, since it makes a start cheap; where
//! the machine does not give the address space it wants, the on-demand allocator serves.
//!
//! Invariant: a host never holds more processes than the engine has room for.

mod linked;
mod ticker;

pub(crate) use linked::{Engines, Kind, LinkedEngine};
pub(crate) use ticker::{EPOCH_TICK, EpochTicker};

use crate::config::HostConfig;
use wasmtime::component::Component;
use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig,
    ProfilingStrategy,
};

/// Core instances of one component: a std Rust guest has three (itself and two
/// adapters), a composed one many times that. They take no room until they are there.
const CORE_INSTANCES_PER_PROCESS: u32 = 128;

/// Linear memories of one component: one, and more only where components are composed.
const MEMORIES_PER_PROCESS: u32 = 2;

/// Tables of one component: its own and the adapters'.
const TABLES_PER_PROCESS: u32 = 4;

/// Memories and tables that one module may have. Each counts for the process's share.
const PER_MODULE: u32 = 16;

/// Bytes of the host's own data for one instance: a guest with ten thousands of functions.
const INSTANCE_BYTES: usize = 4 << 20;

/// Bytes of a fiber's stack beyond the guest's, for the host's side of its calls: what wasmtime
/// leaves for it.
const HOST_STACK: usize = 1536 << 10;

/// Fiber stacks beyond one a process, for guests that run several calls at once.
const SPARE_STACKS: u32 = 256;

/// Elements of the largest table: indirect functions of a large guest. Eight bytes each,
/// reserved and not touched.
const TABLE_ELEMENTS: usize = 100_000;

/// Bytes of address space of one linear memory without the pool: small enough
/// for machines that bound it, at the price of moving memories that grow past it.
const ON_DEMAND_RESERVATION: u64 = 64 << 20;

/// Memory mappings of one live process, at most.
const MAPPINGS_PER_PROCESS: u32 = 6;

/// Memory mappings kept for everything that is no process.
const SPARE_MAPPINGS: u32 = 4_096;

/// Why no engine could be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The compile cache cannot be used.
    #[error("the compile cache cannot be used: {0}")]
    Cache(String),
    /// wasmtime refused the configuration.
    #[error("the wasm engine cannot start: {0}")]
    Engine(String),
    /// A host runs on a tokio runtime and there is none here.
    #[error("a host must be made inside a tokio runtime")]
    NoRuntime,
}

/// How many processes a host of this configuration holds.
pub(crate) fn max_processes(config: &HostConfig) -> u32 {
    let given = config.max_processes.min(mapping_bound()).max(1);
    if given < config.max_processes {
        tracing::warn!(
            asked = config.max_processes,
            given,
            "vm.max_map_count bounds the number of processes"
        );
    }
    given
}

/// Makes an engine for so many processes, which [`max_processes`] has bounded, with the pool if
/// the machine allows it.
fn engine(config: &HostConfig, kind: Kind) -> Result<Engine, EngineError> {
    let cache = match &config.cache_directory {
        Some(directory) => {
            let mut settings = CacheConfig::new();
            settings.with_directory(directory);
            Some(Cache::new(settings).map_err(|error| EngineError::Cache(format!("{error:#}")))?)
        }
        None => None,
    };
    let mut base = base(cache, kind);
    base.max_wasm_stack(config.stack);
    base.async_stack_size(config.stack.saturating_add(HOST_STACK));
    base.consume_fuel(config.count_fuel);
    if config.profile_guests {
        base.profiler(ProfilingStrategy::PerfMap);
    }
    with_pool(base, pool(config.max_processes))
}

/// An engine with this pool, or without a pool where the machine has no room for it.
fn with_pool(base: Config, pool: PoolingAllocationConfig) -> Result<Engine, EngineError> {
    let mut pooled = base.clone();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&pooled).or_else(|error| {
        tracing::warn!("no pooling allocator here, starts will be slower: {error:#}");
        let mut plain = base;
        plain.memory_reservation(ON_DEMAND_RESERVATION);
        Engine::new(&plain).map_err(|error| EngineError::Engine(format!("{error:#}")))
    })
}

fn base(cache: Option<Cache>, kind: Kind) -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    let concurrent = kind == Kind::Concurrent;
    config.wasm_component_model_async(concurrent);
    config.concurrency_support(concurrent);
    config.epoch_interruption(true);
    config.memory_init_cow(true);
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

/// How many processes this machine's bound on mappings allows. wasmtime aborts
/// when it runs into that bound, so the host stays below it.
fn mapping_bound() -> u32 {
    std::fs::read_to_string("/proc/sys/vm/max_map_count")
        .ok()
        .and_then(|text| text.trim().parse::<u32>().ok())
        .map_or(u32::MAX, |maps| {
            maps.saturating_sub(SPARE_MAPPINGS) / MAPPINGS_PER_PROCESS
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

    #[test]
    fn the_machine_s_bound_on_mappings_bounds_the_processes() {
        let most = max_processes(&HostConfig {
            max_processes: u32::MAX,
            ..Default::default()
        });
        assert!(most <= mapping_bound());
    }
}
