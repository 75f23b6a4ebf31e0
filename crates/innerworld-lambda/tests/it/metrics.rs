//! Metrics in the embedded format.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use innerworld_core::clock::Timestamp;
use innerworld_lambda::metrics::{Dimension, Metrics, Unit};
use serde_json::{Value, json};

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[test]
fn one_line_that_cloudwatch_reads() {
    let paper = Paper::default();
    let metrics = Metrics::new("prod", paper.clone());
    let now = Timestamp::from_millis(1_764_000_000_123);
    let refused = ("handshakes_refused", Unit::Count);
    metrics.write(refused, 1, Dimension::Function("authorizer"), now);
    let text = paper.text();
    assert!(text.ends_with('\n') && text.lines().count() == 1);
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        line,
        json!({
            "_aws": {
                "Timestamp": 1_764_000_000_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "InnerWorld",
                    "Dimensions": [["Environment"], ["Environment", "Function"]],
                    "Metrics": [{"Name": "handshakes_refused", "Unit": "Count"}],
                }],
            },
            "Environment": "prod", "Function": "authorizer", "handshakes_refused": 1,
        })
    );
}

#[test]
fn each_dimension_has_its_name_and_an_empty_one_is_not_written() {
    let now = Timestamp::from_millis(0);
    for (of, name) in [
        (Dimension::Persona("mira"), "Persona"),
        (Dimension::Model("a/model"), "Model"),
        (Dimension::Purpose("chat"), "Purpose"),
    ] {
        let paper = Paper::default();
        let metrics = Metrics::new("prod", paper.clone());
        metrics.write(("took", Unit::Milliseconds), 7, of, now);
        let line: Value = serde_json::from_str(&paper.text()).unwrap();
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][1][1],
            name
        );
        assert!(line[name].is_string());
    }
    let paper = Paper::default();
    let metrics = Metrics::new("prod", paper.clone());
    metrics.write(("took", Unit::Count), 7, Dimension::Model(""), now);
    assert_eq!(paper.text(), "");
}
