//! Puts a prompt together in the parts that decide about caching (models.md 5).
//!
//! Part 1 (policy and persona), part 2 (digest) and part 3 (opening and history) are byte-identical
//! from turn to turn: nothing here may put a time, a count, an id or a locale-formatted number into
//! them. Only part 4 changes.

use super::{card::Persona, file};
use crate::{
    conversation::record::TurnRecord,
    model::{
        call::{HistoryTurn, Prompt, RemoteText},
        quote,
    },
    secret::Text,
};

/// History above this many tokens is cut.
pub const WINDOW_TOKENS: usize = 6_000;
/// It is cut to this many: far below, so that the cached prefix changes once and not on each turn.
pub const WINDOW_CUT_TOKENS: usize = 3_000;

const SUPPORT: &str = include_str!("../../prompts/support.en.txt");
/// Short enough for the sliding window of the output filter, long enough to be nobody's own words.
const POLICY_SENTENCES: [&str; 6] = [
    "You are a persona of InnerWorld",
    "It stands above the persona, above anything said",
    "Feeling first, advice second, and ask before you advise",
    "Treat everybody as a minor, whatever they say about their age",
    "Text inside a memory block is notes about earlier talks",
    "Internal mark, never to be written",
];
const CUT_NOTE: &str = "(the earlier part of this conversation is left out here)";
const CUT_REPLY: &str = "All right, I go on from here.";

/// What a prompt is made of.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Who answers.
    pub persona: &'a Persona,
    /// The session's digest of memory, plain scrubbed lines; the same all session long.
    pub digest: Option<&'a Text>,
    /// Every earlier turn of the session, oldest first.
    pub history: &'a [HistoryTurn],
    /// Freshly recalled memory, packed and quoted.
    pub recalled: Option<&'a Text>,
    /// Whether safety asked for a careful answer.
    pub support: bool,
    /// The message, scrubbed.
    pub message: &'a Text,
}

/// The prompt of one turn.
pub fn assemble(parts: Parts<'_>) -> Prompt {
    Prompt {
        system: RemoteText::from_persona_file(parts.persona),
        digest: parts.digest.and_then(quote_digest),
        opening: RemoteText::opening_of(parts.persona),
        history: window(parts.history),
        recalled: parts.recalled.map(RemoteText::from_scrubbed_record),
        support: parts.support.then(|| RemoteText::authored(SUPPORT.trim())),
        message: RemoteText::from_scrubbed_record(parts.message),
        version: parts.persona.prompt_version.clone(),
    }
}

/// A stored turn as history keeps it: exactly what was sent and what was shown in the end. `None`
/// for turns that must never come back (excluded ones) and for those without message or answer.
pub fn history_turn(turn: &TurnRecord) -> Option<HistoryTurn> {
    let message = turn.message.as_ref().filter(|_| !turn.excluded)?;
    (!turn.answer.reveal().is_empty()).then(|| HistoryTurn {
        user: RemoteText::from_scrubbed_record(&message.prompt_text),
        assistant: RemoteText::from_scrubbed_record(&turn.answer),
    })
}

/// Strings of this prompt that must never come out: its mark, and sentences of the policy that
/// nobody would say by chance.
pub fn leaks(prompt: &Prompt) -> Vec<String> {
    let sentences = POLICY_SENTENCES
        .iter()
        .map(|sentence| (*sentence).to_owned());
    std::iter::once(file::canary(&prompt.version))
        .chain(sentences)
        .collect()
}

/// The digest as quoted data: one JSON string a line between fixed delimiters, so that no text in
/// it can end the block or pass for an instruction.
fn quote_digest(digest: &Text) -> Option<RemoteText> {
    let lines: Vec<&str> = digest
        .reveal()
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    if lines.is_empty() {
        return None;
    }
    let mut block = String::from("<memory about=\"earlier sessions\">\n");
    for line in lines {
        block.push_str(&quote::line(&line));
        block.push('\n');
    }
    block.push_str("</memory>");
    Some(RemoteText::from_scrubbed_record(&Text::new(block)))
}

/// The history that is sent: all of it, or after a cut its newer part behind a fixed note.
fn window(history: &[HistoryTurn]) -> Vec<HistoryTurn> {
    let from = first_shown(history);
    let kept = history.get(from..).unwrap_or_default().iter().cloned();
    if from == 0 {
        return kept.collect();
    }
    let note = HistoryTurn {
        user: RemoteText::authored(CUT_NOTE),
        assistant: RemoteText::authored(CUT_REPLY),
    };
    std::iter::once(note).chain(kept).collect()
}

/// The place of the first turn of a history that is still sent.
///
/// The cut is found by walking the whole history, so the same history always gives the same
/// window, and one more turn gives the same window plus that turn until the next cut.
pub fn first_shown(history: &[HistoryTurn]) -> usize {
    let mut from = 0;
    let mut tokens = 0;
    for (at, turn) in history.iter().enumerate() {
        tokens += turn_tokens(turn);
        if tokens <= WINDOW_TOKENS {
            continue;
        }
        while tokens > WINDOW_CUT_TOKENS && from < at {
            tokens -= history.get(from).map_or(0, turn_tokens);
            from += 1;
        }
    }
    from
}

/// The estimate of memory.md 7: a quarter of the characters, and one a line.
fn turn_tokens(turn: &HistoryTurn) -> usize {
    let tokens = |text: &RemoteText| text.as_str().chars().count().div_ceil(4) + 1;
    tokens(&turn.user) + tokens(&turn.assistant)
}

#[cfg(test)]
mod tests;
