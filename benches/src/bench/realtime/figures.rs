//! The figures of `bench realtime`, as tables for people and as an object for tools.

use serde_json::{Map, Value, json};

use super::{
    super::{
        machine::Sync,
        quantile::{median, range},
    },
    measures::{COMPARED, Compared, MEASURES, Row},
    peers::Kind,
    process::Cores,
};
use crate::report;

/// What the run was made with.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) machine: Value,
    pub(super) sync: Sync,
    pub(super) cores: Cores,
    pub(super) node: String,
    pub(super) idle: u32,
    pub(super) busy: u32,
    pub(super) seconds: u64,
    pub(super) rounds: u32,
}

/// The whole run.
#[derive(Debug)]
pub(super) struct Figures {
    setting: Setting,
    rows: Vec<(Kind, Row)>,
}

impl Figures {
    pub(super) const fn new(setting: Setting) -> Self {
        Self {
            setting,
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

    fn compared(&self, compared: &Compared) -> impl Iterator<Item = f64> {
        let pairs = self.of(Kind::InnerWorld).zip(self.of(Kind::TunedEcho));
        let of = compared.of;
        pairs.map(move |(own, bare)| of(own, bare))
    }

    /// Demands that do not hold.
    pub(super) fn failures(&self) -> Vec<String> {
        let judge = |compared: &Compared| {
            let most = compared.most?;
            let value = median(self.compared(compared));
            // Not a number is no pass.
            (value > most || value.is_nan())
                .then(|| format!("{}: {value:.2}, must be at most {most}", compared.name))
        };
        COMPARED.iter().filter_map(judge).collect()
    }

    /// The tables for people: medians of the rounds, and between which values they lie.
    pub(super) fn print(&self) {
        self.head();
        let heading: String = Kind::ALL
            .map(|kind| format!("{:>27}", kind.name()))
            .concat();
        report::say(&format!("  {:22}{heading}", ""));
        for (_, name, read) in MEASURES {
            let cells = Kind::ALL.map(|kind| {
                let values = || self.of(kind).map(read);
                format!("{:>27}", interval(median(values()), range(values())))
            });
            report::say(&format!("  {name:22}{}", cells.concat()));
        }
        report::say("");
        let rows = COMPARED.iter().map(|compared| {
            let values = || self.compared(compared);
            let text = interval(median(values()), range(values()));
            let most = compared.most.map(|most| format!(", at most {most}"));
            (compared.name, text + &most.unwrap_or_default())
        });
        report::table(&rows.collect::<Vec<_>>());
    }

    fn head(&self) {
        let Setting {
            machine,
            sync,
            cores,
            node,
            idle,
            busy,
            seconds,
            rounds,
        } = &self.setting;
        let word = |key: &str| {
            machine
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or("?")
                .to_owned()
        };
        report::say(&format!(
            "bench realtime, {}: {} cores of {}, Linux {}, load {} at the start, Node {node}, \
             fdatasync {:.2} ms (p99 {:.2})",
            word("date"),
            machine.get("cores").unwrap_or(&Value::Null),
            word("cpu"),
            word("kernel"),
            word("load"),
            sync.p50_ms,
            sync.p99_ms,
        ));
        report::say(&format!(
            "Server on core {}, generator on core {}; {rounds} interleaved rounds: median (least to \
             greatest).",
            cores.server, cores.generator
        ));
        report::say(&format!(
            "Memory: growth of the server's VmRSS over {idle} connections (InnerWorld: token \
             checked, session open). CPU: utime + stime of the server for each answer, {busy} \
             connections that ask and wait, {seconds} s; the generator is another process. Latency: \
             50 connections, 10 questions a second each, from the instant a question was due."
        ));
        report::say(
            "A message is 200 bytes: an echo says it back; InnerWorld screens, seals, stores and \
             acknowledges it.",
        );
    }

    /// The object for tools.
    pub(super) fn json(&self) -> Value {
        let setting = &self.setting;
        let mut found: Map<String, Value> = COMPARED
            .iter()
            .map(|compared| {
                (
                    compared.key.to_owned(),
                    median(self.compared(compared)).into(),
                )
            })
            .collect();
        let intervals: Map<String, Value> = COMPARED
            .iter()
            .map(|compared| {
                (
                    compared.key.to_owned(),
                    range(self.compared(compared)).into(),
                )
            })
            .collect();
        let servers: Map<String, Value> = Kind::ALL
            .into_iter()
            .map(|kind| {
                let rounds: Vec<Value> = self.of(kind).map(row_json).collect();
                (kind.key().to_owned(), rounds.into())
            })
            .collect();
        let about = json!({
            "bench": "realtime",
            "machine": setting.machine,
            "node": setting.node,
            "fdatasync": setting.sync.json(),
            "server_core": setting.cores.server,
            "generator_core": setting.cores.generator,
            "connections_idle": setting.idle,
            "connections_busy": setting.busy,
            "seconds": setting.seconds,
            "rounds": setting.rounds,
            "intervals": intervals,
            "servers": servers,
            "ok": self.failures().is_empty(),
        });
        if let Value::Object(about) = about {
            found.extend(about);
        }
        found.into()
    }
}

fn interval(middle: f64, [least, most]: [f64; 2]) -> String {
    let digits = if middle.abs() >= 1_000.0 { 0 } else { 2 };
    format!("{middle:.digits$} ({least:.digits$} to {most:.digits$})")
}

fn row_json(row: &Row) -> Value {
    let pairs = MEASURES
        .iter()
        .map(|(key, _, read)| ((*key).to_owned(), Value::from(read(row))));
    pairs.collect::<Map<String, Value>>().into()
}
