//! What a process does: it calls an entry point, changes the frames of a stream, or is called by an extension.

use super::fit::{self, Fitted};
use super::options::StartOptions;
use super::refusal::StartError;
use super::serve::Serve;
use super::state::ProcessState;
use super::transform::{self, Ends, Transform};
use crate::component::{EntryPoint, LoadedComponent, TRANSFORM, TransformFunctions};
use crate::kept;
use crate::limits::Limits;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, Val};

/// What a process does.
pub(super) enum Work {
    /// Calls an entry point.
    Call {
        function: ComponentExportIndex,
        results: usize,
        is_command: bool,
        arguments: Vec<Val>,
    },
    /// Changes the frames of a stream.
    Transform(Transform),
    /// Is called by an extension.
    Serve(Arc<dyn Serve>),
}

/// The same after the checks, before the store exists.
pub(super) enum Called<'a> {
    Entry(&'a EntryPoint, Vec<Fitted>),
    Transform(TransformFunctions, Ends),
    Serve(Arc<dyn Serve>),
}

impl<'a> Called<'a> {
    /// Finds the entry point, and fits the arguments to it.
    pub(super) fn find(
        component: &'a LoadedComponent,
        options: &mut StartOptions,
    ) -> Result<Self, StartError> {
        if let Some(serve) = options.serve.take() {
            return match serve.fits(component) {
                Ok(()) => Ok(Called::Serve(serve)),
                Err(lack) => Err(StartError::Unserved(lack.to_string())),
            };
        }
        let arguments = std::mem::take(&mut options.arguments);
        match component.entry_point(&options.entry_point) {
            Ok(entry) => Ok(Called::Entry(entry, fit::fit(entry, arguments)?)),
            Err(unknown) => match component.transform() {
                Some(functions) if options.entry_point == TRANSFORM => {
                    Ok(Called::Transform(functions, transform::ends(arguments)?))
                }
                _ => Err(unknown.into()),
            },
        }
    }

    /// Host memory that the arguments take during the call.
    pub(super) fn host_bytes(&self) -> u64 {
        match self {
            Called::Entry(_, arguments) => {
                let values = arguments.iter().filter_map(|argument| match argument {
                    Fitted::Value(value) => Some(value),
                    _ => None,
                });
                kept::of_values(values)
            }
            Called::Transform(..) | Called::Serve(_) => 0,
        }
    }

    /// Puts the arguments into the store.
    pub(super) fn lower(
        self,
        store: &mut Store<ProcessState>,
        limits: &Limits,
    ) -> wasmtime::Result<Work> {
        Ok(match self {
            Called::Entry(entry, arguments) => Work::Call {
                function: entry.index,
                results: entry.results,
                is_command: entry.is_command(),
                arguments: arguments
                    .into_iter()
                    .map(|argument| argument.lower(store))
                    .collect::<wasmtime::Result<_>>()?,
            },
            Called::Serve(serve) => Work::Serve(serve),
            Called::Transform(functions, ends) => {
                Work::Transform(Transform::new(functions, ends, limits.frame_bytes))
            }
        })
    }
}
