//! `log`: entries are kept with their process. Spans have a place in a trace and leave no entry.

use super::not_imitated;
use crate::bindings::weft::fabric::channel::Channel;
use crate::bindings::weft::fabric::log::{Entry, Level};
use crate::bindings::weft::fabric::types::Error;
use crate::testing::world::try_world;

/// Entries that are written outside of a test's guests go nowhere.
pub(crate) fn write(entry: &Entry) {
    if let Some(process) = try_world().and_then(|world| world.process()) {
        process.log.borrow_mut().push(entry.clone());
    }
}

pub(crate) fn enabled(_level: Level, _target: &str) -> bool {
    try_world().is_some()
}

pub(crate) fn register(_channel: &Channel) -> Result<(), Error> {
    Err(not_imitated("a log channel of a guest's own"))
}

pub(crate) mod span {
    use crate::bindings::weft::fabric::log::{Field, Level, Span, TraceContext};
    use crate::testing::world::{Held, try_world, world};

    pub(crate) fn begin(
        _name: &str,
        _target: &str,
        _level: Level,
        _fields: &[Field],
        parent: Option<TraceContext>,
    ) -> Option<Span> {
        let world = try_world()?;
        let number = world.number();
        let context = TraceContext {
            trace_id: parent.map_or((0, number), |parent| parent.trace_id),
            span_id: number,
            sampled: parent.is_none_or(|parent| parent.sampled),
        };
        let handle = world.hold(Held::Span(context));
        Some(crate::bindings::new_span(handle))
    }

    pub(crate) fn record(_span: &Span, _fields: &[Field]) {}

    pub(crate) fn context(span: &Span) -> TraceContext {
        world().held(span.handle(), |held| match held {
            Held::Span(context) => Some(*context),
            _ => None,
        })
    }
}
