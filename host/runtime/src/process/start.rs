//! Starting a process: every check, in order, before any guest code runs.
//!
//! The order: the component, its entry point, the arguments one by one, the capabilities, the limits, room in
//! the host, the mounts. (Imports were checked when the component was loaded.) The length of a list is checked
//! before its items.
//!
//! Checking and running are two steps, so that an embedder can check many
//! starts before the first of them runs.
//!
//! Invariant: a start that fails leaves nothing behind.

use super::check::{Checked, Places, check, image};
use super::driver::{Guard, Launch};
use super::family::Family;
use super::handle::{Process, ProcessShared, Record};
use super::handles::Handles;
use super::native;
use super::options::StartOptions;
use super::prepared::{Image, Launched, Prepared};
use super::refusal::StartError;
use super::state::ProcessState;
use super::surroundings::check_surroundings;
use crate::account::{Account, Good};
use crate::capability::Capabilities;
use crate::channel::CommittedReaders;
use crate::component::LoadedComponent;
use crate::extension::{NewProcess, Slots};
use crate::host::HostInner;
use crate::interface::filesystem::{Beneath, Calls, FamilyShare, Files, Folders, KeptFolders};
use crate::kept;
use crate::limits::{CpuTime, Growth, Limits};
use crate::log::{LineStream, ProcessLog, Severity};
use crate::metrics::Phase;
use crate::wasi::{self, Surroundings};
use std::sync::Arc;
use wasmtime::Store;
use wasmtime_wasi::WasiCtxBuilder;

/// The rights and limits of the starter, against which a start is checked.
pub(crate) struct Granter<'a> {
    /// None for the embedder, who may grant anything.
    pub(crate) capabilities: Option<&'a Capabilities>,
    pub(crate) limits: &'a Limits,
    /// None for the embedder: its processes count against nobody else.
    pub(crate) account: Option<&'a Arc<Account>>,
    /// None for the embedder.
    pub(crate) parent: Option<&'a Arc<ProcessShared>>,
    /// None for the embedder.
    pub(crate) files: Option<FilesOfParent<'a>>,
    /// Folders that the embedder has open already.
    pub(crate) kept: Option<&'a KeptFolders>,
}

/// The parent's files, as far as a child needs them.
pub(crate) struct FilesOfParent<'a> {
    pub(crate) family: &'a Arc<FamilyShare>,
    /// The folder behind each of its mounts.
    pub(crate) folders: Vec<Beneath>,
}

/// Makes every check of a start and lays the process out.
pub(crate) fn prepare(
    host: &Arc<HostInner>,
    granter: &Granter<'_>,
    options: StartOptions,
) -> Result<Prepared, StartError> {
    let image = image(host, &options)?;
    prepare_of(host, granter, &image, options)
}

/// Like `prepare`, for an image that has been found.
pub(crate) fn prepare_of(
    host: &Arc<HostInner>,
    granter: &Granter<'_>,
    image: &Image,
    options: StartOptions,
) -> Result<Prepared, StartError> {
    let prepared = match image {
        Image::Component(component) => lay_out(host, granter, component, options),
        Image::Program(program) => native::lay_out(host, granter, program, options),
    };
    prepared.inspect_err(|error| host.metrics.refused(error))
}

fn lay_out(
    host: &Arc<HostInner>,
    granter: &Granter<'_>,
    component: &LoadedComponent,
    mut options: StartOptions,
) -> Result<Prepared, StartError> {
    let checking = Phase::begin("check");
    let committed = CommittedReaders::among(&options.arguments);
    let Checked { called, places } = check(host, granter, component, &mut options)?;
    let (checking, lay_out) = (checking.end(), Phase::begin("lay-out"));
    let limits = places.limits;
    let account = Account::new(
        &limits,
        granter.account.cloned(),
        host.census.accounts.one(),
    );
    let arguments = account.charge(Good::HostBytes, called.host_bytes())?;
    let (shared, log) = record(host, granter, &places, &account, &mut options)?;
    let (mut wasi, streams) = standard_streams(&log, &mut options);
    let table = Handles::new(limits.handles as usize, &account, &shared)?;
    shared.gauges.account_is(Arc::downgrade(&account));
    let files = open_files(host, granter, &options.capabilities, |family| {
        Calls::new(host.runtime.clone(), &account, &shared, family, &limits)
    })?;
    // After the starter's rights: a denial is reported first.
    check_surroundings(&options.capabilities, &options.command_line)?;
    let kept: Kept<'_> = (&shared, &account, &log, files.family());
    let slots = enter(host, kept, &options.capabilities, &limits, &mut wasi)?;
    let cpu_time = CpuTime::new(&account, &shared);
    let levels = host.config.log_levels.of_process(&shared.name);
    let state = ProcessState {
        shared: shared.clone(),
        host: Arc::downgrade(host),
        capabilities: options.capabilities,
        growth: Growth::new(&limits, &account),
        account,
        limits,
        log,
        // The entry of a panic tells a panic from another trap, so it is always kept.
        log_levels: levels.with_at_least(Severity::Error),
        table,
        permits: Arc::default(),
        wasi: wasi.build(),
        files,
        slots,
        _counted: host.census.stores.one(),
    };
    let mut store = bounded_store(host, component, state, &cpu_time)?;
    let work = called.lower(&mut store, &limits);
    let work = work.map_err(|error| no_store(&format!("{error:#}")))?;

    for phase in [checking, lay_out.end()] {
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
        streams,
        slot: places.slot,
        child: places.child,
        arguments,
        core_dumps: host.core_dumps.clone(),
        ticker: component.ticker.clone(),
        committed,
        guard: Guard(process.shared.clone()),
    };
    let launched = Launched::Guest(Box::new(launch));
    Ok(Prepared::new(host, process, places.link, launched))
}

/// Makes the log, and the record that lives until the last handle of the process is gone.
pub(super) fn record(
    host: &HostInner,
    granter: &Granter<'_>,
    places: &Places,
    account: &Arc<Account>,
    options: &mut StartOptions,
) -> Result<(Arc<ProcessShared>, Arc<ProcessLog>), StartError> {
    let capacity = host.config.log_capacity;
    let text = options.name.len() + options.capabilities.text_bytes();
    let bytes = kept::RECORD + capacity + text as u64;
    let record = Record {
        kept: account.charge(Good::HostBytes, bytes)?,
        counted: host.census.records.one(),
        changes: host.changes.clone(),
        host: host.name.clone(),
    };
    let id = places.slot.id;
    let log = ProcessLog::new(&options.name, id, capacity, places.limits.log_rate);
    let log = Arc::new(log.map_err(|error| no_store(&error))?);
    let family = Family::new(granter.parent, options.ownership, host.config.orphan_grace);
    let shared = ProcessShared::new(
        id,
        std::mem::take(&mut options.name),
        std::mem::take(&mut options.component),
        log.clone(),
        family,
        host.metrics.clone(),
        record,
    );
    Ok((Arc::new(shared), log))
}

/// Begins the WASI context, and makes the streams for stdout and stderr.
fn standard_streams(
    log: &Arc<ProcessLog>,
    options: &mut StartOptions,
) -> (WasiCtxBuilder, [LineStream; 2]) {
    let stdio = std::mem::take(&mut options.stdio);
    let stdout = LineStream::stdout(log.clone(), stdio.stdout);
    let stderr = LineStream::stderr(log.clone(), stdio.stderr);
    let surroundings = Surroundings {
        arguments: &options.command_line,
        stdin: stdio.stdin,
        stdout: stdout.clone(),
        stderr: stderr.clone(),
    };
    (wasi::begin(surroundings), [stdout, stderr])
}

/// What outlives the store of a process, or is shared with others.
type Kept<'a> = (
    &'a ProcessShared,
    &'a Arc<Account>,
    &'a Arc<ProcessLog>,
    &'a Arc<FamilyShare>,
);

/// Makes what extensions keep for a process.
fn enter(
    host: &HostInner,
    (shared, account, log, family): Kept<'_>,
    capabilities: &Capabilities,
    limits: &Limits,
    wasi: &mut WasiCtxBuilder,
) -> Result<Slots, StartError> {
    let mut slots = Slots::new(host.census.extensions.clone());
    host.config.extensions.start(&mut NewProcess {
        shared,
        capabilities,
        limits,
        account,
        log,
        family,
        channels: &host.channels,
        slots: &mut slots,
        wasi,
    })?;
    Ok(slots)
}

/// Makes the store, with its bounds.
fn bounded_store(
    host: &HostInner,
    component: &LoadedComponent,
    state: ProcessState,
    cpu_time: &Arc<CpuTime>,
) -> Result<Store<ProcessState>, StartError> {
    let limits = state.limits;
    let mut store = Store::new(component.pre.engine(), state);
    store.limiter(|state| &mut state.growth);
    store.set_hostcall_fuel(usize::try_from(limits.hostcall_bytes).unwrap_or(usize::MAX));
    if host.config.count_fuel {
        let fuel = limits.fuel.unwrap_or(u64::MAX);
        store.set_fuel(fuel).map_err(|error| no_store(&error))?;
    }
    // This bound is for component-model handles outside the table, such as those of a guest's own resources.
    // Handles in the table count here too. The bound is twice the limit, so that the table's own bound, which
    // is a typed error, is reached first.
    store.set_max_component_handles((limits.handles as usize).saturating_mul(2));
    store.set_epoch_deadline(1);
    let ticks = cpu_time.clone();
    store.epoch_deadline_callback(move |_| Ok(ticks.tick()));
    Ok(store)
}

fn no_store(error: &dyn std::fmt::Display) -> StartError {
    StartError::Store(error.to_string())
}

/// Opens the mounts of a process.
fn open_files(
    host: &HostInner,
    granter: &Granter<'_>,
    capabilities: &Capabilities,
    calls: impl FnOnce(Arc<FamilyShare>) -> Arc<Calls>,
) -> Result<Files, StartError> {
    let of_parent = granter.files.as_ref();
    let family = of_parent.map(|files| files.family.clone());
    let calls = calls(family.unwrap_or_else(|| FamilyShare::new(&host.files)));
    let folders = match (of_parent, granter.kept) {
        (Some(files), _) => Folders::Beneath(&files.folders),
        (None, Some(kept)) => Folders::Kept(kept),
        (None, None) => Folders::ByPath,
    };
    Ok(Files::open(calls, &capabilities.mounts, &folders)?)
}
