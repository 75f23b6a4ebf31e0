//! The request: rules and schema, the same for everybody, then the data.

use serde::Serialize;

use super::{
    excerpt::{Candidate, Excerpt},
    known::KnownNode,
    parse,
    patch::Reason,
    schema::Section,
};
use crate::{calendar, memory::store::Speaker, model::quote};

/// Rules and schema: nobody's words, and the same bytes in every request.
pub const SYSTEM: &str = concat!(
    include_str!("../../../prompts/extraction.en.txt"),
    include_str!("../../../prompts/extraction.schema.json"),
);
/// Version of the rules, for the ledger and the extractor's version. Raise it with every change of
/// the prompt or the checks: sessions that are still there are then read anew.
pub const VERSION: &str = "2";
/// Most complaints that a repair names.
const COMPLAINTS: usize = 12;

#[derive(Serialize)]
struct KnownLine<'a> {
    id: &'a str,
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<&'a str>,
}

#[derive(Serialize)]
struct CandidateLine<'a> {
    kind: &'static str,
    name: &'a str,
    lines: &'a [&'a str],
}

#[derive(Serialize)]
struct TranscriptLine<'a> {
    id: &'a str,
    who: &'static str,
    text: &'a str,
}

/// Tokens of a line as estimated everywhere: a quarter of its characters, and one.
pub(super) fn tokens(line: &str) -> usize {
    line.chars().count().div_ceil(4) + 1
}

pub(super) fn known_line(known: &KnownNode) -> String {
    quote::line(&KnownLine {
        id: &known.label,
        kind: known.kind.name(),
        name: known.name.reveal(),
        aliases: known
            .aliases
            .iter()
            .map(|name| name.reveal().as_str())
            .collect(),
    })
}

pub(super) fn candidate_line(candidate: &Candidate, lines: &[&str]) -> String {
    quote::line(&CandidateLine {
        kind: candidate.kind.name(),
        name: candidate.name.reveal(),
        lines,
    })
}

/// The data of an excerpt, as quoted lines between delimiters.
pub fn data(excerpt: &Excerpt) -> String {
    let day = calendar::day_in(&excerpt.zone, excerpt.session_at);
    let mut out = vec!["<data>".to_owned()];
    out.push(format!("date: {}", day.strftime("%Y-%m-%d %A")));
    out.push("known:".to_owned());
    out.extend(excerpt.known.iter().map(known_line));
    out.push("candidates:".to_owned());
    out.extend(excerpt.candidate_lines());
    out.push("transcript:".to_owned());
    out.extend(excerpt.lines.iter().map(|line| {
        quote::line(&TranscriptLine {
            id: &line.label,
            who: match line.speaker {
                Speaker::Teen => "teen",
                Speaker::Persona => "persona (context)",
            },
            text: &line.shown(),
        })
    }));
    out.push("</data>".to_owned());
    out.join("\n")
}

/// What is said about an answer that could not be used. It names places and rules, never words of
/// the answer.
pub(super) fn repair(complaints: &[(Section, usize, Reason)], whole: &str) -> String {
    let mut out = vec![format!("Your last answer could not be used: {whole}")];
    for (section, at, reason) in complaints.iter().take(COMPLAINTS) {
        out.push(format!("- {}[{at}]: {}", section.name(), reason.advice()));
    }
    out.push(
        "Answer again with one JSON object that fits the schema, and nothing else.".to_owned(),
    );
    out.join("\n")
}

/// The example of the rules, as it would look in an answer that repeats it.
pub(super) fn is_example(quote: &str) -> bool {
    let rules = include_str!("../../../prompts/extraction.en.txt");
    let example = rules
        .rsplit_once("An example of the form")
        .map(|(_, tail)| tail);
    let parsed = example.and_then(parse::parse);
    let items = parsed.into_iter().flat_map(|parsed| parsed.items).flatten();
    let mut quotes = items.filter_map(|item| Some(item.get("quote")?.as_str()?.to_owned()));
    quotes.any(|own| own == quote)
}
