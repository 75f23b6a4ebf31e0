//! The figures, beside what they must be (aws.md 9).

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::recorder::Written;
use crate::{
    bench::quantile::{Times, median, number},
    report,
};

const MB: f64 = 1e6;
/// Most CPU of conversation-handler for a message.
const HANDLER_CPU_MS: f64 = 2.0;
/// Most write units of a turn.
const UNITS: f64 = 21.0;
/// Most posts of the reference reply, whose 80 tokens come over 1,600 ms: 2, and 1 for each 200 ms.
const POSTS: f64 = 10.0;

/// What a kind of function may take.
#[derive(Clone, Copy)]
pub(super) struct Must {
    /// 95 of 100 starts.
    pub(super) start_ms: f64,
    /// Resident, after the start and after an event.
    pub(super) resident_mb: f64,
    /// Its zip.
    pub(super) zip_mb: f64,
}

impl Must {
    /// By what a function carries of language.
    pub(super) fn of(function: &str) -> Self {
        let (start_ms, resident_mb, zip_mb) = match function {
            "conversation-handler" => (90.0, 70.0, 8.0),
            "turn-worker" => (120.0, 90.0, 14.0),
            "session-processor" => (250.0, 160.0, 24.0),
            _ => (80.0, 60.0, 6.0),
        };
        Self {
            start_ms,
            resident_mb,
            zip_mb,
        }
    }
}

/// One function by itself.
pub(super) struct Function {
    pub(super) name: String,
    /// From the start to the first question for an event: half, and 95 of 100.
    pub(super) start_ms: [f64; 2],
    /// CPU of half of the starts.
    pub(super) start_cpu_us: u64,
    /// Bytes after the start, the most of all.
    pub(super) resident: u64,
    /// And after one event.
    pub(super) after_an_event: u64,
    /// How that event ended, or where it came from.
    pub(super) event: &'static str,
    /// Bytes of the zip, by processor; the one that was measured first.
    pub(super) zips: Vec<(String, u64)>,
}

impl Function {
    pub(super) fn resident_mb(&self) -> [f64; 2] {
        [self.resident, self.after_an_event].map(|bytes| number(bytes) / MB)
    }

    pub(super) fn zips_mb(&self) -> Vec<f64> {
        let zips = self.zips.iter();
        zips.map(|(_, bytes)| number(*bytes) / MB).collect()
    }

    /// What is not as it must be.
    pub(super) fn misses(&self) -> Vec<String> {
        let must = Must::of(&self.name);
        let [_, start] = self.start_ms;
        let resident = self.resident_mb().into_iter().fold(0.0, f64::max);
        let zip = self.zips_mb().into_iter().fold(0.0, f64::max);
        let judged = [
            ("start p95", start, must.start_ms, "ms"),
            ("resident", resident, must.resident_mb, "MB"),
            ("zip", zip, must.zip_mb, "MB"),
        ];
        let missed = judged.into_iter().filter(|(_, is, most, _)| is > most);
        missed
            .map(|(what, is, most, unit)| format!("{what} {is:.1} {unit}, at most {most} {unit}"))
            .collect()
    }
}

/// One message and its answer.
pub(super) struct Turn {
    /// Whether an instance was started for it.
    pub(super) started: bool,
    pub(super) accepted_after: Duration,
    pub(super) first_after: Duration,
    /// From the first post of the answer to the last.
    pub(super) stream: Duration,
    /// Posts of the answer.
    pub(super) posts: u32,
    pub(super) handler_cpu_us: u64,
    pub(super) worker_cpu_us: u64,
    /// What conversation-handler wrote.
    pub(super) handler: Written,
    /// What turn-worker wrote.
    pub(super) worker: Written,
}

impl Turn {
    fn units(&self) -> f64 {
        self.handler.units + self.worker.units
    }
}

/// A talk through the functions.
pub(super) struct Talk {
    pub(super) turns: Vec<Turn>,
    /// Bytes of each function's instance after the first messages.
    pub(super) resident: BTreeMap<String, u64>,
}

/// A figure of the talk: what, how much, what it must be, whether it is.
pub(super) struct Line {
    pub(super) what: &'static str,
    pub(super) is: String,
    pub(super) must: String,
    pub(super) met: Option<bool>,
}

impl Talk {
    /// The figures, those that are judged first.
    pub(super) fn lines(&self) -> Vec<Line> {
        let cpu = self.half(|turn| number(turn.handler_cpu_us) / 1e3);
        let units = self.mean(Turn::units);
        let most_units = self.most(Turn::units);
        let posts = self.most(|turn| f64::from(turn.posts));
        let stream = self.half(|turn| turn.stream.as_secs_f64() * 1e3);
        let judged = |what, is, must: &str, met| Line {
            what,
            is,
            must: must.to_owned(),
            met: Some(met),
        };
        let beside = |what, is| Line {
            what,
            is,
            must: String::new(),
            met: None,
        };
        let [accepted, accepted_most] = self.times(|turn| turn.accepted_after);
        let [first, first_most] = self.times(|turn| turn.first_after);
        let worker_cpu = self.half(|turn| number(turn.worker_cpu_us) / 1e3);
        let handler_units = self.half(|turn| turn.handler.units);
        let worker_units = self.half(|turn| turn.worker.units);
        let refused = self.turns.iter();
        let refused: u32 = refused
            .map(|turn| turn.handler.refused + turn.worker.refused)
            .sum();
        vec![
            judged(
                "CPU of conversation-handler for a message, half",
                format!("{cpu:.2} ms"),
                "at most 2 ms",
                cpu <= HANDLER_CPU_MS,
            ),
            judged(
                "write units of a turn, mean",
                format!("{units:.1}"),
                "at most 21",
                units <= UNITS,
            ),
            judged(
                "posts of an answer, most",
                format!("{posts:.0}, the answer being posted over {stream:.0} ms (half)"),
                "at most 10 for the reference reply of 1,600 ms",
                posts <= POSTS,
            ),
            beside(
                "write units of conversation-handler / turn-worker, half",
                format!("{handler_units:.0} / {worker_units:.0}"),
            ),
            beside(
                "write units of a turn, most: the day's time is charged every 15 seconds",
                format!("{most_units:.0}"),
            ),
            beside("writes whose condition failed", refused.to_string()),
            beside(
                "CPU of turn-worker for an answer, half",
                format!("{worker_cpu:.2} ms"),
            ),
            beside(
                "from the message to `accepted`, half / 95 %",
                format!("{accepted:.1} / {accepted_most:.1} ms"),
            ),
            beside(
                "from the message to the answer's first post, half / 95 %",
                format!("{first:.1} / {first_most:.1} ms"),
            ),
        ]
    }

    /// Units of each turn by function, operation and table.
    fn operations(&self) -> Value {
        let turns = self.turns.iter().map(|turn| {
            json!({
                "conversation-handler": turn.handler.by_operation,
                "turn-worker": turn.worker.by_operation,
            })
        });
        turns.collect()
    }

    fn half(&self, of: impl Fn(&Turn) -> f64) -> f64 {
        median(self.turns.iter().map(of))
    }

    fn mean(&self, of: impl Fn(&Turn) -> f64) -> f64 {
        let all: f64 = self.turns.iter().map(of).sum();
        all / f64::from(u32::try_from(self.turns.len()).unwrap_or(u32::MAX))
    }

    fn most(&self, of: impl Fn(&Turn) -> f64) -> f64 {
        self.turns.iter().map(of).fold(f64::NEG_INFINITY, f64::max)
    }

    fn times(&self, of: impl Fn(&Turn) -> Duration) -> [f64; 2] {
        let mut times = Times::default();
        for turn in &self.turns {
            times.add(of(turn));
        }
        times.quantiles_ms([0.5, 0.95])
    }
}

/// All of a run.
pub(super) struct Figures {
    pub(super) machine: Value,
    pub(super) starts: u32,
    pub(super) functions: Vec<Function>,
    pub(super) talk: Talk,
}

impl Figures {
    /// For people.
    pub(super) fn print(&self) {
        for function in &self.functions {
            let ([half, most], [started, after]) = (function.start_ms, function.resident_mb());
            let zips = function.zips.iter().zip(function.zips_mb());
            let zips: Vec<String> = zips
                .map(|((processor, _), mb)| format!("{processor} {mb:.2} MB"))
                .collect();
            report::say(&format!(
                "{:26} start {half:.1} / {most:.1} ms ({:.1} ms CPU), resident {started:.1} / {after:.1} MB \
                 ({}), zip {}",
                function.name,
                number(function.start_cpu_us) / 1e3,
                function.event,
                zips.join(", ")
            ));
        }
        for line in self.talk.lines() {
            report::say(&format!("{}: {} {}", line.what, line.is, line.must));
        }
    }

    /// For tools.
    pub(super) fn json(&self) -> Value {
        let functions = self.functions.iter().map(|function| {
            json!({
                "name": function.name, "start_ms": function.start_ms,
                "start_cpu_us": function.start_cpu_us, "resident": function.resident,
                "after_an_event": function.after_an_event, "event": function.event,
                "zips": function.zips, "misses": function.misses(),
            })
        });
        let talk = self.talk.lines().into_iter().map(
            |line| json!({"what": line.what, "is": line.is, "must": line.must, "met": line.met}),
        );
        json!({
            "machine": self.machine, "starts": self.starts,
            "functions": functions.collect::<Vec<_>>(),
            "messages": self.talk.turns.len(), "talk": talk.collect::<Vec<_>>(),
            "units": self.talk.operations(),
        })
    }

    /// What is not as it must be.
    pub(super) fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for function in &self.functions {
            let misses = function.misses().into_iter();
            failures.extend(misses.map(|miss| format!("{}: {miss}", function.name)));
        }
        let missed = self.talk.lines().into_iter();
        let missed = missed.filter(|line| line.met == Some(false));
        failures.extend(missed.map(|line| format!("{}: {}", line.what, line.is)));
        failures
    }
}
