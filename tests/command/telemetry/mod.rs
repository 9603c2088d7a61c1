//! `--metrics` and `--otlp`: what those see who watch from outside.
//!
//! ```text
//! telemetry/endpoint    --metrics, asked by a client of its own
//! telemetry/exposition  a strict reader of Prometheus text
//! telemetry/guests      what guests count themselves, by both
//! telemetry/otlp        --otlp, sent to a receiver
//! telemetry/receiver    a collector that keeps what it gets
//! telemetry/away        --otlp to receivers that are down, silent or refuse
//! ```

mod away;
mod endpoint;
pub mod exposition;
mod guests;
mod otlp;
pub mod receiver;
