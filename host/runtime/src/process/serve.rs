//! A process whose exports a program around the host calls, in place of the one call of an entry point: how an extension hands it
//! requests.
//!
//! The process is like any other: its rights, limits, log and end are those of a process. What calls it runs in the process's own task,
//! with the store at hand, and is dropped with it at a kill or a limit.
//!
//! Not who starts such a process, and how many: that is the embedder's.

use super::state::ProcessState;
use crate::component::LoadedComponent;
use crate::extension::Refused;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::Instance;

/// Calls under way: their end is the end of the process. `Ok(Ok(text))` is [`Returned`](crate::ExitStatus::Returned) with this value, or
/// [`Stopped`](crate::ExitStatus::Stopped) if the process was asked to stop; `Ok(Err(text))` is [`Failed`](crate::ExitStatus::Failed).
/// wasmtime's error is a trap, or the limit that it stands for.
pub type Serving<'a> =
    Pin<Box<dyn Future<Output = wasmtime::Result<Result<String, String>>> + Send + 'a>>;

/// Calls the exports of an instance, for [`StartOptions::serving`](super::StartOptions::serving).
pub trait Serve: Debug + Send + Sync {
    /// Checks that the component exports what is called. Part of the checks of a start.
    ///
    /// # Errors
    /// What it lacks.
    fn fits(&self, component: &LoadedComponent) -> Result<(), Refused>;

    /// Calls the instance until there is nothing more to do, or the process is asked to stop; see [`ProcessState::stop_request`].
    fn serve<'a>(
        self: Arc<Self>,
        store: &'a mut Store<ProcessState>,
        instance: Instance,
    ) -> Serving<'a>;
}
