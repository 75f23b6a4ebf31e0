//! What is measured of every server, and what InnerWorld must reach.

/// Most KiB of a connection that stands still.
const IDLE_KIB: f64 = 10.0;
/// Most times the CPU of the tuned echo: for a frame that is not stored, and for a durable message.
const PING_RATIO: f64 = 1.9;
const MESSAGE_RATIO: f64 = 8.0;

/// One server in one round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) idle_kib: f64,
    pub(super) used_kib: f64,
    pub(super) ping_us: f64,
    pub(super) message_us: f64,
    pub(super) messages_per_s: f64,
    pub(super) ping_p50_ms: f64,
    pub(super) ping_p99_ms: f64,
    pub(super) message_p50_ms: f64,
    pub(super) message_p99_ms: f64,
}

/// A figure of every server: its key, its name, how it is read.
pub(super) type Measure = (&'static str, &'static str, fn(&Row) -> f64);

pub(super) const MEASURES: &[Measure] = &[
    ("idle_kib", "KiB a connection", |row| row.idle_kib),
    ("used_kib", "KiB, each asked once", |row| row.used_kib),
    ("ping_us", "CPU us a ping", |row| row.ping_us),
    ("message_us", "CPU us a message", |row| row.message_us),
    ("messages_per_s", "messages/s, one core", |row| {
        row.messages_per_s
    }),
    ("ping_p50_ms", "ping p50 ms", |row| row.ping_p50_ms),
    ("ping_p99_ms", "ping p99 ms", |row| row.ping_p99_ms),
    ("message_p50_ms", "message p50 ms", |row| row.message_p50_ms),
    ("message_p99_ms", "message p99 ms", |row| row.message_p99_ms),
];

/// What is demanded or told beside it: InnerWorld against the tuned echo in the same round, where
/// the machine did the same to both.
pub(super) struct Compared {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) most: Option<f64>,
    pub(super) of: fn(&Row, &Row) -> f64,
}

pub(super) const COMPARED: &[Compared] = &[
    Compared {
        key: "kib_per_idle_connection",
        name: "KiB per idle connection",
        most: Some(IDLE_KIB),
        of: |own, _bare| own.idle_kib,
    },
    Compared {
        key: "ping_ratio",
        name: "CPU per ping, times tuned axum",
        most: Some(PING_RATIO),
        of: |own, bare| own.ping_us / bare.ping_us,
    },
    Compared {
        key: "message_ratio",
        name: "CPU per durable message, times tuned axum",
        most: Some(MESSAGE_RATIO),
        of: |own, bare| own.message_us / bare.message_us,
    },
    Compared {
        key: "added_ping_p99_ms",
        name: "added p99 of a ping, ms",
        most: None,
        of: |own, bare| own.ping_p99_ms - bare.ping_p99_ms,
    },
    Compared {
        key: "added_p50_ms",
        name: "added p50 of a durable message, ms",
        most: None,
        of: |own, bare| own.message_p50_ms - bare.message_p50_ms,
    },
    Compared {
        key: "added_p99_ms",
        name: "added p99 of a durable message, ms",
        most: None,
        of: |own, bare| own.message_p99_ms - bare.message_p99_ms,
    },
];
