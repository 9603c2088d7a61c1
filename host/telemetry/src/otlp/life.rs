//! Spans for the lives of processes and the loads of components, with a child span for each phase.
//!
//! These are traces of their own. A guest's spans belong to the guest's traces.

use super::convert::{self, Item, attribute, nanoseconds, number};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::{Span, Status, status::StatusCode};
use std::time::SystemTime;
use weft_host::{
    ExitStatus, Process, component::LoadedComponent, log::LogResource, metrics::PhaseTime,
};

/// The scope of these spans.
const SCOPE: &str = "weft";

/// The span of a process that has just ended, with its start phases.
pub(super) fn of_process(process: &Process, status: &ExitStatus) -> Vec<Item<Span>> {
    let phases = process.start_phases();
    let began = phases.first().map_or(process.started(), |it| it.began);
    let failed = !status.is_success();
    let mut attributes = vec![
        attribute("weft.component", process.component().to_owned()),
        attribute("weft.status", status.to_string()),
    ];
    attributes.extend(process.starter().map(|id| number("weft.starter.id", id)));
    let root = Span {
        name: format!("process {}", process.name()),
        start_time_unix_nano: nanoseconds(began),
        end_time_unix_nano: nanoseconds(SystemTime::now()),
        attributes,
        status: failed.then(|| Status {
            message: status.to_string(),
            code: StatusCode::Error.into(),
        }),
        ..Span::default()
    };
    tree(&process.resource(), root, &phases)
}

/// The span of a component's load, with its phases.
pub(super) fn of_load(component: &LoadedComponent) -> Vec<Item<Span>> {
    let phases = component.load_phases();
    let (Some(first), Some(last)) = (phases.first(), phases.last()) else {
        return Vec::new();
    };
    let root = Span {
        name: format!("load {}", component.name()),
        start_time_unix_nano: nanoseconds(first.began),
        end_time_unix_nano: nanoseconds(last.began + last.took),
        attributes: vec![attribute("weft.component", component.name().to_owned())],
        ..Span::default()
    };
    tree(&convert::runner(), root, phases)
}

/// A root span with a child for each phase, all with ids; empty if the system has no random numbers.
fn tree(resource: &LogResource, root: Span, phases: &[PhaseTime]) -> Vec<Item<Span>> {
    let Some([high, low, root_id]) = ids::<3>() else {
        return Vec::new();
    };
    let trace_id = [high, low].concat();
    let children = phases.iter().filter_map(|phase| {
        let [span_id] = ids()?;
        Some(Span {
            trace_id: trace_id.clone(),
            span_id: span_id.to_vec(),
            parent_span_id: root_id.to_vec(),
            name: phase.name.to_owned(),
            kind: SpanKind::Internal.into(),
            start_time_unix_nano: nanoseconds(phase.began),
            end_time_unix_nano: nanoseconds(phase.began + phase.took),
            ..Span::default()
        })
    });
    let root = Span {
        trace_id: trace_id.clone(),
        span_id: root_id.to_vec(),
        kind: SpanKind::Internal.into(),
        ..root
    };
    let all = std::iter::once(root).chain(children);
    all.map(|thing| Item {
        process: resource.clone(),
        scope: SCOPE.to_owned(),
        thing,
    })
    .collect()
}

/// Random ids, never zero: zero means no id.
fn ids<const N: usize>() -> Option<[[u8; 8]; N]> {
    let mut ids = [[0; 8]; N];
    for id in &mut ids {
        *id = getrandom::u64().ok()?.max(1).to_be_bytes();
    }
    Some(ids)
}
