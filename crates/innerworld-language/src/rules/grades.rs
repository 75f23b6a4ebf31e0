//! Which year of school the teen is in.

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line,
    found::{Found, Item, Tie},
    rule::Rule,
};

/// Words of a grade, from the sixth.
const ORDINALS: [&str; 7] = [
    "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
];
/// Years of high school by their names, from the ninth grade.
const YEARS: [&str; 4] = ["freshman", "sophomore", "junior", "senior"];
/// Words of being by which the teen says it of themselves.
const BEING: &[&str] = &["i'm", "im", "am", "i’m"];

/// "i'm in 9th grade", "im a sophomore", "im in year 10", "im in grade 10".
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    found.by = Rule::Grades;
    let scan = &line.scan;
    let places: Vec<usize> = scan.real().collect();
    for at in places {
        let Some((name, end)) = grade(line, at).filter(|_| scan.sureness(at) >= 1.0) else {
            continue;
        };
        let stopped = scan.is_stopped(at);
        let tokens = at..end;
        let id = found.add(Item::new(NodeKind::Topic, name, tokens.clone(), 0.85));
        found.tie(Tie {
            kind: EdgeKind::RelatesTo,
            from: None,
            to: id,
            slot: "grade".to_owned(),
            polarity: if stopped {
                Polarity::Stopped
            } else {
                Polarity::Holds
            },
            when: line.when_in_clause(at),
            tokens,
            confidence: 0.85,
        });
    }
}

/// The name of the grade that begins at `at`, and where its words end.
fn grade(line: &Line<'_>, at: usize) -> Option<(String, usize)> {
    let scan = &line.scan;
    let word = scan.low(at);
    let before = |back| scan.before(at, back);
    if let Some(place) = YEARS.iter().position(|year| *year == word) {
        let mine = before(1) == "a" && (BEING.contains(&before(2)) || BEING.contains(&before(3)));
        return mine.then(|| (format!("{}th grade", place + 9), at + 1));
    }
    let mine = match (before(1), before(2)) {
        ("in", being) if BEING.contains(&being) => true,
        ("in", "not" | "now" | "still" | "already") => BEING.contains(&before(3)),
        ("into", "going" | "moving") | ("in", "going") | ("starting" | "started", _) => {
            scan.first_person_before(at).is_some()
        }
        _ => false,
    };
    if !mine {
        return None;
    }
    let next = scan.low(at + 1);
    let number = |text: &str| {
        text.parse::<u32>()
            .ok()
            .filter(|year| (6..=13).contains(year))
    };
    if word == "year" || word == "grade" {
        let name = |year: u32| match word {
            "year" => format!("year {year}"),
            _grade => format!("{year}th grade"),
        };
        return number(next).map(|year| (name(year), at + 2));
    }
    let counted = word
        .strip_suffix("th")
        .and_then(number)
        .map(|year| format!("{year}th"));
    let told = || {
        let place = ORDINALS.iter().position(|ordinal| *ordinal == word)?;
        Some(format!("{}th", place + 6))
    };
    let ordinal = counted.or_else(told).filter(|_| next == "grade")?;
    Some((format!("{ordinal} grade"), at + 2))
}
