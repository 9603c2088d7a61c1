//! `weft:fabric/log`: a process's own log. No capability is needed to write it.

use super::ChannelHandle;
use super::generated::weft::fabric::log::{self as wit, Entry, Level};
use super::generated::weft::fabric::types::Error;
use crate::access::Access;
use crate::log::Severity;
use crate::process::ProcessState;
use wasmtime::Result;
use wasmtime::component::Resource;

impl wit::Host for ProcessState {
    fn write(&mut self, entry: Entry) -> Result<()> {
        let severity = match entry.level {
            Level::Trace => Severity::Trace,
            Level::Debug => Severity::Debug,
            Level::Info => Severity::Info,
            Level::Warn => Severity::Warn,
            Level::Error => Severity::Error,
        };
        let fields = entry
            .fields
            .into_iter()
            .map(|field| (field.key, field.value))
            .collect();
        self.log
            .write(severity, &entry.target, entry.message, fields);
        Ok(())
    }

    fn enabled(&mut self, _level: Level, _target: String) -> Result<bool> {
        // The log keeps every level; those who show it choose.
        Ok(true)
    }

    fn register(
        &mut self,
        channel: Resource<ChannelHandle>,
    ) -> Result<std::result::Result<(), Error>> {
        let held = self.table.get(&channel)?;
        if let Err(denied) = held.access.require(Access::WRITERS) {
            return Ok(Err(Error::PermissionDenied(denied)));
        }
        Ok(self.log.register(&held.channel).map_err(Into::into))
    }
}
