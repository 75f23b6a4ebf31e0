//! Figures of the local tier as Markdown.

use std::fmt::Write as _;

use innerworld_language::safety::{Measure, Sessions, Truth, Verdicts};

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
    let thirty = measure.thirty_in_a_row.iter();
    let thirty = thirty.map(|share| ("thirty harmless messages in a row: a trigger", share));
    let sessions = measure.sessions.iter().flat_map(Sessions::rows);
    for (name, share) in thirty.chain(sessions) {
        let _infallible = writeln!(text, "- {name}: {}", share.told());
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
