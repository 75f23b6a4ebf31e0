//! Stage `threats`: the attacks that the design names, T1 to T17. A test belongs to the threat that
//! its name begins with, `t04_...`; a threat without a test fails the stage.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::Value;

use crate::{
    process::{Counts, count, output, say},
    venv,
};

/// The tests of this stage, in nextest's language: the last part of their path says so.
pub(super) const FILTER: &str = "test(/(^|::)t[0-9][0-9]_[^:]*$/)";

/// Threats of the design's table, with what each is.
const THREATS: [&str; 17] = [
    "stolen or forged token",
    "cross-site socket, token in a URL",
    "replay and duplicates",
    "slow readers, floods, huge frames",
    "cost drain",
    "reading another teen's memory",
    "injection and poisoned memory",
    "injection into queries",
    "leaks through logs",
    "secrets in environment and image",
    "requests to inner addresses",
    "enumeration, guessing, mail bombing",
    "evasion of the safety tier",
    "a persona that is talked into it",
    "failure of the safety tier",
    "operator, stolen disk or backup",
    "supply chain",
];

/// Runs the tests of every threat and tells how many each has.
pub(super) fn stage(cases: u32) -> anyhow::Result<Counts> {
    let listed = output(
        venv::tool("cargo-nextest")?
            .args(["nextest", "list", "--workspace", "--message-format", "json"])
            .args(super::EVERYTHING)
            .args(["--filterset", FILTER]),
    )?;
    let tests = matching(&serde_json::from_str(&listed).context("not a list of tests")?);
    let mut counts = count(super::nextest(cases)?.args(["--filterset", FILTER]))?;
    // Those that the filter leaves out are run by stage `core`.
    counts.skipped = 0;
    let by_threat = by_threat(&tests);
    for (threat, what) in (1..).zip(THREATS) {
        let found = by_threat.get(&threat).copied().unwrap_or(0);
        say(&format!("T{threat:<2} {found:3} tests  {what}"));
        if found == 0 {
            say(&format!(
                "T{threat} has no test: name those of it t{threat:02}_..."
            ));
            counts.failed += 1;
        }
    }
    for (threat, _) in by_threat.range(THREATS.len() + 1..) {
        say(&format!(
            "there is no threat {threat}: name tests t{threat:02}_... otherwise"
        ));
        counts.failed += 1;
    }
    Ok(counts)
}

/// Paths of the listed tests that the filter let through.
fn matching(list: &Value) -> Vec<String> {
    let suites = list.get("rust-suites").and_then(Value::as_object);
    suites
        .into_iter()
        .flat_map(serde_json::Map::values)
        .filter_map(|suite| suite.get("testcases")?.as_object())
        .flatten()
        .filter(|(_, test)| {
            let status = test.pointer("/filter-match/status");
            status.and_then(Value::as_str) == Some("matches")
        })
        .map(|(path, _)| path.clone())
        .collect()
}

fn by_threat(tests: &[String]) -> BTreeMap<usize, u32> {
    let mut found = BTreeMap::new();
    for threat in tests.iter().filter_map(|path| threat_of(path)) {
        *found.entry(threat).or_default() += 1;
    }
    found
}

/// `4` of `sockets::t04_a_flood`.
fn threat_of(path: &str) -> Option<usize> {
    let name = path.rsplit("::").next()?;
    let (number, _) = name.strip_prefix('t')?.split_once('_')?;
    (number.len() == 2).then_some(number.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_test_belongs_to_the_threat_that_it_is_named_after() {
        assert_eq!(threat_of("sockets::t04_a_flood"), Some(4));
        assert_eq!(threat_of("t17_alone"), Some(17));
        assert_eq!(threat_of("t04_module::another"), None);
        assert_eq!(threat_of("sockets::t4_short"), None);
        assert_eq!(threat_of("sockets::the_40_flood"), None);
    }

    #[test]
    fn only_what_the_filter_let_through_counts() {
        let status = |status| json!({"ignored": false, "filter-match": {"status": status}});
        let list = json!({"test-count": 3, "rust-suites": {
            "one::it": {"testcases": {"a::t01_x": status("matches"), "b": status("mismatch")}},
            "two::it": {"testcases": {"t01_y": status("matches"), "t02_z": status("matches")}},
        }});
        let found = by_threat(&matching(&list));
        assert_eq!(found, BTreeMap::from([(1, 2), (2, 1)]));
    }
}
