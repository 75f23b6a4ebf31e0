//! A policy that limits nothing.

use std::time::Duration;

use innerworld_core::conversation::limits::Limits;

/// Limits that nobody reaches: neither rates nor the time of a write that makes no progress.
pub fn no_limits() -> Limits {
    Limits {
        frames_per_s: u32::MAX / 60,
        frames_burst: u32::MAX,
        messages_burst: u32::MAX,
        messages_per_min: u32::MAX,
        protocol_errors_per_min: u32::MAX,
        handshakes_per_teen_min: u32::MAX,
        handshakes_per_ip_min: u32::MAX,
        connections: u32::MAX,
        connections_per_address: u32::MAX,
        requests_per_address_min: u32::MAX,
        write_timeout: Duration::from_secs(3_600),
        ..Limits::default()
    }
}
