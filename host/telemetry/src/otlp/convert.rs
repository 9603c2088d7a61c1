//! Log entries as OTLP records, and entries that stand for spans as OTLP spans.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};
use weft_host::log::{
    LogEntry, LogResource, SPAN_DURATION, SPAN_EVENT, SPAN_KIND, SPAN_OF_SERVER, SPAN_PARENT,
    SPAN_START,
};
use weft_host::name::{HostName, ProcessId};

/// The severities of OTLP; 0 stands for an unknown one.
const SEVERITIES: std::ops::RangeInclusive<u8> = 1..=24;

/// Something to send, with the process and the scope it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Item<T> {
    pub(super) process: LogResource,
    pub(super) scope: String,
    pub(super) thing: T,
}

/// An entry, converted.
#[derive(Debug)]
pub(super) enum Entry {
    Record(Item<LogRecord>),
    Span(Item<Span>),
}

/// Converts an entry for sending. A guest may have written any times and numbers; values that make no sense are left
/// out. The host sets the time of observation.
pub(super) fn entry(entry: LogEntry) -> Entry {
    if entry.event_name.as_deref() == Some(SPAN_EVENT)
        && let Some(thing) = span(&entry)
    {
        return Entry::Span(Item {
            process: entry.resource,
            scope: entry.instrumentation_scope.name,
            thing,
        });
    }
    let severity = Some(entry.severity_number).filter(|number| SEVERITIES.contains(number));
    Entry::Record(Item {
        process: entry.resource,
        scope: entry.instrumentation_scope.name,
        thing: LogRecord {
            time_unix_nano: entry.timestamp.parse().unwrap_or_default(),
            observed_time_unix_nano: nanoseconds(SystemTime::now()),
            severity_number: severity.unwrap_or_default().into(),
            severity_text: entry.severity_text,
            body: Some(text(entry.body)),
            attributes: attributes(entry.attributes),
            flags: entry.trace_flags.unwrap_or_default().into(),
            trace_id: id(entry.trace_id.as_deref(), 16),
            span_id: id(entry.span_id.as_deref(), 8),
            event_name: entry.event_name.unwrap_or_default(),
            ..LogRecord::default()
        },
    })
}

/// None for an entry that claims to be a span and lacks a required field. A guest may write one.
fn span(entry: &LogEntry) -> Option<Span> {
    let mut fields = entry.attributes.clone();
    let start: u64 = fields.remove(SPAN_START)?.parse().ok()?;
    let duration: u64 = fields.remove(SPAN_DURATION)?.parse().ok()?;
    let parent = fields.remove(SPAN_PARENT);
    let kind = match fields.remove(SPAN_KIND).as_deref() {
        Some(SPAN_OF_SERVER) => SpanKind::Server,
        _ => SpanKind::Internal,
    };
    let trace_id = id(entry.trace_id.as_deref(), 16);
    let span_id = id(entry.span_id.as_deref(), 8);
    let whole = !trace_id.is_empty() && !span_id.is_empty();
    whole.then(|| Span {
        trace_id,
        span_id,
        parent_span_id: id(parent.as_deref(), 8),
        flags: entry.trace_flags.unwrap_or_default().into(),
        name: entry.body.clone(),
        kind: kind.into(),
        start_time_unix_nano: start,
        end_time_unix_nano: start.saturating_add(duration),
        attributes: attributes(fields),
        ..Span::default()
    })
}

/// A batch of records, grouped by process and in order.
pub(super) fn logs(batch: Vec<Item<LogRecord>>, host: &HostName) -> Vec<ResourceLogs> {
    let group = |(process, scopes): Group<LogRecord>| ResourceLogs {
        resource: Some(process),
        scope_logs: scopes
            .into_iter()
            .map(|(name, log_records)| ScopeLogs {
                scope: Some(scope(name)),
                log_records,
                ..ScopeLogs::default()
            })
            .collect(),
        ..ResourceLogs::default()
    };
    grouped(batch, host).into_iter().map(group).collect()
}

/// A batch of spans, grouped by process and in order.
pub(super) fn spans(batch: Vec<Item<Span>>, host: &HostName) -> Vec<ResourceSpans> {
    let group = |(process, scopes): Group<Span>| ResourceSpans {
        resource: Some(process),
        scope_spans: scopes
            .into_iter()
            .map(|(name, spans)| ScopeSpans {
                scope: Some(scope(name)),
                spans,
                ..ScopeSpans::default()
            })
            .collect(),
        ..ResourceSpans::default()
    };
    grouped(batch, host).into_iter().map(group).collect()
}

/// The items of one process, in order. A scope appears again if another one came in between.
type Scopes<T> = Vec<(String, Vec<T>)>;
type Group<T> = (Resource, Scopes<T>);

fn grouped<T>(batch: Vec<Item<T>>, host: &HostName) -> Vec<Group<T>> {
    let mut groups: BTreeMap<(u64, String), Scopes<T>> = BTreeMap::new();
    for item in batch {
        let process = (item.process.process_id, item.process.service_name);
        let scopes = groups.entry(process).or_default();
        match scopes.last_mut() {
            Some((scope, things)) if *scope == item.scope => things.push(item.thing),
            _ => scopes.push((item.scope, vec![item.thing])),
        }
    }
    let groups = groups.into_iter();
    groups
        .map(|((process_id, service_name), scopes)| {
            let process = LogResource {
                service_name,
                process_id,
            };
            (resource(process, host), scopes)
        })
        .collect()
}

/// The runner itself: loads and metrics belong to it. No process has its id.
pub(super) fn runner() -> LogResource {
    LogResource {
        service_name: "weft".to_owned(),
        process_id: 0,
    }
}

/// A process of this host as an OTLP resource. A collector of many hosts tells processes apart by the instance.
pub(super) fn resource(process: LogResource, host: &HostName) -> Resource {
    let id = process.process_id;
    let mut attributes = vec![attribute("service.name", process.service_name)];
    if id != 0 {
        attributes.push(number("weft.process.id", id));
    }
    let instance = match id {
        0 => host.to_string(),
        id => ProcessId {
            host: host.clone(),
            id,
        }
        .to_string(),
    };
    attributes.push(attribute("service.instance.id", instance));
    Resource {
        attributes,
        ..Resource::default()
    }
}

pub(super) fn scope(name: String) -> InstrumentationScope {
    InstrumentationScope {
        name,
        ..InstrumentationScope::default()
    }
}

pub(super) fn attribute(key: &str, value: String) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(text(value)),
        ..KeyValue::default()
    }
}

pub(super) fn number(key: &str, value: u64) -> KeyValue {
    let value = Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX));
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn attributes(fields: BTreeMap<String, String>) -> Vec<KeyValue> {
    let fields = fields.into_iter();
    fields.map(|(key, value)| attribute(&key, value)).collect()
}

fn text(text: String) -> AnyValue {
    AnyValue {
        value: Some(Value::StringValue(text)),
    }
}

/// The bytes of a hex id of this length; empty for anything else.
fn id(text: Option<&str>, bytes: usize) -> Vec<u8> {
    let Some(text) = text.filter(|text| text.len() == 2 * bytes) else {
        return Vec::new();
    };
    match u128::from_str_radix(text, 16) {
        Ok(id) if id != 0 => id.to_be_bytes().into_iter().skip(16 - bytes).collect(),
        _ => Vec::new(),
    }
}

/// Nanoseconds since 1970.
pub(super) fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
