//! What an embedder decides about a host.

use crate::extension::Extensions;
use crate::limits::Limits;
use crate::log::LogLevels;
use crate::name::HostName;
use crate::setters::setters;
use std::path::PathBuf;
use std::time::Duration;

/// Processes a host holds at once unless told otherwise. Each costs up to eight
/// memory mappings, of which Linux gives a program 65,530 by default.
const DEFAULT_PROCESSES: u32 = 4_096;

/// Processes a dense host holds at once.
const DENSE_PROCESSES: u32 = 100_000;

/// Bytes one channel may retain unless told otherwise.
const DEFAULT_CHANNEL_CAPACITY: u64 = 1 << 30;

/// Bytes of entries a process's log retains, about 250 of ordinary length.
const DEFAULT_LOG_CAPACITY: u64 = 64 << 10;

/// Bytes of stack of a guest unless told otherwise: what wasmtime gives, thousands of nested calls.
const DEFAULT_STACK: usize = 512 << 10;

/// The same in a dense host.
const DENSE_STACK: usize = 128 << 10;

/// Time that the children of a process have to stop when it has ended, unless told
/// otherwise: what a user gives a program after Ctrl-C.
const DEFAULT_ORPHAN_GRACE: Duration = Duration::from_secs(5);

/// Bytes of the largest component unless told otherwise: an interpreter with its library takes half of it.
const DEFAULT_COMPONENT_BYTES: u64 = 64 << 20;

/// Time that the compiler has for one component unless told otherwise. The largest take it half a
/// minute on a small machine.
const DEFAULT_COMPILE_TIME: Duration = Duration::from_secs(120);

/// Components compiled at once unless told otherwise. Each uses all processors, so more would gain
/// nothing. There are several so that one that takes for ever does not stop the others.
const DEFAULT_COMPILATIONS: u32 = 8;

/// How the engine of a host lays out its processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// For speed: memory accesses need no checks, memories never move, and what an ended process
    /// leaves is used again for the next.
    #[default]
    Ordinary,
    /// For numbers: little is reserved for a process beyond what it uses. In return memory accesses are
    /// checked, a memory that grows is copied now and then, and starts take up to half as long again.
    Dense,
}

/// Configuration of a [`Host`](crate::Host): [`default`](Self::default) or [`dense`](Self::dense), and what differs from that by
/// methods.
///
/// ```
/// # use weft_host::HostConfig;
/// let config = HostConfig::default().max_processes(64).count_fuel(true);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HostConfig {
    /// The host's name. None gives it one [at random](HostName::random). A name given here must never be that of another host,
    /// nor of one that ran before: ids of processes are unique only together with it.
    pub name: Option<HostName>,
    /// Where compiled components are kept between runs; none compiles anew in every run. The folder is made when it is not there. One
    /// in which others could put code is refused, see [`CacheRisk`](crate::engine::CacheRisk).
    pub cache_directory: Option<PathBuf>,
    /// How processes are laid out.
    pub profile: Profile,
    /// Processes that can live at once; fewer where the machine has no room for so many, see
    /// [`Host::shortage`](crate::Host::shortage). A start beyond it fails with
    /// [`StartError::Exhausted`](crate::process::StartError::Exhausted).
    pub max_processes: u32,
    /// Files and folders that can be open for all guests at once, mounts included. None is what the system allows (`ulimit -n`)
    /// without what the host keeps for itself. A process and its children get half of it at the most, so
    /// that others find some; see [`Limits::open_files`](crate::Limits::open_files) too.
    pub max_open_files: Option<u32>,
    /// Bytes of the largest component. What the compiler needs grows with it, and with the size of a
    /// function more than in proportion.
    pub max_component_bytes: u64,
    /// Time that the compiler has for one component. A load fails then, with
    /// [`LoadError::TooSlow`](crate::component::LoadError::TooSlow); the compiler, which nothing can interrupt, goes
    /// on with it in the background.
    pub compile_time: Duration,
    /// Components that are compiled at once, with those that were given up and go on in the background.
    pub max_compilations: u32,
    /// Bytes of the largest channel a guest may create. Channels that the embedder makes have no
    /// such bound.
    pub max_channel_capacity: u64,
    /// Bytes of entries the log of each process retains.
    pub log_capacity: u64,
    /// The lowest level of guests' entries that is kept, by process and target. An entry below it is dropped before any reader
    /// sees it, and a guest that asks `log.enabled` first, as the SDK does, does not make it. Errors and lines of stdout and
    /// stderr are always kept.
    pub log_levels: LogLevels,
    /// Time that the children of a process have to stop when it has ended, before they are
    /// killed.
    pub orphan_grace: Duration,
    /// Bytes of stack that the calls of a guest may nest to, of every process. One that goes deeper ends
    /// with the limit `stack`. (A compiled program's own stack, for what it cannot keep in locals, is in its memory.)
    pub stack: usize,
    /// Whether guests are compiled to count what they execute, for the limit `fuel`. All guests of the
    /// host are slower then.
    pub count_fuel: bool,
    /// Whether the functions of guests are named in `/tmp/perf-PID.map`, for `perf`.
    pub profile_guests: bool,
    /// A folder for core dumps, which is made when it is not there and opened when the host is made: each process that traps leaves a
    /// file `NAME-ID.coredump` in the [standard format](https://github.com/WebAssembly/tool-conventions/blob/main/Coredump.md), with its
    /// memories, its globals and its stack, in the place of one of that name; no link there is followed. A host writes at most 16, none
    /// of a process with more than 256 MiB of memory and none of a component whose parts call each other; the entry in the log about the
    /// trap says which file it is, or why there is none.
    pub core_dumps: Option<PathBuf>,
    /// Whether the calls of guests are timed, for [`Metrics::hostcalls`](crate::metrics::Metrics::hostcalls). Each takes some 70 nanoseconds
    /// longer then.
    pub time_hostcalls: bool,
    /// The bounds of processes that the embedder starts, where it asks for no others; children only
    /// shrink them.
    pub limits: Limits,
    /// What guests can import besides what the host has itself, and with which rights.
    pub extensions: Extensions,
}

setters! { HostConfig {
    name: impl Into<Option<HostName>>,
    cache_directory: impl Into<Option<PathBuf>>,
    profile: Profile,
    max_processes: u32,
    max_open_files: impl Into<Option<u32>>,
    max_component_bytes: u64,
    compile_time: Duration,
    max_compilations: u32,
    max_channel_capacity: u64,
    log_capacity: u64,
    log_levels: LogLevels,
    orphan_grace: Duration,
    stack: usize,
    count_fuel: bool,
    profile_guests: bool,
    core_dumps: impl Into<Option<PathBuf>>,
    time_hostcalls: bool,
    limits: Limits,
    extensions: Extensions,
} }

impl HostConfig {
    /// The configuration for as many processes as a machine can hold: up to 100,000, laid out
    /// [densely](Profile::Dense) and with a quarter of the usual stack.
    pub fn dense() -> Self {
        Self {
            profile: Profile::Dense,
            max_processes: DENSE_PROCESSES,
            stack: DENSE_STACK,
            ..Self::default()
        }
    }
}

impl Default for HostConfig {
    fn default() -> Self {
        Self {
            name: None,
            cache_directory: None,
            profile: Profile::default(),
            max_processes: DEFAULT_PROCESSES,
            max_open_files: None,
            max_component_bytes: DEFAULT_COMPONENT_BYTES,
            compile_time: DEFAULT_COMPILE_TIME,
            max_compilations: DEFAULT_COMPILATIONS,
            max_channel_capacity: DEFAULT_CHANNEL_CAPACITY,
            log_capacity: DEFAULT_LOG_CAPACITY,
            log_levels: LogLevels::default(),
            orphan_grace: DEFAULT_ORPHAN_GRACE,
            stack: DEFAULT_STACK,
            count_fuel: false,
            profile_guests: false,
            core_dumps: None,
            time_hostcalls: false,
            limits: Limits::default(),
            extensions: Extensions::none(),
        }
    }
}
