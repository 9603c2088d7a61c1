//! The limits that a guest asks for a child.

use super::wit::{self, HostLimits};
use crate::limits::LimitRequest;
use std::time::Duration;

/// Both records are taken apart, so that no field of the contract is forgotten.
pub(super) fn limit_request(limits: wit::Limits, host_limits: HostLimits) -> LimitRequest {
    let wit::Limits {
        memory,
        table_elements,
        instances,
        handles,
        channels,
        channel_bytes,
        frame_bytes,
        handles_per_frame,
        hostcall_bytes,
        log_rate,
        children,
        spawn_depth,
        cpu_time_ms,
        fuel,
        wall_time_ms,
    } = limits;
    let HostLimits {
        host_bytes,
        open_files,
        disk_bytes,
    } = host_limits;
    LimitRequest {
        memory,
        table_elements,
        instances,
        handles,
        channels,
        channel_bytes,
        frame_bytes,
        handles_per_frame,
        hostcall_bytes,
        log_rate,
        children,
        spawn_depth,
        host_bytes,
        open_files,
        cpu_time: cpu_time_ms.map(Duration::from_millis),
        wall_time: wall_time_ms.map(Duration::from_millis),
        fuel,
        disk_bytes,
    }
}
