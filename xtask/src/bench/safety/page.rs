//! The scorecard as Markdown.

use std::fmt::Write as _;

use innerworld_language::safety::{Sessions, Share};
use serde_json::Value;

use super::Scorecard;
use crate::bench::page::{machine, today};

/// Rows of the blind table: what, where in an opening, the demand.
const BLIND: [(&str, &str, &str); 8] = [
    (
        "explicit: trigger or second look",
        "/single/explicit/either",
        "at least 98 %",
    ),
    (
        "implicit: trigger or second look",
        "/single/implicit/either",
        "at least 90 %",
    ),
    (
        "explicit: trigger alone",
        "/single/explicit/trigger",
        "at least 60 %",
    ),
    (
        "harmless messages that sound like more: trigger",
        "/single/labels/benign/trigger",
        "at most 1 %",
    ),
    (
        "harmless messages that sound like more: second look",
        "/single/labels/benign/escalate",
        "-",
    ),
    (
        "growing danger: something found before the last third",
        "/conversations/sessions/found_before_last_third",
        "at least 90 %",
    ),
    (
        "ordinary conversations: a trigger",
        "/conversations/sessions/false_trigger",
        "at most 1 %",
    ),
    (
        "ordinary conversations: a second look somewhere",
        "/conversations/sessions/false_escalate",
        "-",
    ),
];

/// A row of the table of demands that is measured here.
fn demand(text: &mut String, what: &str, figure: &str, wanted: &str) {
    let _infallible = writeln!(text, "| {what} | {figure} | {wanted} |");
}

fn per_thousand(share: &Share) -> String {
    format!(
        "{:.2} ({:.2}-{:.2})",
        share.share * 1e3,
        share.low * 1e3,
        share.high * 1e3
    )
}

impl Scorecard {
    pub(super) fn markdown(&self) -> String {
        let mut text = format!(
            "# Safety scorecard\n\n\
             Written by `cargo xtask bench safety ../shared/data/locomo-dev.json --write` on {}. {}\n\
             Detector: `{}`. Shares have their 95 % interval (Wilson) behind them.\n\n\
             This says how often the local tier notices *invented* messages, mostly English, written by language models. Nothing here was \
             checked by a clinician or with teens, and it says nothing about whether the help that is shown helps.\n\n",
            today(),
            machine(),
            self.version
        );
        self.invented(&mut text);
        self.ordinary(&mut text);
        self.blind(&mut text);
        self.rest(&mut text);
        if let Some(section) = &self.crisis {
            text.push('\n');
            text.push_str(section);
        }
        self.output.markdown(&mut text);
        text
    }

    /// Messages of the development half.
    fn invented(&self, text: &mut String) {
        text.push_str(
            "## Invented messages (development)\n\nEvery message is judged by weights that were trained without any message of its author.\n\n\
             | messages | n | a phrase triggers | trigger or second look |\n|---|---|---|---|\n",
        );
        for (name, figure) in &self.trained {
            if let Some(name) = name.strip_prefix("invented, ") {
                let _infallible = writeln!(text, "| {name} | {figure} |");
            }
        }
        text.push_str("\nScripted conversations of thirty messages, half of them with danger that grows slowly; the weights have seen them:\n\n");
        for (name, share) in self.scripted.sessions.iter().flat_map(Sessions::rows) {
            let _infallible = writeln!(text, "- {name}: {}", share.told());
        }
        text.push('\n');
    }

    fn ordinary(&self, text: &mut String) {
        text.push_str(
            "## Ordinary messages of other people\n\n| set | second look | question | a phrase triggers |\n|---|---|---|---|\n",
        );
        for (name, figure) in &self.trained {
            if let Some(name) = name.strip_prefix("ordinary, ") {
                let _infallible = writeln!(text, "| {name} | {figure} |");
            }
        }
        text.push_str("\nThresholds are chosen on the sets of btc and wnut17; goemotions is only reported, and some of it is true distress.\n\n");
        if let Some(talk) = &self.conversations {
            if let Some(verdicts) = talk.labels.values().next() {
                text.push_str("| recorded conversations (LoCoMo, development part) | figure | demand |\n|---|---|---|\n");
                demand(
                    text,
                    "false triggers per 1,000 messages",
                    &per_thousand(&verdicts.trigger),
                    "at most 0.3",
                );
                demand(
                    text,
                    "second look",
                    &verdicts.escalate.percent(),
                    "at most 5 %",
                );
                if let Some(sessions) = &talk.sessions {
                    demand(
                        text,
                        "sessions with a false crisis",
                        &sessions.false_trigger.percent(),
                        "at most 1 %",
                    );
                }
            }
            text.push('\n');
        }
    }

    fn blind(&self, text: &mut String) {
        text.push_str("## Blind messages\n\nWritten by an author who saw no rule and no message of the others; nobody reads them. Totals only. A conversation counts as found from the first second look on, and some of those are false: read that row beside the last one.\n\n");
        let Some(last) = self.openings.last() else {
            text.push_str("Not opened yet.\n\n");
            return;
        };
        let field = |value: &Value, name: &str| {
            value
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or("?")
                .to_owned()
        };
        let share = |path: &str| {
            let share = last.pointer(path)?;
            let number = |name: &str| share.get(name)?.as_f64();
            Some(format!(
                "{:.1} % ({:.1}-{:.1}), n = {}",
                number("share")? * 100.0,
                number("low")? * 100.0,
                number("high")? * 100.0,
                share.get("of")?
            ))
        };
        text.push_str("| | figure | demand |\n|---|---|---|\n");
        for (what, path, wanted) in BLIND {
            demand(
                text,
                what,
                &share(path).unwrap_or_else(|| "?".to_owned()),
                wanted,
            );
        }
        text.push_str("\nOpened:\n\n");
        for opening in &self.openings {
            let version = opening
                .pointer("/single/version")
                .and_then(Value::as_str)
                .unwrap_or("?");
            let _infallible = writeln!(
                text,
                "- {} at `{}` with `{version}`",
                field(opening, "on"),
                field(opening, "commit")
            );
        }
        text.push('\n');
    }

    fn rest(&self, text: &mut String) {
        text.push_str("## Disguises\n\nEnglish messages of the development half on which a phrase triggers, written so that a list of words does not see it (demand: at least 95 %):\n\n");
        for (name, share) in &self.disguised {
            let _infallible = writeln!(text, "- {name}: {}", share.percent());
        }
        text.push_str(
            "\n## Time\n\n| bytes of a message | half | 99 % | demand |\n|---|---|---|---|\n",
        );
        for ((bytes, half, most), wanted) in self.times.iter().zip(["at most 1 ms", "at most 5 ms"])
        {
            let _infallible = writeln!(
                text,
                "| {bytes} | {:.2} ms | {:.2} ms | {wanted} |",
                half / 1e3,
                most / 1e3
            );
        }
    }
}
