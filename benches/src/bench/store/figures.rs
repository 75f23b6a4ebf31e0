//! The figures of `bench store`, and what they must be.

use serde_json::{Value, json};

use super::super::{machine::Sync, quantile::median};
use crate::report;

/// One round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) saturated_per_s: f64,
    pub(super) paced_per_s: f64,
    pub(super) checkpoints_per_s: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) p999_ms: f64,
    pub(super) kib_per_message: f64,
}

/// The whole run.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) machine: Value,
    pub(super) before: Sync,
    pub(super) after: Sync,
    pub(super) rounds: Vec<Round>,
}

/// A figure: its name, how it is read, what it must be quiet and busy, what was measured when the
/// layout was chosen (embedded-storage.md 3, 7 and 8).
struct Row {
    name: &'static str,
    key: &'static str,
    of: fn(&Round) -> f64,
    quiet: Demand,
    busy: Demand,
    measured: &'static str,
}

/// What a figure must be.
#[derive(Clone, Copy)]
enum Demand {
    AtLeast(f64),
    AtMost(f64),
    None,
}

const ROWS: &[Row] = &[
    Row {
        name: "saturated, messages/s",
        key: "saturated_per_s",
        of: |round| round.saturated_per_s,
        quiet: Demand::AtLeast(30_000.0),
        busy: Demand::AtLeast(3_000.0),
        measured: "46,000",
    },
    Row {
        name: "2,000/s offered: acknowledged/s",
        key: "paced_per_s",
        of: |round| round.paced_per_s,
        quiet: Demand::AtLeast(1_990.0),
        busy: Demand::AtLeast(1_990.0),
        measured: "2,000",
    },
    Row {
        name: "  answers stored meanwhile/s",
        key: "checkpoints_per_s",
        of: |round| round.checkpoints_per_s,
        quiet: Demand::None,
        busy: Demand::None,
        measured: "-",
    },
    Row {
        name: "  p50, ms",
        key: "ack_p50_ms",
        of: |round| round.p50_ms,
        quiet: Demand::AtMost(0.5),
        busy: Demand::None,
        measured: "0.32-0.33",
    },
    Row {
        name: "  p99, ms",
        key: "ack_p99_ms",
        of: |round| round.p99_ms,
        quiet: Demand::AtMost(5.0),
        busy: Demand::AtMost(100.0),
        measured: "4.1-4.3",
    },
    Row {
        name: "  p99.9, ms",
        key: "ack_p999_ms",
        of: |round| round.p999_ms,
        quiet: Demand::AtMost(25.0),
        busy: Demand::None,
        measured: "7-25",
    },
    Row {
        name: "  KiB written per message",
        key: "kib_per_message",
        of: |round| round.kib_per_message,
        quiet: Demand::AtMost(24.0),
        busy: Demand::None,
        measured: "15",
    },
];

impl Demand {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
            Self::None => true,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(least) => format!(">= {least}"),
            Self::AtMost(most) => format!("<= {most}"),
            Self::None => "-".to_owned(),
        }
    }
}

impl Figures {
    fn is_quiet(&self) -> bool {
        self.before.is_quiet() && self.after.is_quiet()
    }

    fn state(&self) -> &'static str {
        if self.is_quiet() { "quiet" } else { "busy" }
    }

    fn demand(&self, row: &Row) -> Demand {
        if self.is_quiet() { row.quiet } else { row.busy }
    }

    fn median(&self, row: &Row) -> f64 {
        median(self.rounds.iter().map(row.of))
    }

    /// Demands of this state of the disk that do not hold.
    pub(super) fn failures(&self) -> Vec<String> {
        let failed = ROWS
            .iter()
            .filter(|row| !self.demand(row).holds(self.median(row)));
        failed
            .map(|row| {
                let (name, demand) = (row.name.trim(), self.demand(row).text());
                format!("{name}: {:.2}, must be {demand}", self.median(row))
            })
            .collect()
    }

    /// The table for people.
    pub(super) fn print(&self) {
        report::say(&format!(
            "bench store, disk {}: fdatasync p50 {:.2} / p99 {:.2} ms before, {:.2} / {:.2} after",
            self.state(),
            self.before.p50_ms,
            self.before.p99_ms,
            self.after.p50_ms,
            self.after.p99_ms
        ));
        report::say(&format!(
            "  {:34}{:>10}{:>10}{:>10}{:>12}  {}",
            "", "round 1", "round 2", "round 3", "must be", "when chosen, quiet"
        ));
        for row in ROWS {
            let rounds = self
                .rounds
                .iter()
                .map(|round| format!("{:>10.2}", (row.of)(round)));
            let rounds = rounds.collect::<Vec<_>>().concat();
            let demand = self.demand(row).text();
            report::say(&format!(
                "  {:34}{rounds}{demand:>12}  {}",
                row.name, row.measured
            ));
        }
    }

    /// The object for tools: medians, then every round.
    pub(super) fn json(&self) -> Value {
        let of = |read: &dyn Fn(&Row) -> f64| -> Value {
            let pairs = ROWS
                .iter()
                .map(|row| (row.key.to_owned(), Value::from(read(row))));
            pairs.collect::<serde_json::Map<String, Value>>().into()
        };
        let rounds: Vec<Value> = self
            .rounds
            .iter()
            .map(|round| of(&|row: &Row| (row.of)(round)))
            .collect();
        let mut figures = of(&|row: &Row| self.median(row));
        let more = json!({
            "bench": "store",
            "machine": self.machine,
            "state": self.state(),
            "fdatasync_before": self.before.json(),
            "fdatasync_after": self.after.json(),
            "rounds": rounds,
            "ok": self.failures().is_empty(),
        });
        if let (Some(figures), Value::Object(more)) = (figures.as_object_mut(), more) {
            figures.extend(more);
        }
        figures
    }
}
