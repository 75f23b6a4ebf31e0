//! Sentences of the talk that are not anybody's words.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use innerworld::client::http::Discovery;
use innerworld_core::{
    conversation::record::{EndReason, Finish},
    persona::card::PersonaCard,
};
use innerworld_protocol::server::MemoryFollows;

use crate::cli::console::{Console, QUIET, STRONG};

/// Says which model answers, or that none does.
pub(crate) fn who_answers(console: &mut Console, discovery: &Discovery) -> anyhow::Result<()> {
    let model = discovery.model.as_deref().unwrap_or("a model");
    console.note(match (discovery.mode.as_str(), &discovery.company) {
        ("offline", _) => {
            "No model is configured on this server: the offline persona answers.".to_owned()
        }
        (_, Some(company)) => {
            format!(
                "{model} of {company} answers, if you agreed to that; else the offline persona."
            )
        }
        (_, None) => format!("{model} answers."),
    })
}

/// The cards to choose from.
pub(crate) fn cards(cards: &[PersonaCard]) -> String {
    let mut text = format!("\n{STRONG}Whom do you want to talk with?{STRONG:#}\n");
    for (number, card) in (1..).zip(cards) {
        let voice = card.voice.join(", ");
        // Writing to a string cannot fail.
        writeln!(
            text,
            "  {number} {STRONG}{}{STRONG:#}: {}\n    {QUIET}{voice}{QUIET:#}",
            card.name, card.tagline
        )
        .ok();
    }
    text
}

/// The persona that a number, a short name or a display name means.
pub(crate) fn find<'a>(cards: &'a [PersonaCard], typed: &str) -> Option<&'a PersonaCard> {
    let typed = typed.trim().to_lowercase();
    let by_number = typed
        .parse::<usize>()
        .ok()
        .and_then(|number| cards.get(number.checked_sub(1)?));
    by_number.or_else(|| {
        cards
            .iter()
            .find(|card| card.id.as_str() == typed || card.name.to_lowercase() == typed)
    })
}

/// What to say about how an answer ended; nothing if it simply ended.
pub(crate) fn finish(finish: Finish, code: Option<&str>) -> Option<String> {
    let text = match finish {
        Finish::Stop | Finish::Safety => return None,
        Finish::Length => "(cut at the greatest length)".to_owned(),
        Finish::Cancelled => "(stopped)".to_owned(),
        Finish::Timeout => "(no more came in time; say it again if you like)".to_owned(),
        Finish::Interrupted => "(the server was restarted; say it again if you like)".to_owned(),
        Finish::Error => format!("(no answer could be made: {})", code.unwrap_or("unknown")),
    };
    Some(text)
}

/// Why the session is over.
pub(crate) fn ended(reason: EndReason, remaining_s: u32, memory: MemoryFollows) -> String {
    let why = match reason {
        EndReason::Client => "The talk is over.",
        EndReason::Idle => "The talk ended because nobody was there.",
        EndReason::DailyLimit => "Today's time is used up.",
        EndReason::Safety => "The talk was ended for safety. Help is shown above.",
        EndReason::Erased => "The account is erased.",
        EndReason::Shutdown => "The server was shut down.",
    };
    let memory = match memory {
        MemoryFollows::Pending => " It is being remembered now.",
        MemoryFollows::Off => " Memory is off: nothing of it is kept.",
    };
    format!("{why} {}{memory}", time_left(remaining_s))
}

/// What became of a talk, without what did not happen.
pub(crate) fn remembered(added: u32, changed: u32, closed: u32) -> String {
    let parts: Vec<String> = [(added, "new"), (changed, "changed"), (closed, "over")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        return "There was nothing new to remember.".to_owned();
    }
    format!("Remembered: {}.", parts.join(", "))
}

/// How long until then, roughly.
pub(crate) fn until(left: Duration) -> String {
    let minutes = left.as_secs().div_ceil(60);
    match minutes {
        0 | 1 => "in a minute".to_owned(),
        2..=90 => format!("in {minutes} minutes"),
        _ => format!("in {} hours", (minutes + 30) / 60),
    }
}

/// What is remembered, a line for each kind of thing.
pub(crate) fn things<'a>(nodes: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, name) in nodes {
        kinds.entry(kind).or_default().push(name);
    }
    let line = |(kind, names): (&str, Vec<&str>)| format!("  {kind:9} {}\n", names.join(", "));
    kinds.into_iter().map(line).collect()
}

/// Minutes in words.
pub(crate) fn time_left(seconds: u32) -> String {
    match seconds {
        0 => "No time is left today.".to_owned(),
        1..=90 => format!("{seconds} seconds are left today."),
        _ => format!("{} minutes are left today.", seconds / 60),
    }
}
