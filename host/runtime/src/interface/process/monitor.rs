//! `weft:fabric/process.monitor`: the ends of processes as messages.

use crate::account::Good;
use crate::hostcalls::Call;
use crate::interface::ProcessHandle;
use crate::interface::generated::weft::fabric::process::{self as wit, Exit};
use crate::interface::generated::weft::fabric::types::Error;
use crate::process::{Monitor, Process, ProcessState};
use wasmtime::Result;
use wasmtime::component::Resource;

type Answer<T> = Result<std::result::Result<T, Error>>;

impl wit::HostMonitor for ProcessState {
    fn create(&mut self) -> Answer<Resource<Monitor>> {
        let _timed = self.timed(Call::ProcessMonitorCreate);
        Ok(self.table.push(Monitor::new()).map_err(Error::from))
    }

    fn watch(
        &mut self,
        this: Resource<Monitor>,
        process: Resource<ProcessHandle>,
        tag: u64,
    ) -> Answer<()> {
        let _timed = self.timed(Call::ProcessMonitorWatch);
        let process = self.process(&process)?;
        let pay = || self.account.charge(Good::Watches, 1).map(Some);
        let watched = self.table.get(&this)?.watch_paid(&process, tag, pay);
        Ok(watched.map_err(Error::from))
    }

    fn unwatch(&mut self, this: Resource<Monitor>, process: Resource<ProcessHandle>) -> Result<()> {
        let _timed = self.timed(Call::ProcessMonitorUnwatch);
        let process = self.process(&process)?;
        self.table.get(&this)?.unwatch(&process);
        Ok(())
    }

    fn trap_exits(&mut self, this: Resource<Monitor>) -> Result<()> {
        let _timed = self.timed(Call::ProcessMonitorTrapExits);
        let own = Process::of(&self.shared);
        self.table.get(&this)?.trap_exits(&own);
        Ok(())
    }

    async fn next(&mut self, this: Resource<Monitor>) -> Result<Option<Exit>> {
        let _timed = self.timed(Call::ProcessMonitorNext);
        let waiter = self.table.get(&this)?.waiter();
        Ok(waiter.next().await.map(Into::into))
    }

    fn try_next(&mut self, this: Resource<Monitor>) -> Result<Option<Exit>> {
        let _timed = self.timed(Call::ProcessMonitorTryNext);
        Ok(self.table.get(&this)?.try_next().map(Into::into))
    }

    fn drop(&mut self, this: Resource<Monitor>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
