//! What `terraform test -json` tells, line by line.

use serde::Deserialize;
use serde_json::Value;

/// A line of it; only what is looked at.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    test_run: Option<Run>,
    #[serde(default)]
    diagnostic: Option<Diagnostic>,
    #[serde(default)]
    test_plan: Option<Value>,
    #[serde(default)]
    test_summary: Option<Ended>,
}

#[derive(Debug, Deserialize)]
struct Run {
    run: String,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Diagnostic {
    severity: String,
    summary: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    range: Option<Range>,
}

#[derive(Debug, Deserialize)]
struct Range {
    filename: String,
    start: Start,
}

#[derive(Debug, Deserialize)]
struct Start {
    line: u32,
}

/// Of the end; that it is there says that the run was not cut off.
#[derive(Debug, Deserialize)]
struct Ended {}

/// What a test run told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Runs that passed.
    pub(super) passed: u32,
    /// Runs that did not, by name.
    pub(super) failed: Vec<String>,
    /// Runs that were not tried, by name.
    pub(super) skipped: Vec<String>,
    /// Errors, with their places.
    pub(super) errors: Vec<String>,
    /// Plans, if they were asked for.
    pub(super) plans: Vec<Value>,
    /// Whether it came to its end.
    pub(super) ended: bool,
}

impl Told {
    /// Reads the whole output; lines that are no JSON are errors that came before anything ran.
    pub(super) fn read(output: &str) -> Self {
        let mut told = Self::default();
        for line in output.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str::<Line>(line) {
                Ok(line) => told.add(line),
                Err(_) => told.errors.push(line.to_owned()),
            }
        }
        told
    }

    fn add(&mut self, line: Line) {
        if let Some(run) = line.test_run {
            match run.status.as_deref() {
                Some("pass") => self.passed += 1,
                Some("fail" | "error") => self.failed.push(run.run),
                Some("skip") => self.skipped.push(run.run),
                _ => {}
            }
        }
        if let Some(found) = line.diagnostic.filter(|found| found.severity == "error") {
            self.errors.push(found.shown());
        }
        self.plans.extend(line.test_plan);
        self.ended |= line.test_summary.is_some();
    }
}

impl Diagnostic {
    fn shown(&self) -> String {
        let place = self.range.as_ref().map_or(String::new(), |range| {
            format!("{}:{}: ", range.filename, range.start.line)
        });
        let detail = self.detail.trim();
        format!("{place}{}: {detail}", self.summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_errors_and_plans_are_told_apart() {
        let told = Told::read(concat!(
            "{\"type\":\"test_run\",\"test_run\":{\"run\":\"a\",\"progress\":\"starting\"}}\n",
            "{\"type\":\"test_run\",\"test_run\":{\"run\":\"a\",\"progress\":\"complete\",\"status\":\"pass\"}}\n",
            "{\"type\":\"test_run\",\"test_run\":{\"run\":\"b\",\"status\":\"fail\"}}\n",
            "{\"type\":\"test_run\",\"test_run\":{\"run\":\"c\",\"status\":\"skip\"}}\n",
            "{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\",\"summary\":\"Test assertion failed\",",
            "\"detail\":\"no key\",\"range\":{\"filename\":\"tests/a.tftest.hcl\",\"start\":{\"line\":7}}}}\n",
            "{\"type\":\"test_plan\",\"test_plan\":{\"plan_format_version\":\"1.2\"}}\n",
        ));
        assert_eq!(
            (told.passed, told.failed.as_slice()),
            (1, &["b".to_owned()][..])
        );
        assert_eq!(told.skipped, ["c"]);
        assert_eq!(
            told.errors,
            ["tests/a.tftest.hcl:7: Test assertion failed: no key"]
        );
        assert_eq!(told.plans.len(), 1);
        assert!(!told.ended);
    }
}
