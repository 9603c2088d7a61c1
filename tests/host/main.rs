//! The host, driven with real guests.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/remote.rs"]
mod remote_engine;

mod arguments;
mod bounds;
mod bytes;
mod capabilities;
mod changes;
mod channels;
mod children;
mod committed;
mod contract;
mod earlier_contract;
mod embedding;
mod entry_points;
mod exits;
mod extension;
mod family;
mod features;
mod files;
mod handles;
mod hostile;
mod kept_ends;
mod limits;
mod limits_family;
mod limits_host;
mod limits_time;
mod limits_wasm;
mod listener;
mod loading;
mod log_streams;
mod logs;
mod logs_own;
mod metrics;
mod metrics_own;
mod names;
mod native;
mod net;
mod observers;
mod reload;
mod remote;
mod room;
mod scale;
mod sdk_buffered;
mod sdk_carried;
mod sdk_given_up;
mod sdk_rpc;
mod sdk_rpc_ends;
mod sdk_supervisor;
mod sdk_tasks;
mod sdk_trace;
mod sdk_types;
mod sdk_waits;
mod sinks;
mod start;
mod stop;
mod stop_reads;
mod supervised;
mod supervision;
mod supervision_ends;
mod transform;
mod traps;
mod usage;
mod waits;
