//! Own metrics in `CloudWatch`'s embedded metric format: one line of JSON on standard output, no call.
//!
//! Dimensions are the environment and one more; never a teen, a session or a connection, each of
//! which would be a metric of its own.

use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};

use innerworld_core::clock::Timestamp;
use serde_json::{Map, Value, json};

const NAMESPACE: &str = "InnerWorld";
const ENVIRONMENT: &str = "Environment";

/// What a metric is of, beside its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension<'a> {
    /// A function, by its name in the map.
    Function(&'a str),
    /// A persona, by its id.
    Persona(&'a str),
    /// A model, by its name in the settings.
    Model(&'a str),
    /// What a model is asked for.
    Purpose(&'a str),
}

impl<'a> Dimension<'a> {
    const fn pair(self) -> (&'static str, &'a str) {
        match self {
            Self::Function(name) => ("Function", name),
            Self::Persona(name) => ("Persona", name),
            Self::Model(name) => ("Model", name),
            Self::Purpose(name) => ("Purpose", name),
        }
    }
}

/// Unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// So many.
    Count,
    /// So long.
    Milliseconds,
}

/// Writes metrics.
pub struct Metrics {
    environment: String,
    out: Mutex<Box<dyn Write + Send>>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics")
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

impl Metrics {
    /// Metrics of this environment, written to `out`.
    pub fn new(environment: &str, out: impl Write + Send + 'static) -> Self {
        Self {
            environment: environment.to_owned(),
            out: Mutex::new(Box::new(out)),
        }
    }

    /// Metrics on standard output, where Lambda looks for them.
    pub fn on_stdout(environment: &str) -> Self {
        Self::new(environment, std::io::stdout())
    }

    /// Counts one more of a function.
    pub fn count(&self, name: &'static str, function: &str, now: Timestamp) {
        let of = Dimension::Function(function);
        self.write((name, Unit::Count), 1, of, now);
    }

    /// Writes one value. It is found under the environment alone, as alarms ask, and under both
    /// dimensions. A name or a dimension without a value is not written.
    pub fn write(
        &self,
        (name, unit): (&'static str, Unit),
        value: u32,
        of: Dimension<'_>,
        now: Timestamp,
    ) {
        let (dimension, which) = of.pair();
        if which.is_empty() || self.environment.is_empty() {
            return;
        }
        let unit = match unit {
            Unit::Count => "Count",
            Unit::Milliseconds => "Milliseconds",
        };
        let about = json!({
            "Timestamp": now.as_millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [[ENVIRONMENT], [ENVIRONMENT, dimension]],
                "Metrics": [{"Name": name, "Unit": unit}],
            }],
        });
        let mut line = Map::new();
        line.insert("_aws".to_owned(), about);
        line.insert(
            ENVIRONMENT.to_owned(),
            Value::from(self.environment.as_str()),
        );
        line.insert(dimension.to_owned(), Value::from(which));
        line.insert(name.to_owned(), Value::from(value));
        let text = format!("{}\n", Value::Object(line));
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing can be done if standard output is gone. In one piece: lines never mix.
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .unwrap_or_default();
    }
}
