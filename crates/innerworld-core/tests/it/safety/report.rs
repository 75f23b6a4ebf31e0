//! The yearly report: its sums, and that nothing in it came from anybody.

use innerworld_core::safety::{
    Category, SafetyCount,
    report::{Query, Report, TIERS},
    screen::OutputClass,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::life::shipped;

fn count(day: &str, jurisdiction: &str, action: &str) -> SafetyCount {
    SafetyCount {
        day: day.to_owned(),
        jurisdiction: jurisdiction.to_owned(),
        category: Some(Category::Ideation),
        tier: "phrase".to_owned(),
        action: action.to_owned(),
        detector_version: "phrases-1+scorer-2".to_owned(),
        resources_version: "2026-11-25+3f9c".to_owned(),
    }
}

const ALL: Query<'_> = Query {
    year: 2026,
    jurisdiction: None,
    exact: true,
};

fn report(counts: &[(SafetyCount, u64)], query: Query<'_>) -> Value {
    serde_json::to_value(Report::of(counts, query, &shipped())).unwrap()
}

#[test]
fn a_notice_is_a_crisis_or_a_question_of_the_year_and_the_place() {
    let counts = [
        (count("2025-12-31", "US-CA", "crisis"), 100),
        (count("2026-01-01", "US-CA", "crisis"), 7),
        (count("2026-12-31", "US-CA", "ask"), 6),
        (count("2026-06-01", "US", "crisis"), 3),
        (count("2026-06-01", "USX", "crisis"), 11),
        (count("2026-06-01", "US-CA", "soft"), 50),
        (count("2026-06-01", "US-CA", "output_block"), 2),
        (count("2027-01-01", "US-CA", "ask"), 100),
    ];
    let california = Query {
        jurisdiction: Some("US-CA"),
        ..ALL
    };
    let told = report(&counts, california);
    assert_eq!(told["referral_notices"], 13);
    assert_eq!(
        told["total"],
        json!({"crisis": 7, "ask": 6, "soft": 50, "output_block": 2})
    );
    let states = Query {
        jurisdiction: Some("US"),
        ..ALL
    };
    assert_eq!(report(&counts, states)["referral_notices"], 16);
    assert_eq!(report(&counts, ALL)["referral_notices"], 27);
    let versions = &told["versions"];
    assert_eq!(
        versions,
        &json!([{"detector": "phrases-1+scorer-2", "resources": "2026-11-25+3f9c",
            "from": "2026-01-01", "to": "2026-12-31"}])
    );
}

#[test]
fn counts_below_five_are_not_told_apart() {
    for n in 0..5 {
        let counts = [(count("2026-06-01", "US", "crisis"), n)];
        let shared = Query {
            exact: false,
            ..ALL
        };
        let told = report(&counts, shared);
        assert_eq!(told["referral_notices"], "<5");
        assert_eq!(told["rows"][0]["crisis"], "<5");
        assert_eq!(report(&counts, ALL)["referral_notices"], n);
    }
    let counts = [(count("2026-06-01", "US", "crisis"), 5)];
    let shared = Query {
        exact: false,
        ..ALL
    };
    assert_eq!(report(&counts, shared)["referral_notices"], 5);
}

/// Every text of a value, with its path.
fn texts(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((path.to_owned(), text.clone())),
        Value::Array(list) => list
            .iter()
            .for_each(|value| texts(&format!("{path}[]"), value, found)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| texts(&format!("{path}.{name}"), value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The form of the report: the only texts that it has, and what each may be.
fn is_of_the_form(path: &str, text: &str) -> bool {
    let categories = Category::ALL.map(Category::name);
    match path {
        ".report" => text == "innerworld-referrals/1",
        ".jurisdiction" => text == "all",
        ".rows[].category" => categories.contains(&text) || text == "none",
        ".rows[].tier" => {
            let classes = OutputClass::ALL.map(OutputClass::name);
            TIERS.contains(&text) || classes.contains(&text) || text == "other"
        }
        ".versions[].detector" | ".versions[].resources" => {
            let plain = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
            text.len() <= 64 && text.chars().all(plain)
        }
        ".versions[].from" | ".versions[].to" => text
            .parse::<jiff::civil::Date>()
            .is_ok_and(|day| day.to_string() == text),
        ".protocol.title" | ".protocol.summary" => !text.is_empty(),
        ".protocol.version" => text == shipped().protocol_version,
        _ => text == "<5",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(200)))]

    #[test]
    fn nothing_that_a_counter_may_hold_gets_in_but_numbers_and_known_names(
        fields in prop::collection::vec((".{0,40}", ".{0,40}", ".{0,80}", 0_u64..100), 0..6),
        day in "2026-0[1-9]-1[0-9].{0,12}",
        exact in any::<bool>(),
    ) {
        let counts: Vec<_> = fields
            .into_iter()
            .map(|(tier, action, version, n)| {
                let mut count = count(&day, &action, &action);
                count.tier = tier;
                count.detector_version.clone_from(&version);
                count.resources_version = version;
                (count, n)
            })
            .collect();
        let mut found = Vec::new();
        texts("", &report(&counts, Query { exact, ..ALL }), &mut found);
        for (path, text) in found {
            prop_assert!(is_of_the_form(&path, &text), "{path}: {text:?}");
        }
    }
}
