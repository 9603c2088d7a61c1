//! A process that has passed every check and has not run yet: of a component, or of a program of the embedder.

use super::driver::{self, Launch};
use super::handle::Process;
use super::handoff;
use super::native::{self, NativeLaunch, Program};
use super::observers::Observers;
use super::refusal::StartError;
use crate::account::Charge;
use crate::component::LoadedComponent;
use crate::host::HostInner;
use crate::interface::filesystem::KeptFolders;
use crate::metrics::Phase;
use std::sync::Arc;
use tokio::runtime::Handle;

/// What a process is made of.
#[derive(Clone, Debug)]
pub(crate) enum Image {
    /// A component of the store.
    Component(Arc<LoadedComponent>),
    /// A program of the embedder.
    Program(Arc<dyn Program>),
}

/// What is launched.
pub(super) enum Launched {
    Guest(Box<Launch>),
    Native(NativeLaunch),
}

/// A process that has passed every check and has not run yet. Dropping it
/// releases its arguments and its place in the host.
pub struct Prepared {
    launch: Launched,
    process: Process,
    runtime: Handle,
    observers: Arc<Observers>,
    /// For the starter's side of a link.
    link: Option<Charge>,
}

impl Prepared {
    pub(super) fn new(
        host: &HostInner,
        process: Process,
        link: Option<Charge>,
        launch: Launched,
    ) -> Self {
        Self {
            launch,
            process,
            runtime: host.runtime.clone(),
            observers: host.observers.clone(),
            link,
        }
    }

    /// The process, so that its log can be followed from the first entry on.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Its folders, for the processes that are restarted in its place.
    pub(crate) fn keep_folders(&self) -> Result<KeptFolders, StartError> {
        let Launched::Guest(launch) = &self.launch else {
            return Ok(KeptFolders::default());
        };
        let state = launch.store.data();
        Ok(KeptFolders::of(
            &state.capabilities.mounts,
            state.files.mounts(),
        )?)
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
        let slot = match &launch {
            Launched::Guest(launch) => &launch.slot,
            Launched::Native(launch) => &launch.slot,
        };
        slot.fill(process.clone());
        // Only now that the process is in the table: an observer that registers and then lists the live
        // processes misses none.
        observers.started(&process);
        process.shared.changes.note();
        let begun = Phase::begin("instantiate");
        match launch {
            Launched::Guest(launch) => handoff::spawn(&runtime, driver::drive(*launch, begun)),
            Launched::Native(launch) => handoff::spawn(&runtime, native::drive(launch, begun)),
        }
        process
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Prepared").field(&self.process).finish()
    }
}
