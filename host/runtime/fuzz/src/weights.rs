//! Components with many items of one kind, or of two. Loading them takes at most the estimated memory and at most the host's budget, or
//! they are refused.
//!
//! The memory of a load is measured as the peak of this process's memory, which Linux records. So nothing else may run at the same time.

use crate::axes::{Axis, axes, component};
use crate::runtime;
use std::fs;
use std::sync::OnceLock;
use wac_graph::{CompositionGraph, EncodeOptions};
use wac_types::Package;
use weft_host::{
    Host, HostConfig,
    component::{LoadError, component_weight, verify_component},
};

/// Most bytes that loading or composing any component may take.
pub const MOST: u64 = 1 << 30;

/// Bytes that a load may take in addition to the estimate: what the compiler keeps for the next time, and what the allocator does not give
/// back.
const BESIDE: u64 = 32 << 20;

/// Most bytes of a component of one axis.
const LARGEST: usize = 8 << 20;

/// Bytes of input for each axis.
const PART: usize = 2;

/// Axes of one component.
const PARTS: usize = 2;

/// Builds the component that the bytes describe, two bytes for each axis: which axis, and how many items. Bytes that
/// are a component already are loaded as they are.
pub fn run(bytes: &[u8]) {
    if bytes.starts_with(b"\0asm") {
        println!("{}", load(bytes));
        return;
    }
    let all: Vec<&Axis> = axes().collect();
    let parts = bytes.chunks_exact(PART).take(PARTS);
    // Each step adds a quarter of the way to the double, up to 64,000.
    let count = |byte: u8| (1u32 << (byte / 4 % 16)) * (4 + u32::from(byte % 4)) / 4;
    let parts = parts.map(|part| {
        let axis = all[usize::from(part[0]) % all.len()];
        (axis, count(part[1]).min(axis.within(LARGEST)))
    });
    load(&component(parts));
}

/// Loads a component as each command does, and asserts the memory it takes. Returns the measurements.
pub fn load(bytes: &[u8]) -> String {
    let weight = component_weight("weighed", bytes);
    let components = host().components();
    let (inspected, taken) = measured(|| {
        let inspected = runtime().block_on(components.inspect("weighed", bytes.to_vec()));
        inspected.map(drop)
    });
    let (loaded, again) = measured(|| {
        let loaded = runtime().block_on(components.load("weighed", bytes.to_vec()));
        loaded.map(drop)
    });
    let taken = taken.max(again);
    match &weight {
        Ok(weight) => assert!(
            taken <= weight + BESIDE,
            "it weighs {} KB and took {} KB",
            weight >> 10,
            taken >> 10
        ),
        Err(_) => assert!(inspected.is_err() && loaded.is_err(), "{weight:?}"),
    }
    measured(|| compose(bytes));
    let outcome = match loaded {
        Ok(()) => "loaded".to_owned(),
        Err(LoadError::Interrupted { .. }) => panic!("it was interrupted"),
        Err(error) => error.to_string(),
    };
    let weight = weight.unwrap_or_default();
    format!(
        "weighs {} KB, took {} KB: {outcome}",
        weight >> 10,
        taken >> 10
    )
}

/// Runs `work`, and returns how many bytes the process's memory grew meanwhile.
fn measured<T>(work: impl FnOnce() -> T) -> (T, u64) {
    fs::write("/proc/self/clear_refs", "5").expect("the peak is set back");
    let before = peak();
    let outcome = work();
    // Only the growth: the allocator gives back little of the memory of earlier loads.
    let taken = peak().saturating_sub(before);
    assert!(taken < MOST, "it took {} MB", taken >> 20);
    (outcome, taken)
}

/// Composes the component with nothing, which still parses all of it.
fn compose(bytes: &[u8]) {
    if verify_component("weighed", bytes, u64::MAX).is_err() {
        return;
    }
    let mut graph = CompositionGraph::new();
    let package = Package::from_bytes("axes:weighed", None, bytes.to_vec(), graph.types_mut());
    if let Ok(package) = package
        && let Ok(package) = graph.register_package(package)
    {
        graph.instantiate(package);
        let _ = graph.encode(EncodeOptions::default());
    }
}

/// The peak memory of this process in bytes, since it was reset.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.expect("a number of kilobytes") << 10
}

fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let config = HostConfig::default().max_processes(1).cache_directory(None);
        let _inside = runtime().enter();
        Host::new(config).expect("a host")
    })
}
