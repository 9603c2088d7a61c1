//! Starting a process: every check, in order, before any guest code runs.
//!
//! The order: the component, its entry point, the arguments one by one, the
//! capabilities, the limits, room in the host, the mounts. (Imports were checked when
//! the component was loaded.) Bounds on a list come before the work on what is in it.
//!
//! Checking and running are two steps, so that an embedder can check many
//! starts before the first of them runs.
//!
//! Invariant: a start that fails leaves nothing behind.

use super::argument::{ArgumentError, Arguments};
use super::driver::{self, Guard, Launch};
use super::family::{Bond, Family};
use super::handle::{Process, Record, Shared};
use super::handles::Handles;
use super::observers::Observers;
use super::state::ProcessState;
use super::stdio::Stdio;
use super::surroundings::{SurroundingsError, check_surroundings};
use super::table::NoSeat;
use super::work::Called;
use crate::account::{Account, Charge, Exhausted, Good};
use crate::capability::{Capabilities, CapabilityError};
use crate::component::{LoadedComponent, UnknownEntryPoint};
use crate::files::{Beneath, Calls, FamilyShare, Files, MountError, NoDescriptor, NoMount};
use crate::host::HostInner;
use crate::kept;
use crate::limits::{
    CAPABILITIES, CAPABILITY_BYTES, CpuTime, Growth, LimitError, LimitRequest, Limits, MOUNTS,
    NAME_BYTES,
};
use crate::log::{LineStream, ProcessLog, Severity};
use crate::metrics::Phase;
use crate::wasi::{self, Surroundings};
use std::sync::Arc;
use tokio::runtime::Handle;
use wasmtime::Store;

/// What is started, and with which rights. A clone shares the handles among its arguments; see
/// [`Argument`](super::Argument).
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// The component's name in the component store.
    pub component: String,
    /// A friendly name; need not be unique.
    pub name: String,
    /// The entry point, empty for the component's own; see [`LoadedComponent::entry_point`](crate::LoadedComponent::entry_point).
    pub entry_point: String,
    /// Its arguments.
    pub arguments: Arguments,
    /// Everything the process may do.
    pub capabilities: Capabilities,
    /// Its limits.
    pub limits: LimitRequest,
    /// Its standard streams.
    pub stdio: Stdio,
    /// How its life is tied to that of the process that starts it. Of no meaning for those
    /// that the embedder starts.
    pub bond: Bond,
    /// Its command line as a WASI command sees it, the program's name first.
    pub command_line: Vec<String>,
}

/// Why no process was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No component of this name is loaded.
    #[error("there is no component `{name}`; loaded are: {}", available.join(", "))]
    UnknownComponent {
        /// The name.
        name: String,
        /// The names there are.
        available: Vec<String>,
    },
    /// The component has no such entry point.
    #[error(transparent)]
    UnknownEntryPoint(#[from] UnknownEntryPoint),
    /// An argument does not fit.
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    /// A capability is beyond the parent's.
    #[error(transparent)]
    Capability(#[from] CapabilityError),
    /// A limit is beyond the parent's.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The name is too long.
    #[error("the name of a process has at most {NAME_BYTES} bytes, {given} given")]
    Name {
        /// Bytes given.
        given: usize,
    },
    /// The program would see a text as another one.
    #[error(transparent)]
    Surroundings(#[from] SurroundingsError),
    /// There is more to the capabilities than a process may keep.
    #[error("{what} of one process: {given} given, {most} is the most")]
    TooManyCapabilities {
        /// What there is too much of.
        what: &'static str,
        /// How much was given.
        given: usize,
        /// How much there may be.
        most: usize,
    },
    /// A limit on fuel in a host that counts none.
    #[error(
        "limit `fuel`: this host does not count fuel; an embedder sets `HostConfig::count_fuel`, \
             `weft` counts when a limit `fuel` is given to what it starts"
    )]
    FuelNotCounted,
    /// Its parent, or itself with its mounts, would hold more than it may.
    #[error("{0}")]
    Parent(String),
    /// A folder cannot be mounted.
    #[error(transparent)]
    Mount(#[from] MountError),
    /// The host has no descriptors left for its mounts; see
    /// [`HostConfig::max_open_files`](crate::HostConfig::max_open_files).
    #[error("{0}")]
    Descriptors(String),
    /// There is no room.
    #[error(
        "no room for another process: this host holds {most}, and those with many memories count for several"
    )]
    Exhausted {
        /// How many may live at once.
        most: u32,
    },
    /// The host is shutting down.
    #[error("the host is shutting down")]
    ShuttingDown,
    /// The store could not be made.
    #[error("the process could not be laid out: {0}")]
    Store(String),
}

impl From<Exhausted> for StartError {
    fn from(error: Exhausted) -> Self {
        StartError::Parent(error.to_string())
    }
}

impl From<NoMount> for StartError {
    fn from(error: NoMount) -> Self {
        match error {
            NoMount::Folder(error) => error.into(),
            NoMount::Denied(error) => error.into(),
            NoMount::Descriptor(NoDescriptor::Limit(error)) => error.into(),
            NoMount::Descriptor(error) => StartError::Descriptors(error.to_string()),
        }
    }
}

/// The rights and limits a start is measured against.
pub(crate) struct Granter<'a> {
    /// None for the embedder, who may grant anything.
    pub(crate) capabilities: Option<&'a Capabilities>,
    pub(crate) limits: &'a Limits,
    /// None for the embedder: what it starts counts against nobody else.
    pub(crate) account: Option<&'a Arc<Account>>,
    /// None for the embedder.
    pub(crate) parent: Option<&'a Arc<Shared>>,
    /// None for the embedder.
    pub(crate) files: Option<FilesOfParent<'a>>,
}

/// What a child has of its parent's files.
pub(crate) struct FilesOfParent<'a> {
    pub(crate) family: &'a Arc<FamilyShare>,
    /// The folder behind each of its mounts.
    pub(crate) folders: Vec<Beneath>,
}

/// A process that has passed every check and has not run yet. Dropping it
/// releases its arguments and its place in the host.
pub struct Prepared {
    launch: Launch,
    process: Process,
    runtime: Handle,
    observers: Arc<Observers>,
    /// For its starter's side of a link.
    link: Option<Charge>,
}

impl Prepared {
    /// The process, so that its log can be followed from the first entry on.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Runs it.
    pub fn launch(self) -> Process {
        let Self {
            launch,
            process,
            runtime,
            observers,
            link,
        } = self;
        process.shared.gauges.runs();
        process.shared.metrics.started();
        process.shared.enter_family(link);
        launch.seat.seat(process.clone());
        // Now that it is in the table: who registers first and lists the live ones then misses none.
        observers.started(&process);
        process.shared.changes.note();
        runtime.spawn(driver::drive(launch, Phase::begin("instantiate")));
        process
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Prepared").field(&self.process).finish()
    }
}

/// Finds the component of a start in the store.
pub(crate) fn component(
    host: &HostInner,
    options: &StartOptions,
) -> Result<Arc<LoadedComponent>, StartError> {
    let found = host.components.get(&options.component);
    let found = found.ok_or_else(|| StartError::UnknownComponent {
        name: options.component.clone(),
        available: host.components.names(),
    });
    found.inspect_err(|error| host.metrics.refused(error))
}

/// Checks that a process can keep these capabilities.
fn bounded(capabilities: &Capabilities) -> Result<(), StartError> {
    let bounds = [
        ("capabilities", capabilities.entries(), CAPABILITIES),
        ("mounted folders", capabilities.mounts.len(), MOUNTS),
        (
            "bytes of the capabilities",
            capabilities.text_bytes(),
            CAPABILITY_BYTES,
        ),
    ];
    match bounds.into_iter().find(|(_, given, most)| given > most) {
        Some((what, given, most)) => Err(StartError::TooManyCapabilities { what, given, most }),
        None => Ok(()),
    }
}

/// Makes every check of a start and lays the process out.
pub(crate) fn prepare(
    host: &Arc<HostInner>,
    granter: &Granter<'_>,
    options: StartOptions,
) -> Result<Prepared, StartError> {
    let component = component(host, &options)?;
    prepare_of(host, granter, &component, options)
}

/// As `prepare`, of a component that has been found.
pub(crate) fn prepare_of(
    host: &Arc<HostInner>,
    granter: &Granter<'_>,
    component: &LoadedComponent,
    options: StartOptions,
) -> Result<Prepared, StartError> {
    let prepared = lay_out(host, granter, component, options);
    prepared.inspect_err(|error| host.metrics.refused(error))
}

fn lay_out(
    host: &Arc<HostInner>,
    granter: &Granter<'_>,
    component: &LoadedComponent,
    mut options: StartOptions,
) -> Result<Prepared, StartError> {
    let check = Phase::begin("check");
    let name = options.name.len();
    if name > NAME_BYTES {
        return Err(StartError::Name { given: name });
    }
    let called = Called::find(component, &mut options)?;
    bounded(&options.capabilities)?;
    if let Some(own) = granter.capabilities {
        own.check_subset(&options.capabilities)?;
    }
    let limits = match granter.parent {
        Some(_) => granter.limits.for_children()?.narrow(&options.limits)?,
        None => granter.limits.with(&options.limits),
    };
    if limits.fuel.is_some() && !host.config.count_fuel {
        return Err(StartError::FuelNotCounted);
    }
    let child = match granter.account {
        Some(account) => Some(account.charge(Good::Children, 1)?),
        None => None,
    };
    let link = match (options.bond, granter.account) {
        (Bond::Linked, Some(account)) => Some(account.charge(Good::Watches, 1)?),
        _ => None,
    };
    let seat = host
        .table
        .take(component.shares, host.max_processes)
        .map_err(|error| match error {
            NoSeat::Full => StartError::Exhausted {
                most: host.max_processes,
            },
            NoSeat::Closed => StartError::ShuttingDown,
        })?;

    let (check, lay_out) = (check.end(), Phase::begin("lay-out"));
    let laid_out = |error: &dyn std::fmt::Display| StartError::Store(error.to_string());
    let account = Account::new(
        &limits,
        granter.account.cloned(),
        host.census.accounts.one(),
    );
    let arguments = account.charge(Good::HostBytes, called.host_bytes())?;
    let text = options.name.len() + options.capabilities.text_bytes();
    let record = kept::RECORD + host.config.log_capacity + text as u64;
    let kept = account.charge(Good::HostBytes, record)?;
    let log = ProcessLog::new(
        &options.name,
        seat.id,
        host.config.log_capacity,
        limits.log_rate,
    )
    .map_err(|error| laid_out(&error))?;
    let log = Arc::new(log);
    let stdout = LineStream::stdout(log.clone(), options.stdio.stdout);
    let stderr = LineStream::stderr(log.clone(), options.stdio.stderr);
    let wasi = wasi::context(
        &options.capabilities,
        Surroundings {
            arguments: &options.command_line,
            stdin: options.stdio.stdin,
            stdout: stdout.clone(),
            stderr: stderr.clone(),
            log: log.clone(),
        },
    );
    let levels = host.config.log_levels.of_process(&options.name);
    let family = Family::new(granter.parent, options.bond, host.config.orphan_grace);
    let record = Record {
        kept,
        counted: host.census.records.one(),
        changes: host.changes.clone(),
    };
    let shared = Shared::new(
        seat.id,
        options.name,
        options.component,
        log.clone(),
        family,
        host.metrics.clone(),
        record,
    );
    let shared = Arc::new(shared);
    let table = Handles::new(limits.handles as usize, &account, &shared)?;
    shared.gauges.account_is(Arc::downgrade(&account));
    let files = open_files(host, granter, &options.capabilities, |family| {
        Calls::new(host.runtime.clone(), &account, &shared, family, &limits)
    })?;
    // After what its starter has not: a denial is told first.
    check_surroundings(&options.capabilities, &options.command_line)?;
    let cpu_time = CpuTime::new(&account, &shared);
    let state = ProcessState {
        shared: shared.clone(),
        host: Arc::downgrade(host),
        capabilities: options.capabilities,
        growth: Growth::new(&limits, &account),
        account,
        limits,
        log,
        // A panic is told apart by its entry.
        log_levels: levels.with_at_least(Severity::Error),
        table,
        places: Arc::default(),
        wasi,
        files,
        _counted: host.census.stores.one(),
    };
    let mut store = Store::new(component.pre.engine(), state);
    store.limiter(|state| &mut state.growth);
    store.set_hostcall_fuel(usize::try_from(limits.hostcall_bytes).unwrap_or(usize::MAX));
    if host.config.count_fuel {
        let fuel = limits.fuel.unwrap_or(u64::MAX);
        store.set_fuel(fuel).map_err(|error| laid_out(&error))?;
    }
    // Handles of the component model that the table does not see, such as those of
    // a guest's own resources. Twice as many, since those in the table count here
    // too and their bound, which is a typed error, must be reached first.
    store.set_max_component_handles((limits.handles as usize).saturating_mul(2));
    store.set_epoch_deadline(1);
    let ticks = cpu_time.clone();
    store.epoch_deadline_callback(move |_| Ok(ticks.tick()));
    let work = called
        .lower(&mut store, &limits)
        .map_err(|error| laid_out(&format!("{error:#}")))?;

    for phase in [check, lay_out.end()] {
        shared.gauges.phase(phase);
        host.metrics.start_phases.record(phase);
    }
    let process = Process { shared };
    let launch = Launch {
        store,
        pre: component.pre.clone(),
        work,
        cpu_time,
        wall_time: limits.wall_time,
        streams: [stdout, stderr],
        seat,
        child,
        arguments,
        core_dumps: host.core_dumps.clone(),
        ticker: component.ticker.clone(),
        guard: Guard(process.shared.clone()),
    };
    Ok(Prepared {
        launch,
        process,
        runtime: host.runtime.clone(),
        observers: host.observers.clone(),
        link,
    })
}

/// Opens what a process sees of the file system.
fn open_files(
    host: &HostInner,
    granter: &Granter<'_>,
    capabilities: &Capabilities,
    calls: impl FnOnce(Arc<FamilyShare>) -> Arc<Calls>,
) -> Result<Files, StartError> {
    let of_parent = granter.files.as_ref();
    let family = of_parent.map(|files| files.family.clone());
    let calls = calls(family.unwrap_or_else(|| FamilyShare::new(&host.files)));
    let folders = of_parent.map(|files| files.folders.as_slice());
    Ok(Files::open(calls, &capabilities.mounts, folders)?)
}
