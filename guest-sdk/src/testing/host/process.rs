//! `process`: the guests of the test. None can be started by a guest, and none is linked with another.

use super::not_imitated;
use crate::testing::world::world;

pub(crate) fn children() -> Result<
    Vec<crate::bindings::weft::fabric::process::Process>,
    crate::bindings::weft::fabric::types::Error,
> {
    Ok(Vec::new())
}

pub(crate) fn current() -> u64 {
    world().process().map_or(0, |process| process.id)
}

pub(crate) fn stop_requested() -> bool {
    let current = world().process();
    current.is_some_and(|process| process.stop_requested())
}

pub(crate) fn wait_stop() {
    let wait = super::process_async::stop_request();
    world().block_on("to be asked to stop", wait);
}

#[allow(
    clippy::module_inception,
    reason = "the resource has the name of its interface"
)]
pub(crate) mod process {
    use super::not_imitated;
    use crate::bindings::weft::fabric::channel::Channel;
    use crate::bindings::weft::fabric::process::{ExitStatus, HostLimits, Process, StartOptions};
    use crate::bindings::weft::fabric::types::Error;
    use crate::testing::host::clock;
    use crate::testing::process::Proc;
    use crate::testing::world::{Held, world};
    use futures::future::{Either, select};
    use std::future::poll_fn;
    use std::pin::pin;
    use std::rc::Rc;
    use std::task::Poll;

    const NANOSECONDS: u64 = 1_000_000;

    pub(in crate::testing) fn held(this: &Process) -> Rc<Proc> {
        world().held(this.handle(), |held| match held {
            Held::Process(process) => Some(Rc::clone(process)),
            _ => None,
        })
    }

    pub(in crate::testing) fn made(process: Rc<Proc>) -> Process {
        let handle = world().hold(Held::Process(process));
        crate::bindings::new_process(handle)
    }

    pub(in crate::testing) async fn ended(process: &Rc<Proc>) -> ExitStatus {
        let _note = world().note("for the end of a process");
        poll_fn(|cx| match process.status() {
            Some(status) => Poll::Ready(status),
            None => {
                process.wait(cx.waker());
                Poll::Pending
            }
        })
        .await
    }

    pub(in crate::testing) async fn stopped(process: Rc<Proc>, grace_ms: u32) -> ExitStatus {
        if let Some(status) = process.status() {
            return status;
        }
        process.request_stop();
        let timer = pin!(clock::wait_for(u64::from(grace_ms) * NANOSECONDS));
        match select(pin!(ended(&process)), timer).await {
            Either::Left((status, _)) => return status,
            Either::Right(_) => process.kill(),
        }
        ended(&process).await
    }

    pub(crate) fn start(_options: StartOptions) -> Result<Process, Error> {
        Err(not_imitated("starting a component"))
    }

    pub(crate) fn start_within(
        _options: StartOptions,
        _limits: HostLimits,
    ) -> Result<Process, Error> {
        Err(not_imitated("starting a component"))
    }

    pub(crate) fn id(this: &Process) -> u64 {
        held(this).id
    }

    pub(crate) fn name(this: &Process) -> String {
        held(this).name.borrow().clone()
    }

    pub(crate) fn wait(this: &Process) -> ExitStatus {
        let process = held(this);
        world().block_on("for the end of a process", ended(&process))
    }

    pub(crate) fn status(this: &Process) -> Option<ExitStatus> {
        held(this).status()
    }

    pub(crate) fn stop(this: &Process, grace_ms: u32) -> Result<ExitStatus, Error> {
        let stop = stopped(held(this), grace_ms);
        Ok(world().block_on("for a process to stop", stop))
    }

    pub(crate) fn kill(this: &Process) -> Result<(), Error> {
        held(this).kill();
        Ok(())
    }

    pub(crate) fn link(_this: &Process) -> Result<(), Error> {
        Err(not_imitated("a link between processes"))
    }

    pub(crate) fn unlink(_this: &Process) {}

    pub(crate) fn log_channel(_this: &Process) -> Result<Channel, Error> {
        Err(not_imitated("the channel of a log"))
    }
}

pub(crate) mod monitor {
    use super::process;
    use crate::bindings::weft::fabric::process::{Exit, Monitor, Process};
    use crate::bindings::weft::fabric::types::Error;
    use crate::testing::process::Queue;
    use crate::testing::world::{Held, world};
    use std::rc::Rc;

    pub(in crate::testing) fn held(this: &Monitor) -> Rc<Queue> {
        world().held(this.handle(), |held| match held {
            Held::Monitor(queue) => Some(Rc::clone(queue)),
            _ => None,
        })
    }

    pub(crate) fn create() -> Result<Monitor, Error> {
        let handle = world().hold(Held::Monitor(Rc::default()));
        Ok(crate::bindings::new_monitor(handle))
    }

    pub(crate) fn watch(this: &Monitor, process: &Process, tag: u64) -> Result<(), Error> {
        process::held(process).watch(&held(this), tag);
        Ok(())
    }

    pub(crate) fn unwatch(this: &Monitor, process: &Process) {
        process::held(process).unwatch(&held(this));
    }

    /// Nothing is ever linked.
    pub(crate) fn trap_exits(_this: &Monitor) {}

    pub(crate) fn next(this: &Monitor) -> Option<Exit> {
        let wait = crate::testing::host::process_async::next_exit(this);
        world().block_on("for the end of a process", wait)
    }

    pub(crate) fn try_next(this: &Monitor) -> Option<Exit> {
        held(this).take()
    }
}
