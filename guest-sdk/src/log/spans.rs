//! The spans that are open: their names, fields and parents.
//!
//! A table with a free list and reference counts, and the stack of spans
//! entered. A guest has one thread, so one stack is enough. Each has one of the host's
//! spans, which leaves its entry in the log when it ends.

use super::Level;
use crate::bindings::weft::fabric::log as raw;
use std::num::NonZeroU64;
use tracing::Metadata;
use tracing::span::Id;

/// A span.
pub(super) struct Span {
    pub(super) metadata: &'static Metadata<'static>,
    pub(super) fields: Vec<raw::Field>,
    /// The host's, which ends when this is dropped; none where it had no room.
    pub(super) raw: Option<raw::Span>,
    /// Its own place in a trace, or that of the span around it.
    pub(super) context: Option<raw::TraceContext>,
    parent: Option<Id>,
    handles: usize,
}

/// All spans that someone still holds.
#[derive(Default)]
pub(super) struct Spans {
    table: Vec<Option<Span>>,
    free: Vec<usize>,
    entered: Vec<Id>,
}

impl Spans {
    /// Adds a span, held once.
    pub(super) fn add(
        &mut self,
        metadata: &'static Metadata<'static>,
        fields: Vec<raw::Field>,
        parent: Option<Id>,
        remote: Option<raw::TraceContext>,
    ) -> Id {
        // A trace from elsewhere replaces the parent. The fields of the span around it still count.
        let mut around = remote;
        if let Some(parent) = &parent {
            self.hold(parent);
            let parent = self.get_mut(parent).and_then(|parent| parent.context);
            around = around.or(parent);
        }
        let (name, target) = (metadata.name(), metadata.target());
        let level = Level::from(metadata.level()).into();
        let raw = raw::Span::begin(name, target, level, &fields, around);
        let context = raw.as_ref().map(raw::Span::context).or(around);
        let span = Span {
            metadata,
            fields,
            raw,
            context,
            parent,
            handles: 1,
        };
        let place = self.free.pop().unwrap_or(self.table.len());
        match self.table.get_mut(place) {
            Some(slot) => *slot = Some(span),
            None => self.table.push(Some(span)),
        }
        // Ids start at 1.
        Id::from_non_zero_u64(NonZeroU64::MIN.saturating_add(place as u64))
    }

    /// A span that is still held.
    pub(super) fn get_mut(&mut self, id: &Id) -> Option<&mut Span> {
        self.table.get_mut(place(id))?.as_mut()
    }

    /// One more holder.
    pub(super) fn hold(&mut self, id: &Id) {
        if let Some(span) = self.get_mut(id) {
            span.handles += 1;
        }
    }

    /// Removes a holder. With the last holder the span is dropped, and releases its parent. True when it was
    /// dropped.
    pub(super) fn release(&mut self, id: &Id) -> bool {
        let mut went = false;
        let mut next = Some(id.clone());
        while let Some(id) = next.take() {
            let Some(slot) = self.table.get_mut(place(&id)) else {
                break;
            };
            let Some(span) = slot else { break };
            span.handles = span.handles.saturating_sub(1);
            if span.handles == 0 {
                next = span.parent.take();
                *slot = None;
                self.free.push(place(&id));
                went = true;
            }
        }
        went
    }

    /// Enters a span. Returns how many are entered then.
    pub(super) fn enter(&mut self, id: &Id) -> usize {
        self.entered.push(id.clone());
        self.entered.len()
    }

    /// Leaves a span, not always the one entered last. Returns how many are entered then.
    pub(super) fn exit(&mut self, id: &Id) -> usize {
        if let Some(place) = self.entered.iter().rposition(|entered| entered == id) {
            self.entered.remove(place);
        }
        self.entered.len()
    }

    /// The span entered last.
    pub(super) fn current(&self) -> Option<&Id> {
        self.entered.last()
    }

    /// A span and those around it, innermost first.
    pub(super) fn ancestors(&self, id: Option<&Id>) -> Vec<&Span> {
        let mut spans = Vec::new();
        let mut next = id;
        while let Some(span) =
            next.and_then(|id| self.table.get(place(id)).and_then(|slot| slot.as_ref()))
        {
            spans.push(span);
            next = span.parent.as_ref();
        }
        spans
    }
}

/// Where a span is in the table.
fn place(id: &Id) -> usize {
    usize::try_from(id.into_u64() - 1).unwrap_or(usize::MAX)
}
