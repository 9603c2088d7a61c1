//! `weft:fabric/log`: a process's own log. No capability is needed to write it.

mod calls;

pub(crate) use calls::log_calls;

use super::generated::weft::fabric::log::{self as wit, Entry, Field, Level};
use super::generated::weft::fabric::types::Error;
use super::{ChannelHandle, Fabric};
use crate::access::Access;
use crate::engine::EngineKind;
use crate::extension::{Extension, Import};
use crate::hostcalls::{Call, imports_of};
use crate::log::{DROPPED_FIELDS, FIELDS, Severity, Span, TraceContext, scope};
use crate::process::ProcessState;
use std::collections::BTreeMap;
use wasmtime::Result;
use wasmtime::component::{Linker, Resource};

/// The folder.
pub(super) struct Unit;

impl Extension for Unit {
    fn name(&self) -> &'static str {
        "log"
    }

    fn imports(&self) -> &'static [Import] {
        log_calls!(imports_of [])
    }

    fn link(&self, linker: &mut Linker<ProcessState>, _: EngineKind) -> Result<()> {
        wit::add_to_linker::<_, Fabric>(linker, |state| state)
    }
}

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

impl From<wit::TraceContext> for TraceContext {
    fn from(context: wit::TraceContext) -> Self {
        let (upper, lower) = context.trace_id;
        Self {
            trace_id: u128::from(upper) << 64 | u128::from(lower),
            span_id: context.span_id,
            sampled: context.sampled,
        }
    }
}

impl From<TraceContext> for wit::TraceContext {
    fn from(context: TraceContext) -> Self {
        let half = |id: u128| id as u64;
        Self {
            trace_id: (half(context.trace_id >> 64), half(context.trace_id)),
            span_id: context.span_id,
            sampled: context.sampled,
        }
    }
}

/// The fields that are kept of those a call brings, and how many are not.
fn within(mut fields: Vec<Field>) -> (impl Iterator<Item = Field>, u64) {
    let dropped = fields.len().saturating_sub(FIELDS);
    fields.truncate(FIELDS);
    (fields.into_iter(), dropped as u64)
}

/// Sets fields of a span.
fn set(span: &mut Span, fields: Vec<Field>) {
    let (fields, dropped) = within(fields);
    span.lose(dropped);
    for Field { key, value } in fields {
        span.set(key, value);
    }
}

impl wit::Host for ProcessState {
    fn write(&mut self, entry: Entry) -> Result<()> {
        let _timed = self.timed(Call::LogWrite);
        let severity = entry.level.into();
        let target = scope::of_guest(entry.target);
        if !self.log_levels.enabled("", &target, severity) {
            return Ok(());
        }
        let (fields, dropped) = within(entry.fields);
        let fields = fields.map(|field| (field.key, field.value));
        let mut attributes: BTreeMap<_, _> = fields.collect();
        if dropped > 0 {
            attributes.insert(DROPPED_FIELDS.to_owned(), dropped.to_string());
        }
        self.log.write_in(
            severity,
            &target,
            entry.message,
            attributes,
            entry.context.map(Into::into),
            None,
        );
        Ok(())
    }

    fn enabled(&mut self, level: Level, target: String) -> Result<bool> {
        let _timed = self.timed(Call::LogEnabled);
        let target = scope::of_guest(target);
        Ok(self.log_levels.enabled("", &target, level.into()))
    }

    fn register(
        &mut self,
        channel: Resource<ChannelHandle>,
    ) -> Result<std::result::Result<(), Error>> {
        let _timed = self.timed(Call::LogRegister);
        let held = self.table.get(&channel)?;
        if let Err(denied) = held.access.require(Access::WRITERS) {
            return Ok(Err(Error::PermissionDenied(denied)));
        }
        if held.channel.is_remote() {
            let text = "a log never waits, and a channel that is elsewhere has to be waited for";
            return Ok(Err(Error::Unsupported(text.into())));
        }
        Ok(self.log.register(&held.channel).map_err(Into::into))
    }
}

impl wit::HostSpan for ProcessState {
    fn begin(
        &mut self,
        name: String,
        target: String,
        level: Level,
        fields: Vec<Field>,
        parent: Option<wit::TraceContext>,
    ) -> Result<Option<Resource<Span>>> {
        let _timed = self.timed(Call::LogSpanBegin);
        let severity = level.into();
        let target = scope::of_guest(target);
        if !self.log_levels.enabled("", &target, severity) {
            return Ok(None);
        }
        let parent = parent.map(Into::into);
        let begun = Span::begin(&self.log, &self.account, name, target, severity, parent);
        let Some(mut span) = begun else {
            return Ok(None);
        };
        set(&mut span, fields);
        // A table without room gives the span back, which ends it at once.
        Ok(self.table.push(span).ok())
    }

    fn record(&mut self, this: Resource<Span>, fields: Vec<Field>) -> Result<()> {
        let _timed = self.timed(Call::LogSpanRecord);
        set(self.table.get_mut(&this)?, fields);
        Ok(())
    }

    fn context(&mut self, this: Resource<Span>) -> Result<wit::TraceContext> {
        let _timed = self.timed(Call::LogSpanContext);
        Ok(self.table.get(&this)?.context().into())
    }

    fn drop(&mut self, this: Resource<Span>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
