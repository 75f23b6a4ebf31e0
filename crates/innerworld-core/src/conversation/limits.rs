//! Limits of a connection and of a session, with their defaults (protocol.md), and the token
//! bucket that enforces rates.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Every limit of the real-time side. Operators may change them; clients are told in `welcome`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Frames a second from one connection.
    pub frames_per_s: u32,
    /// Frames that may come at once.
    pub frames_burst: u32,
    /// Messages that may come at once.
    pub messages_burst: u32,
    /// Messages a minute.
    pub messages_per_min: u32,
    /// Protocol errors a minute before the connection is closed.
    pub protocol_errors_per_min: u32,
    /// Handshakes a minute of one teen.
    pub handshakes_per_teen_min: u32,
    /// Handshakes a minute from one address.
    pub handshakes_per_ip_min: u32,
    /// Sockets in all.
    pub connections: u32,
    /// Connections from one address, sockets included.
    pub connections_per_address: u32,
    /// Requests over HTTP a minute from one address.
    pub requests_per_address_min: u32,
    /// How long a TLS handshake may take, and the head of a request.
    pub request_head: Duration,
    /// Persona choices a session.
    pub persona_changes: u8,
    /// How long an opened socket may stay without `hello`.
    pub hello_timeout: Duration,
    /// How often a client should send `ping`.
    pub heartbeat: Duration,
    /// Default time between deltas.
    pub rollup: Duration,
    /// A write without progress for this long ends the connection.
    pub write_timeout: Duration,
    /// How long a running turn goes on without anybody listening.
    pub detached_grace: Duration,
    /// How long a session lives without a connection and without a running turn.
    pub idle_end: Duration,
    /// Seconds of talk a day.
    pub daily: Duration,
    /// How often a running answer is stored.
    pub checkpoint_every: Duration,
    /// And after how many bytes at the latest.
    pub checkpoint_bytes: usize,
    /// How long a session's rows live at most.
    pub session_life: Duration,
    /// Events that a session's log keeps.
    pub log_events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frames_per_s: 20,
            frames_burst: 40,
            messages_burst: 5,
            messages_per_min: 30,
            protocol_errors_per_min: 3,
            handshakes_per_teen_min: 10,
            handshakes_per_ip_min: 30,
            connections: 100_000,
            connections_per_address: 2_000,
            requests_per_address_min: 1_200,
            request_head: Duration::from_secs(15),
            persona_changes: 4,
            hello_timeout: Duration::from_secs(10),
            heartbeat: Duration::from_secs(25),
            rollup: Duration::from_millis(40),
            write_timeout: Duration::from_secs(10),
            detached_grace: Duration::from_secs(60),
            idle_end: Duration::from_secs(600),
            daily: Duration::from_secs(1_200),
            checkpoint_every: Duration::from_millis(500),
            checkpoint_bytes: 2_048,
            session_life: Duration::from_secs(24 * 3_600),
            log_events: 1_024,
        }
    }
}

/// A token bucket over wall-clock time. A clock that jumps back refills nothing.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Bucket {
    tokens: f32,
    at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn full(burst: u32, now: Timestamp) -> Self {
        Self {
            tokens: to_f32(burst),
            at: now,
        }
    }

    /// Whether nothing was taken that has not come back.
    pub fn is_full(&self, burst: u32, per_minute: u32, now: Timestamp) -> bool {
        let mut after = *self;
        after.take(burst, per_minute, now).is_ok() && after.tokens >= to_f32(burst) - 1.0
    }

    /// Takes one token, or says how long to wait for it.
    pub fn take(&mut self, burst: u32, per_minute: u32, now: Timestamp) -> Result<(), Duration> {
        let per_ms = to_f32(per_minute.max(1)) / 60_000.0;
        let passed = u32::try_from(now.since(self.at).as_millis()).unwrap_or(u32::MAX);
        self.tokens = (self.tokens + to_f32(passed) * per_ms).min(to_f32(burst));
        self.at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let missing_ms = ((1.0 - self.tokens) / per_ms).ceil();
        Err(Duration::from_secs_f32(
            (missing_ms / 1_000.0).clamp(0.001, 60.0),
        ))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts far below 2^24, or clamped by the burst"
)]
fn to_f32(count: u32) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn burst_then_one_every_two_seconds() {
        let at = Timestamp::from_millis;
        let mut bucket = Bucket::full(5, at(0));
        for _ in 0..5 {
            assert!(bucket.take(5, 30, at(0)).is_ok());
        }
        let wait = bucket.take(5, 30, at(0)).unwrap_err();
        assert!(wait > Duration::from_millis(1_990) && wait < Duration::from_millis(2_010));
        assert!(bucket.take(5, 30, at(1_900)).is_err());
        assert!(bucket.take(5, 30, at(2_001)).is_ok());
    }

    #[test]
    fn a_clock_that_jumps_back_refills_nothing() {
        let at = Timestamp::from_millis;
        let mut bucket = Bucket::full(1, at(1_000_000));
        assert!(bucket.take(1, 30, at(1_000_000)).is_ok());
        assert!(bucket.take(1, 30, at(0)).is_err());
        assert!(bucket.take(1, 30, at(100)).is_err());
    }
}
