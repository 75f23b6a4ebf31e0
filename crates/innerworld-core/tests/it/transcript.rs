//! Sessions as files: the forms of a time, what may be absent, the order of days in a zone.

use innerworld_core::memory::transcript::{BadTranscript, LINES, Setting, Transcript};

const CHICAGO: Setting<'_> = Setting {
    date: jiff::civil::date(2026, 5, 8),
    zone: "America/Chicago",
};

fn times(lines: &str) -> Vec<String> {
    let json = format!("{{\"lines\": [{lines}]}}");
    let transcript = Transcript::of_json(&json, &CHICAGO).unwrap();
    let lines = transcript.lines.iter();
    lines.map(|line| line.said_at.to_rfc3339()).collect()
}

#[test]
fn a_time_has_three_forms_and_may_be_absent() {
    let line = |at: &str| format!(r#"{{"speaker": "teen", "text": "a", "at": {at}}}"#);
    let forms = [
        (r#""16:05""#, "2026-05-08T21:05:00Z"),
        (r#""16:05:30""#, "2026-05-08T21:05:30Z"),
        (r#""2026-05-09T00:10""#, "2026-05-09T05:10:00Z"),
        (r#""2026-05-09 00:10""#, "2026-05-09T05:10:00Z"),
        (r#""2026-05-08T21:05:00Z""#, "2026-05-08T21:05:00Z"),
        (r#""2026-05-08T16:05:00-05:00""#, "2026-05-08T21:05:00Z"),
        ("null", "2026-05-08T17:00:00Z"),
    ];
    for (at, instant) in forms {
        assert_eq!(times(&line(at)), [instant], "{at}");
    }
    let absent = r#"{"speaker": "teen", "text": "a"}"#;
    assert_eq!(
        times(&format!("{absent}, {absent}")),
        ["2026-05-08T17:00:00Z", "2026-05-08T17:01:00Z"]
    );
}

#[test]
fn the_session_says_more_than_the_setting() {
    let json = r#"{"date": "2026-01-02T09:00:00Z", "zone": "Europe/Paris", "gold": {},
        "lines": [{"id": 7, "speaker": "persona", "text": "a"}, {"speaker": "teen", "text": "b"}]}"#;
    let transcript = Transcript::of_json(json, &CHICAGO).unwrap();
    assert_eq!(transcript.date, jiff::civil::date(2026, 1, 2));
    assert_eq!(transcript.zone, "Europe/Paris");
    let ids: Vec<&str> = transcript
        .lines
        .iter()
        .map(|line| line.id.as_str())
        .collect();
    assert_eq!(ids, ["7", "L2"]);
}

#[test]
fn a_text_at_the_limit_is_read_and_one_line_more_is_not() {
    let text = "a\n".repeat(LINES);
    let read = Transcript::of_text(&text, &CHICAGO).unwrap();
    assert_eq!(read.lines.len(), LINES);
    let refused = Transcript::of_text(&format!("{text}a"), &CHICAGO);
    assert_eq!(refused, Err(BadTranscript::Lines));
}

#[test]
fn what_was_said_is_in_no_debug_text() {
    let transcript = Transcript::of_text("maya told me", &CHICAGO).unwrap();
    assert!(!format!("{transcript:?}").contains("maya"));
}
