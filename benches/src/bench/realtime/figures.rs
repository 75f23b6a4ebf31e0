//! The figures of `bench realtime`, and what they must be.

use serde_json::{Map, Value, json};

use super::{super::quantile::median, peers::Kind, process::Cores};
use crate::report;

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
    pub(super) message_us: f64,
    pub(super) ping_us: f64,
    pub(super) message_p50_ms: f64,
    pub(super) message_p99_ms: f64,
    pub(super) ping_p99_ms: f64,
}

/// A column: its key, its heading, how it is read.
type Column = (&'static str, &'static str, fn(&Row) -> f64);

const COLUMNS: &[Column] = &[
    ("idle_kib", "KiB idle", |row| row.idle_kib),
    ("used_kib", "KiB used", |row| row.used_kib),
    ("ping_us", "us/ping", |row| row.ping_us),
    ("message_us", "us/message", |row| row.message_us),
    ("ping_p99_ms", "ping p99 ms", |row| row.ping_p99_ms),
    ("message_p50_ms", "msg p50 ms", |row| row.message_p50_ms),
    ("message_p99_ms", "msg p99 ms", |row| row.message_p99_ms),
];

/// The whole run.
#[derive(Debug)]
pub(super) struct Figures {
    machine: Value,
    cores: Cores,
    rows: Vec<(Kind, Row)>,
}

/// What is demanded, as medians over the rounds.
struct Demands {
    idle_kib: f64,
    ping_ratio: f64,
    message_ratio: f64,
    added_p50_ms: f64,
    added_p99_ms: f64,
}

impl Figures {
    pub(super) const fn new(machine: Value, cores: Cores) -> Self {
        Self {
            machine,
            cores,
            rows: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, kind: Kind, row: Row) {
        self.rows.push((kind, row));
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(move |(of, _)| *of == kind)
            .map(|(_, row)| row)
    }

    fn demands(&self) -> Demands {
        let own = || self.of(Kind::InnerWorld);
        // Compared within a round, where the machine did the same.
        let pairs = || own().zip(self.of(Kind::TunedEcho));
        Demands {
            idle_kib: median(own().map(|row| row.idle_kib)),
            ping_ratio: median(pairs().map(|(own, bare)| own.ping_us / bare.ping_us)),
            message_ratio: median(pairs().map(|(own, bare)| own.message_us / bare.message_us)),
            added_p50_ms: median(
                pairs().map(|(own, bare)| own.message_p50_ms - bare.message_p50_ms),
            ),
            added_p99_ms: median(
                pairs().map(|(own, bare)| own.message_p99_ms - bare.message_p99_ms),
            ),
        }
    }

    /// Demands that do not hold.
    pub(super) fn failures(&self) -> Vec<String> {
        let demands = self.demands();
        let most = [
            ("KiB per idle connection", demands.idle_kib, IDLE_KIB),
            (
                "CPU per ping, times tuned axum",
                demands.ping_ratio,
                PING_RATIO,
            ),
            (
                "CPU per durable message, times tuned axum",
                demands.message_ratio,
                MESSAGE_RATIO,
            ),
        ];
        // Not a number is no pass.
        let failed = most.into_iter().filter(|(_, value, most)| !(value <= most));
        failed
            .map(|(name, value, most)| format!("{name}: {value:.2}, must be at most {most}"))
            .collect()
    }

    /// The table for people: medians of the rounds.
    pub(super) fn print(&self) {
        report::say(&format!(
            "bench realtime: server on core {}, generator on core {}; medians of {} rounds",
            self.cores.server,
            self.cores.generator,
            super::ROUNDS
        ));
        report::say(
            "(InnerWorld takes, screens, seals and stores messages and answers none: the turn \
             itself is not measured)",
        );
        let headings = COLUMNS.iter().map(|(_, name, _)| format!("{name:>13}"));
        let headings = headings.collect::<Vec<_>>().concat();
        report::say(&format!("  {:20}{headings}", ""));
        for kind in Kind::ALL {
            let value = |read: fn(&Row) -> f64| median(self.of(kind).map(read));
            let cells = COLUMNS
                .iter()
                .map(|(.., read)| format!("{:>13.2}", value(*read)));
            let cells = cells.collect::<Vec<_>>().concat();
            report::say(&format!("  {:20}{cells}", kind.name()));
        }
        let demands = self.demands();
        report::table(&[
            (
                "KiB per idle connection",
                format!("{:.2} (at most {IDLE_KIB})", demands.idle_kib),
            ),
            (
                "ping, times tuned axum",
                format!("{:.2} (at most {PING_RATIO})", demands.ping_ratio),
            ),
            (
                "durable message, times tuned axum",
                format!("{:.2} (at most {MESSAGE_RATIO})", demands.message_ratio),
            ),
            (
                "added p50 of a durable message, ms",
                format!("{:.2}", demands.added_p50_ms),
            ),
            (
                "added p99 of a durable message, ms",
                format!("{:.2}", demands.added_p99_ms),
            ),
        ]);
    }

    /// The object for tools.
    pub(super) fn json(&self) -> Value {
        let demands = self.demands();
        let servers: Map<String, Value> = Kind::ALL
            .into_iter()
            .map(|kind| {
                let rounds: Vec<Value> = self.of(kind).map(row_json).collect();
                (kind.key().to_owned(), rounds.into())
            })
            .collect();
        json!({
            "bench": "realtime",
            "machine": self.machine,
            "server_core": self.cores.server,
            "generator_core": self.cores.generator,
            "kib_per_idle_connection": demands.idle_kib,
            "ping_ratio": demands.ping_ratio,
            "message_ratio": demands.message_ratio,
            "added_p50_ms": demands.added_p50_ms,
            "added_p99_ms": demands.added_p99_ms,
            "servers": servers,
            "ok": self.failures().is_empty(),
        })
    }
}

fn row_json(row: &Row) -> Value {
    let pairs = COLUMNS
        .iter()
        .map(|(key, _, read)| ((*key).to_owned(), Value::from(read(row))));
    pairs.collect::<Map<String, Value>>().into()
}
