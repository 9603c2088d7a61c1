//! `weft:fabric/process`: starting and watching processes. The calls that wait
//! suspend the guest's fiber; those that wait beside the guest are in `process_async`.
//!
//! `monitor` is the resource of that name, `grants` what a child is granted, `bounds` its limits. What processes are is in the module `process` of the crate.

mod bounds;
mod calls;
mod grants;
mod monitor;
mod process_async;

pub(crate) use calls::process_calls;

use super::generated::weft::fabric::process::{
    self as wit, ExitStatus, HostLimits, Ownership, StartOptions, Value,
};
use super::generated::weft::fabric::types::Error;
use super::{ChannelHandle, Fabric, ProcessHandle, generated};
use crate::access;
use crate::account::Good;
use crate::engine::EngineKind;
use crate::extension::{Extension, ExtensionRight, Import};
use crate::hostcalls::{Call, imports_of};
use crate::limits::Limits;
use crate::process::{
    self, Argument, Arguments, FilesOfParent, Granter, Process, ProcessState, Scalar, Stdio,
};
use std::time::Duration;
use wasmtime::component::{Access, Linker, Resource};
use wasmtime::{AsContext as _, AsContextMut as _, Result, StoreContextMut};

/// To start processes, and to end those that are held.
pub(crate) const PROCESSES: &ExtensionRight = &ExtensionRight {
    name: "process-lifecycle",
    value: None,
    help: "start processes, and stop those it holds",
};

/// To read the logs of processes that are held.
pub(crate) const LOGS: &ExtensionRight = &ExtensionRight {
    name: "log-reader",
    value: None,
    help: "read the logs of processes it holds",
};

/// The folder. What a process has of it is in its record and its table, which every call reaches without a search.
pub(super) struct Unit;

impl Extension for Unit {
    fn name(&self) -> &'static str {
        "process"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[PROCESSES, LOGS]
    }

    fn imports(&self) -> &'static [Import] {
        process_calls!(imports_of [])
    }

    fn link(&self, linker: &mut Linker<ProcessState>, engine: EngineKind) -> Result<()> {
        wit::add_to_linker::<_, Fabric>(linker, |state| state)?;
        if engine == EngineKind::Concurrent {
            use generated::weft::fabric::process_async;
            process_async::add_to_linker::<_, Fabric>(linker, |state| state)?;
        }
        Ok(())
    }
}

type Answer<T> = Result<std::result::Result<T, Error>>;

impl ProcessState {
    /// The process behind a handle.
    pub(super) fn process(&self, handle: &Resource<ProcessHandle>) -> Result<Process> {
        Ok(self.table.get(handle)?.process.clone())
    }

    /// The process behind a handle, if the caller may decide over its life.
    fn related(&self, handle: &Resource<ProcessHandle>, call: Call) -> Answer<Process> {
        let process = self.process(handle)?;
        Ok(self.allow(call).map(|()| process))
    }

    /// The same, to stop or kill it: that is no end the caller could be surprised by.
    pub(super) fn stoppable(
        &self,
        handle: &Resource<ProcessHandle>,
        call: Call,
    ) -> Answer<Process> {
        let process = self.related(handle, call)?;
        if let Ok(process) = &process {
            self.shared.expect_end(&process.shared);
        }
        Ok(process)
    }

    /// Takes the arguments out of the caller's table, whatever comes of the start.
    fn take_arguments(&mut self, values: Vec<Value>) -> Result<Vec<Argument>> {
        values
            .into_iter()
            .map(|value| {
                Ok(match value {
                    Value::Bool(value) => Scalar::Bool(value).into(),
                    Value::S8(value) => Scalar::S8(value).into(),
                    Value::U8(value) => Scalar::U8(value).into(),
                    Value::S16(value) => Scalar::S16(value).into(),
                    Value::U16(value) => Scalar::U16(value).into(),
                    Value::S32(value) => Scalar::S32(value).into(),
                    Value::U32(value) => Scalar::U32(value).into(),
                    Value::S64(value) => Scalar::S64(value).into(),
                    Value::U64(value) => Scalar::U64(value).into(),
                    Value::F32(value) => Scalar::Float32(value).into(),
                    Value::F64(value) => Scalar::Float64(value).into(),
                    Value::Char(value) => Scalar::Char(value).into(),
                    Value::String(text) => Argument::String(text),
                    Value::Bytes(bytes) => Argument::Bytes(bytes),
                    Value::Channel(handle) => Argument::Channel(self.table.delete(handle)?),
                    Value::Reader(handle) => Argument::Reader(self.table.delete(handle)?),
                    Value::Writer(handle) => Argument::Writer(self.table.delete(handle)?),
                    Value::Process(handle) => Argument::Process(self.table.delete(handle)?),
                    Value::Wave(text) => Argument::Wave(text),
                })
            })
            .collect()
    }

    fn start_child(
        &self,
        options: StartOptions,
        host_limits: HostLimits,
        arguments: Vec<Argument>,
        fuel: Fuel,
        call: Call,
    ) -> std::result::Result<Process, Error> {
        self.allow(call)?;
        if fuel.left.is_some() && fuel.asked.is_none() {
            return Err(Error::InvalidArgument(
                "a process with a limit `fuel` gives its children a part of it: \
                 say how much in their limits"
                    .into(),
            ));
        }
        let host = self.live_host()?;
        let (capabilities, folders) =
            self.child_capabilities(&host.config.extensions, options.capabilities)?;
        let asked = process::StartOptions {
            component: options.component,
            program: None,
            serve: None,
            name: options.name,
            entry_point: options.entry_point,
            arguments: Arguments::Positional(arguments),
            capabilities,
            limits: bounds::limit_request(options.limits, host_limits),
            stdio: Stdio::default(),
            ownership: options.ownership.into(),
            command_line: Vec::new(),
        };
        let limits = Limits {
            fuel: fuel.left,
            ..self.limits
        };
        let granter = Granter {
            capabilities: Some(&self.capabilities),
            limits: &limits,
            account: Some(&self.account),
            parent: Some(&self.shared),
            kept: None,
            files: Some(FilesOfParent {
                family: self.files.family(),
                folders,
            }),
        };
        Ok(process::prepare(&host, &granter, asked)?.launch())
    }
}

/// The fuel of a process about to start another.
struct Fuel {
    /// What it has left, if it has a limit.
    left: Option<u64>,
    /// What it gives.
    asked: Option<u64>,
}

impl wit::Host for ProcessState {
    fn children(&mut self) -> Answer<Vec<Resource<ProcessHandle>>> {
        let _timed = self.timed(Call::ProcessChildren);
        Ok((|| {
            self.allow(Call::ProcessChildren)?;
            let own = Process::of(&self.shared);
            let mut handles = Vec::new();
            for child in own.children() {
                match self.table.push(ProcessHandle::new(child)) {
                    Ok(handle) => handles.push(handle),
                    Err(full) => {
                        for handle in handles {
                            let _ = self.table.delete(handle);
                        }
                        return Err(full.into());
                    }
                }
            }
            Ok(handles)
        })())
    }

    fn current(&mut self) -> Result<u64> {
        let _timed = self.timed(Call::ProcessCurrent);
        Ok(self.shared.id)
    }

    fn stop_requested(&mut self) -> Result<bool> {
        let _timed = self.timed(Call::ProcessStopRequested);
        Ok(self.shared.stop_requested())
    }

    async fn wait_stop(&mut self) -> Result<()> {
        let _timed = self.timed(Call::ProcessWaitStop);
        self.shared.stop_request().await;
        Ok(())
    }
}

/// A start as a guest asks for it.
fn start(
    mut store: StoreContextMut<'_, ProcessState>,
    mut options: StartOptions,
    host_limits: HostLimits,
    call: Call,
) -> Answer<Resource<ProcessHandle>> {
    let arguments = store
        .data_mut()
        .take_arguments(std::mem::take(&mut options.args))?;
    let fuel = Fuel {
        left: match store.data().limits.fuel {
            Some(_) => Some(store.as_context().get_fuel()?),
            None => None,
        },
        asked: options.limits.fuel,
    };
    let rest = fuel.left.zip(fuel.asked);
    let state = store.data_mut();
    let started: std::result::Result<_, Error> = (|| {
        // Room for the handle first: a process nobody could hold must not start.
        let room = state.table.push(())?;
        let _ = state.table.delete(room);
        let linked = options.ownership == Ownership::Linked;
        let process = state.start_child(options, host_limits, arguments, fuel, call)?;
        Ok(state.table.push(match linked {
            true => ProcessHandle::leash(process, &state.shared),
            false => ProcessHandle::new(process),
        })?)
    })();
    if let (Ok(_), Some((left, given))) = (&started, rest) {
        store.set_fuel(left.saturating_sub(given))?;
    }
    Ok(started)
}

impl wit::HostProcessWithStore<ProcessState> for Fabric {
    fn start(
        mut access: Access<'_, ProcessState, Self>,
        options: StartOptions,
    ) -> Answer<Resource<ProcessHandle>> {
        let _timed = access.get().timed(Call::ProcessProcessStart);
        let inherited = HostLimits {
            host_bytes: None,
            open_files: None,
            disk_bytes: None,
        };
        start(
            access.as_context_mut(),
            options,
            inherited,
            Call::ProcessProcessStart,
        )
    }

    fn start_within(
        mut access: Access<'_, ProcessState, Self>,
        options: StartOptions,
        limits: HostLimits,
    ) -> Answer<Resource<ProcessHandle>> {
        let _timed = access.get().timed(Call::ProcessProcessStartWithin);
        start(
            access.as_context_mut(),
            options,
            limits,
            Call::ProcessProcessStartWithin,
        )
    }
}

impl wit::HostProcess for ProcessState {
    fn id(&mut self, this: Resource<ProcessHandle>) -> Result<u64> {
        let _timed = self.timed(Call::ProcessProcessId);
        Ok(self.process(&this)?.id())
    }

    fn name(&mut self, this: Resource<ProcessHandle>) -> Result<String> {
        let _timed = self.timed(Call::ProcessProcessName);
        Ok(self.process(&this)?.name().to_owned())
    }

    async fn wait(&mut self, this: Resource<ProcessHandle>) -> Result<ExitStatus> {
        let _timed = self.timed(Call::ProcessProcessWait);
        let process = self.process(&this)?;
        Ok(process.wait().await.into())
    }

    fn status(&mut self, this: Resource<ProcessHandle>) -> Result<Option<ExitStatus>> {
        let _timed = self.timed(Call::ProcessProcessStatus);
        Ok(self.process(&this)?.status().map(Into::into))
    }

    async fn stop(&mut self, this: Resource<ProcessHandle>, grace_ms: u32) -> Answer<ExitStatus> {
        let _timed = self.timed(Call::ProcessProcessStop);
        Ok(match self.stoppable(&this, Call::ProcessProcessStop)? {
            Ok(process) => Ok(process
                .stop(Duration::from_millis(grace_ms.into()))
                .await
                .into()),
            Err(denied) => Err(denied),
        })
    }

    fn kill(&mut self, this: Resource<ProcessHandle>) -> Answer<()> {
        let _timed = self.timed(Call::ProcessProcessKill);
        Ok(self
            .stoppable(&this, Call::ProcessProcessKill)?
            .map(|process| process.kill()))
    }

    fn link(&mut self, this: Resource<ProcessHandle>) -> Answer<()> {
        let _timed = self.timed(Call::ProcessProcessLink);
        Ok(match self.related(&this, Call::ProcessProcessLink)? {
            Ok(process) => match self.account.charge(Good::Watches, 1) {
                Ok(charge) => {
                    self.shared.link(&process, charge);
                    Ok(())
                }
                Err(exhausted) => Err(exhausted.into()),
            },
            Err(denied) => Err(denied),
        })
    }

    fn unlink(&mut self, this: Resource<ProcessHandle>) -> Result<()> {
        let _timed = self.timed(Call::ProcessProcessUnlink);
        let process = self.process(&this)?;
        Process::of(&self.shared).unlink(&process);
        Ok(())
    }

    fn log_channel(&mut self, this: Resource<ProcessHandle>) -> Answer<Resource<ChannelHandle>> {
        let _timed = self.timed(Call::ProcessProcessLogChannel);
        let process = self.process(&this)?;
        Ok((|| {
            self.allow(Call::ProcessProcessLogChannel)?;
            let handle = ChannelHandle::new(process.log_channel(), access::Access::LOG);
            Ok(self.table.push(handle)?)
        })())
    }

    fn drop(&mut self, this: Resource<ProcessHandle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
