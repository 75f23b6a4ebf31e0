//! Figures of the local tier as Markdown.

use std::fmt::Write as _;

use innerworld_language::safety::{Measure, Share, Truth, Verdicts};

/// A section with the figures of a set.
pub(super) fn markdown(title: &str, measure: &Measure) -> String {
    let mut text = format!(
        "## {title}\n\n{} messages; {}. Intervals are 95 % (Wilson).\n\n| messages | n | trigger | second look | either |\n|---|---|---|---|---|\n",
        measure.messages, measure.version
    );
    for (label, verdicts) in &measure.labels {
        row(&mut text, label_name(*label), verdicts);
    }
    let kinds = [
        ("risk, explicit", &measure.explicit),
        ("risk, implicit", &measure.implicit),
    ];
    for (name, verdicts) in kinds {
        if let Some(verdicts) = verdicts {
            row(&mut text, name, verdicts);
        }
    }
    for (category, verdicts) in &measure.categories {
        row(&mut text, &format!("risk, {category}"), verdicts);
    }
    text.push('\n');
    if let Some(rows) = &measure.thirty_in_a_row {
        line(
            &mut text,
            "thirty harmless messages in a row with a trigger",
            rows,
        );
    }
    if let Some(sessions) = &measure.sessions {
        for (name, share) in [
            (
                "sessions with danger, something found before the last third",
                &sessions.found_before_last_third,
            ),
            ("sessions with danger, something found", &sessions.found),
            (
                "sessions without danger, a trigger",
                &sessions.false_trigger,
            ),
            (
                "sessions without danger, a second look",
                &sessions.false_escalate,
            ),
        ] {
            line(&mut text, name, share);
        }
    }
    text.push('\n');
    text
}

const fn label_name(label: Truth) -> &'static str {
    match label {
        Truth::Risk => "risk",
        Truth::Benign => "benign",
    }
}

fn row(text: &mut String, name: &str, verdicts: &Verdicts) {
    let _infallible = writeln!(
        text,
        "| {name} | {} | {} | {} | {} |",
        verdicts.either.of,
        verdicts.trigger.percent(),
        verdicts.escalate.percent(),
        verdicts.either.percent()
    );
}

fn line(text: &mut String, name: &str, share: &Share) {
    let _infallible = writeln!(
        text,
        "- {name}: {} of {} ({})",
        share.count,
        share.of,
        share.percent()
    );
}
