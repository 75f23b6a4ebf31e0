//! The list of helpers: how old it may be, pairs, services that end.

use innerworld_core::{
    ids::EventId,
    safety::{
        Level,
        content::{AgeLimits, Area, Content, Files},
        frames::{FrameBook, Shape},
        rules::Variant,
    },
};
use jiff::{
    ToSpan as _,
    civil::{Date, date},
};
use serde_json::{Value, json};

const TODAY: Date = date(2026, 11, 26);

/// The shipped list after a change of each entry.
fn list(change: impl Fn(&str, &mut Value)) -> Content {
    let name = "resources.json";
    let mut list: Value = serde_json::from_str(Files::shipped().text(name).unwrap()).unwrap();
    for entry in list["resources"].as_array_mut().unwrap() {
        let id = entry["id"].as_str().unwrap().to_owned();
        change(&id, entry);
    }
    Content::load(&Files::shipped().with(name, list.to_string())).unwrap()
}

fn verified(days: i32) -> impl Fn(&str, &mut Value) {
    let day = TODAY.checked_sub(days.days()).unwrap();
    move |_id, entry| {
        entry["verified_on"] = json!(day.to_string());
        entry["verified_by"] = json!("A. Reviewer");
    }
}

/// The ids of a crisis frame in the United States.
fn shown(content: &Content, today: Date) -> Vec<String> {
    let book = FrameBook::build(content, today);
    let area = Area {
        country: "US",
        region: None,
    };
    let shape = Shape::Crisis(Variant::SelfHarm, Level::Risk);
    let frame = book.frame(area, "en", shape, EventId::from_bytes([1; 16]));
    let frame: Value = serde_json::from_str(&frame.json).unwrap();
    let entries = frame["resources"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn age_warns_from_180_days_and_refuses_from_400() {
    for (days, old, refused) in [
        (0, false, false),
        (179, false, false),
        (180, true, false),
        (399, true, false),
        (400, false, true),
    ] {
        let content = list(verified(days));
        let ages = content.resources.ages(TODAY, AgeLimits::default());
        assert_eq!(
            (!ages.old.is_empty(), !ages.refused.is_empty()),
            (old, refused),
            "{days}"
        );
        assert_eq!(ages.oldest_days, u32::try_from(days).unwrap());
        assert_eq!(
            (ages.may_start(false), ages.may_start(true)),
            (!refused, !refused)
        );
        // Whoever runs goes on showing them.
        assert!(shown(&content, TODAY).contains(&"us-988".to_owned()));
    }
    let limits = AgeLimits {
        warn_days: 10,
        refuse_days: 20,
    };
    let ages = list(verified(15)).resources.ages(TODAY, limits);
    assert!(!ages.old.is_empty() && ages.refused.is_empty());
}

#[test]
fn a_list_that_nobody_checked_is_for_development_only() {
    let ages = list(|_id, _entry| {})
        .resources
        .ages(TODAY, AgeLimits::default());
    assert!(ages.may_start(false) && !ages.may_start(true));
    let one = list(|id, entry| {
        verified(1)(id, entry);
        if id == "us-trevor" {
            entry["verified_on"] = Value::Null;
            entry["verified_by"] = Value::Null;
        }
    });
    let ages = one.resources.ages(TODAY, AgeLimits::default());
    assert_eq!(ages.unverified, ["us-trevor"]);
    assert!(!ages.may_start(true), "one is enough");
}

#[test]
fn a_service_is_dropped_on_the_day_it_ends() {
    let end = date(2026, 12, 1);
    let content = list(|id, entry| {
        if id == "us-trevor" {
            entry["expires_on"] = json!(end.to_string());
        }
    });
    let there = |today| shown(&content, today).contains(&"us-trevor".to_owned());
    assert!(there(end.yesterday().unwrap()));
    assert!(!there(end));
}

#[test]
fn paired_lines_are_shown_together_or_not_at_all() {
    let paired = |expires: Option<Date>| {
        list(move |id, entry| match id {
            "us-trevor" => {
                entry["pair"] = json!("us-crisis-text-line");
                entry["expires_on"] = json!(expires.map(|day| day.to_string()));
            }
            "us-crisis-text-line" => entry["pair"] = json!("us-trevor"),
            _ => {}
        })
    };
    let both = ["us-trevor", "us-crisis-text-line"];
    let count = |content: &Content| {
        let shown = shown(content, TODAY);
        both.iter()
            .filter(|id| shown.iter().any(|one| one == *id))
            .count()
    };
    assert_eq!(count(&paired(None)), 2);
    assert_eq!(count(&paired(Some(TODAY))), 0, "one of them has ended");
}

#[test]
fn a_pair_that_eight_entries_leave_no_room_for_is_left_out_as_a_whole() {
    let name = "resources.json";
    let mut all: Value = serde_json::from_str(Files::shipped().text(name).unwrap()).unwrap();
    let entries = all["resources"].as_array_mut().unwrap();
    let model = entries[0].clone();
    for number in 0..8 {
        let mut entry = model.clone();
        entry["id"] = json!(format!("more-{number}"));
        entry["pair"] = match number {
            4 => json!("more-7"),
            7 => json!("more-4"),
            _ => Value::Null,
        };
        entries.push(entry);
    }
    let content = Content::load(&Files::shipped().with(name, all.to_string())).unwrap();
    let shown = shown(&content, TODAY);
    assert!(shown.len() <= 8, "{shown:?}");
    let paired = shown
        .iter()
        .filter(|id| ["more-4", "more-7"].contains(&id.as_str()));
    assert_ne!(paired.count(), 1, "{shown:?}");
}
