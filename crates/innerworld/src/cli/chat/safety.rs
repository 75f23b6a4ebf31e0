//! How help is shown: before everything else, and never to be overlooked.

use std::fmt::Write as _;

use innerworld_protocol::server::{Resource, SafetyFrame};

use crate::cli::console::LOUD;

/// The frame as text.
pub(crate) fn render(frame: &SafetyFrame, crisis: bool) -> String {
    let rule = if crisis {
        "=".repeat(64)
    } else {
        "-".repeat(64)
    };
    let mut text = format!("\n{LOUD}{rule}{LOUD:#}\n{LOUD}{}{LOUD:#}\n", frame.text);
    for resource in &frame.resources {
        // Writing to a string cannot fail.
        writeln!(text, "  * {}", contact(resource)).ok();
    }
    if let Some(hint) = &frame.emergency_hint {
        let number = if hint.text.contains(&hint.number) {
            String::new()
        } else {
            format!(" {}", hint.number)
        };
        writeln!(text, "  {LOUD}{}{number}{LOUD:#}", hint.text).ok();
    }
    if !frame.choices.is_empty() {
        let choices: Vec<String> = frame
            .choices
            .iter()
            .map(|choice| format!("/{}", choice.replace('_', "-")))
            .collect();
        writeln!(text, "You can answer with {}", choices.join(", ")).ok();
    }
    writeln!(text, "{LOUD}{rule}{LOUD:#}").ok();
    text
}

fn contact(resource: &Resource) -> String {
    let mut ways = Vec::new();
    if let Some(number) = &resource.call {
        ways.push(format!("call {number}"));
    }
    if let Some(sms) = &resource.sms {
        ways.push(text_way(sms));
    }
    ways.extend(
        resource
            .chat
            .iter()
            .map(|address| format!("chat {address}")),
    );
    ways.extend(resource.web.iter().cloned());
    let hours = if resource.hours.is_empty() {
        String::new()
    } else {
        format!(" ({})", resource.hours)
    };
    format!("{}: {}{hours}", resource.name, ways.join(", "))
}

/// `sms` is a number, or a number with the word to send.
fn text_way(sms: &serde_json::Value) -> String {
    let part = |key: &str| sms.get(key).and_then(serde_json::Value::as_str);
    match (sms.as_str(), part("to"), part("body")) {
        (Some(number), _, _) | (None, Some(number), None) => format!("text {number}"),
        (None, Some(number), Some(word)) => format!("text {word} to {number}"),
        (None, None, _) => "text".to_owned(),
    }
}
