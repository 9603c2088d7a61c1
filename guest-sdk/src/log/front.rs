//! The back end for the macros of the `log` crate.

use super::{Level, field, write_raw};
use crate::bindings::weft::fabric::log as raw;
use log::kv::{Error, Key, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record};

/// Sends records to the process log.
struct ProcessLog;

/// Makes it the logger, unless the guest has one already.
pub(super) fn install() {
    if log::set_logger(&ProcessLog).is_ok() {
        // The host decides, per target; see `enabled`.
        log::set_max_level(LevelFilter::Trace);
    }
}

impl From<log::Level> for Level {
    fn from(level: log::Level) -> Self {
        match level {
            log::Level::Trace => Level::Trace,
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        }
    }
}

impl Log for ProcessLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        super::enabled(metadata.level().into(), metadata.target())
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let mut fields = Fields(Vec::new());
            // The visitor below never fails.
            let _ = record.key_values().visit(&mut fields);
            let message = record.args().to_string();
            let (level, context) = (record.level().into(), crate::trace::current());
            write_raw(level, record.target(), message, fields.0, context);
        }
    }

    fn flush(&self) {}
}

/// Collects a record's fields.
struct Fields(Vec<raw::Field>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        self.0.push(field(key.as_str(), &value));
        Ok(())
    }
}
