//! Our own lines that hide contact data, and numbers that are none.

use std::{fmt::Write as _, fs, path::Path};

use innerworld_language::pii::find;
use serde_json::Value;

/// Shares that the lines in `tests/pii/obfuscated.json` must keep.
const RECALL: f64 = 0.95;
const MOST_TAKEN: usize = 2;

fn lines() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pii/obfuscated.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn texts(lines: &Value, key: &str) -> Vec<Value> {
    lines[key].as_array().unwrap().clone()
}

/// Whether every letter and digit of `known` lies in a span.
fn is_masked(text: &str, known: &str) -> bool {
    let spans = find(text);
    let start = text.find(known).unwrap_or_default();
    known
        .char_indices()
        .filter(|(_, letter)| letter.is_alphanumeric())
        .all(|(at, _)| {
            spans
                .iter()
                .any(|span| (span.start..span.end).contains(&(start + at)))
        })
}

#[test]
fn hidden_contact_data_is_found() {
    let (mut known, mut masked, mut missed) = (0_u32, 0_u32, String::new());
    for line in texts(&lines(), "lines") {
        let text = line["text"].as_str().unwrap();
        for span in line["spans"].as_array().unwrap() {
            known += 1;
            if is_masked(text, span["text"].as_str().unwrap()) {
                masked += 1;
            } else {
                writeln!(missed, "{} {text:?}", line["family"]).unwrap();
            }
        }
    }
    assert!(known >= 200, "{known} spans");
    let recall = f64::from(masked) / f64::from(known);
    assert!(recall >= RECALL, "{masked} of {known}, missed:\n{missed}");
}

#[test]
fn numbers_that_are_no_contact_data_stay() {
    let lines = texts(&lines(), "decoys");
    let taken: Vec<&str> = lines
        .iter()
        .filter_map(Value::as_str)
        .filter(|text| !find(text).is_empty())
        .collect();
    assert!(lines.len() >= 100, "{} lines", lines.len());
    assert!(taken.len() <= MOST_TAKEN, "{taken:#?}");
}
