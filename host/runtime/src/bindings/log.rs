//! `weft:fabric/log`: a process's own log. No capability is needed to write it.

use super::ChannelHandle;
use super::generated::weft::fabric::log::{self as wit, Entry, Level};
use super::generated::weft::fabric::types::Error;
use crate::access::Access;
use crate::log::Severity;
use crate::process::ProcessState;
use wasmtime::Result;
use wasmtime::component::Resource;

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Severity::Trace,
            Level::Debug => Severity::Debug,
            Level::Info => Severity::Info,
            Level::Warn => Severity::Warn,
            Level::Error => Severity::Error,
        }
    }
}

impl wit::Host for ProcessState {
    fn write(&mut self, entry: Entry) -> Result<()> {
        let severity = entry.level.into();
        if !self.log_levels.enabled("", &entry.target, severity) {
            return Ok(());
        }
        let fields = entry
            .fields
            .into_iter()
            .map(|field| (field.key, field.value))
            .collect();
        self.log
            .write(severity, &entry.target, entry.message, fields);
        Ok(())
    }

    fn enabled(&mut self, level: Level, target: String) -> Result<bool> {
        Ok(self.log_levels.enabled("", &target, level.into()))
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
