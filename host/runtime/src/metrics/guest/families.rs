//! The guests' own metrics of all processes, by metric: their part of the snapshot.
//!
//! Formats give a metric one kind and one unit. When processes disagree, the oldest is right, and the series of the others are left out.
//! When there is too much, each process gets an equal share, so that none crowds the others out. What is left out is counted, and the
//! log of its process says so once.
//!
//! Invariant: the families are at most as many bytes, by [`Series::bytes`], as the caller takes.

use super::{GuestValue, Instrument, Series};
use crate::process::Process;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One metric of guests.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestFamily {
    /// What is measured, as the oldest process has it. Others may have another description and other bounds.
    pub instrument: Arc<Instrument>,
    /// The series, by the age of their processes.
    pub points: Vec<GuestPoint>,
}

/// One series of one process.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestPoint {
    /// The id of the process.
    pub id: u64,
    /// Its friendly name.
    pub process: String,
    /// The name of its component.
    pub component: String,
    /// The guest's labels, by name. None is called `process`, `id`, `component` or `le`.
    pub labels: Vec<(String, String)>,
    /// The value.
    pub value: GuestValue,
}

/// All metrics.
#[derive(Debug)]
pub(in crate::metrics) struct Families {
    pub(in crate::metrics) families: Vec<GuestFamily>,
    /// Series that are not among them.
    pub(in crate::metrics) left_out: u64,
}

/// What one process has.
struct Own<'a> {
    process: &'a Process,
    series: Vec<Arc<Series>>,
    /// Bytes of what stands for the process in each line.
    name: usize,
    bytes: usize,
}

/// The metrics of these processes, the oldest first, within so many bytes.
pub(in crate::metrics) fn families(processes: &[Process], most: usize) -> Families {
    let mut left_out = 0;
    let mut known: BTreeMap<String, Arc<Instrument>> = BTreeMap::new();
    let mut all = Vec::new();
    for process in processes {
        let mut series = process.shared.own_metrics.all().clone();
        if series.is_empty() {
            continue;
        }
        series.retain(|one| {
            let name = one.full_name();
            let first = known.entry(name.to_owned());
            let first = first.or_insert_with(|| one.instrument().clone());
            let own = one.instrument();
            let agree = (first.kind, &first.unit) == (own.kind, &own.unit);
            if !agree {
                left_out += 1;
                say(process, name, || disagreement(name));
            }
            agree
        });
        let name = process.name().len() + process.component().len();
        let bytes = series.iter().map(|one| one.bytes(name)).sum();
        all.push(Own {
            process,
            series,
            name,
            bytes,
        });
    }
    left_out += share(&mut all, most);
    let mut families: BTreeMap<&str, GuestFamily> = BTreeMap::new();
    for own in &all {
        for one in &own.series {
            let family = families.entry(one.full_name());
            let family = family.or_insert_with(|| GuestFamily {
                instrument: one.instrument().clone(),
                points: Vec::new(),
            });
            family.points.push(point(own.process, one));
        }
    }
    Families {
        families: families.into_values().collect(),
        left_out,
    }
}

fn point(process: &Process, series: &Series) -> GuestPoint {
    GuestPoint {
        id: process.id(),
        process: process.name().to_owned(),
        component: process.component().to_owned(),
        labels: series.labels().to_vec(),
        value: series.value(),
    }
}

/// Cuts each process to its share of these bytes; what small ones leave of theirs is for the others. Returns how many series are cut.
fn share(all: &mut [Own<'_>], most: usize) -> u64 {
    let mut by_size: Vec<_> = all.iter_mut().collect();
    by_size.sort_by_key(|own| own.bytes);
    let (mut room, mut waiting, mut cut) = (most, by_size.len(), 0);
    for own in by_size {
        let mut left = room.checked_div(waiting).unwrap_or(room);
        waiting -= 1;
        let before = own.series.len();
        let fit = own.series.iter().take_while(|one| {
            let rest = left.checked_sub(one.bytes(own.name));
            left = rest.unwrap_or(left);
            rest.is_some()
        });
        let fit = fit.count();
        own.series.truncate(fit);
        let used: usize = own.series.iter().map(|one| one.bytes(own.name)).sum();
        room -= used.min(room);
        if fit < before {
            cut += (before - fit) as u64;
            say(own.process, "*", || too_many(fit, before));
        }
    }
    cut
}

/// Says in the process's log, once, that a metric of it is left out.
fn say(process: &Process, metric: &str, text: impl FnOnce() -> String) {
    if process.shared.own_metrics.has_to_say(metric) {
        process.shared.log.note_left_out(metric, text());
    }
}

fn disagreement(name: &str) -> String {
    format!(
        "the metric `{name}` of this process is not shown: an older process has it with another kind or unit"
    )
}

fn too_many(shown: usize, there: usize) -> String {
    format!(
        "only {shown} of the {there} metric series of this process are shown: all processes together have too many"
    )
}
