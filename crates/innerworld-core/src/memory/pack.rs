//! When a turn carries recalled memory, and how much of it fits: fresh memory is paid at full
//! price on every turn that carries it.

use super::{
    asks::{asks_for_memory, spaced_words},
    rank::spread,
    recall::{IndexedTurn, MIN_RANKED_TURNS, Ranked, RecallIndex},
};
use crate::{ids::TurnId, model::quote, secret::Text};

/// Budget of an ordinary turn, in tokens.
pub const TURN_TOKENS: usize = 120;
/// Budget of an explicit memory question, and of the console's search.
pub const QUESTION_TOKENS: usize = 1_000;

/// A turn that is worth its price stands this many standard deviations above where the best of as
/// many turns would stand by chance. A fixed height above the mean would be passed by some turn
/// for nearly every message once a few hundred turns are known.
const ABOVE_CHANCE: f32 = 0.7;
/// It has this many different words in common with the message: one alone is chance ("lmao").
const WORDS_IN_COMMON: usize = 2;
/// It is among the best so many.
const BEST: usize = 3;
/// A turn shorter than this many characters says little without its neighbour.
const SHORT_TURN_CHARS: usize = 25;
/// After the first line that does not fit, this many more are tried.
const TRIES_AFTER_FULL: usize = 5;

const OPEN: &str = "<memory about=\"this message\">";
const CLOSE: &str = "</memory>";

/// Recalled memory as one block of quoted data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The block: one JSON string a line between fixed delimiters.
    pub block: Text,
    /// The turns it holds, oldest first.
    pub turns: Vec<TurnId>,
    /// Estimated size.
    pub tokens: usize,
}

/// Estimated tokens of one line: a quarter of its characters, and one.
pub fn line_tokens(line: &str) -> usize {
    line.chars().count().div_ceil(4) + 1
}

/// Why a message is worth recalled memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It asks for a memory outright.
    Asks,
    /// A turn stands out that is not in this session's prompt yet.
    StandsOut,
    /// It names something that the digest lacks.
    Names,
}

/// Whether the message is worth recalled memory, and why.
///
/// `names` are the names and aliases of known nodes that the digest does not hold.
pub fn moved<'a>(
    message: &str,
    (index, ranked): (&RecallIndex, &[Ranked]),
    in_prompt: &[TurnId],
    names: impl IntoIterator<Item = &'a str>,
) -> Option<Moved> {
    if asks_for_memory(message) {
        Some(Moved::Asks)
    } else if stands_out(message, (index, ranked), in_prompt) {
        Some(Moved::StandsOut)
    } else {
        names_any(message, names).then_some(Moved::Names)
    }
}

/// The score above which a turn stands out; `None` where turns are too few to be ranked.
pub fn bar(ranked: &[Ranked]) -> Option<f32> {
    let scores: Vec<f32> = ranked.iter().map(|turn| turn.score).collect();
    let (mean, deviation) = spread(&scores);
    let above = best_by_chance(ranked.len()) + ABOVE_CHANCE;
    (ranked.len() >= MIN_RANKED_TURNS).then_some(mean + above * deviation)
}

fn stands_out(
    message: &str,
    (index, ranked): (&RecallIndex, &[Ranked]),
    in_prompt: &[TurnId],
) -> bool {
    let Some(bar) = bar(ranked) else {
        // So few turns were not ranked: they are shown once.
        return ranked.iter().any(|turn| !in_prompt.contains(&turn.id));
    };
    let best = ranked.iter().take(BEST).filter(|turn| turn.score > bar);
    let mut fresh = best.filter(|turn| !in_prompt.contains(&turn.id));
    fresh.any(|turn| index.words_in_common(message, turn.id) >= WORDS_IN_COMMON)
}

/// How many standard deviations above the mean the greatest of `count` random numbers lies, at
/// most about: the root of twice the logarithm.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of turns stay far below 2^24"
)]
fn best_by_chance(count: usize) -> f32 {
    (2.0 * (count as f32).ln()).sqrt()
}

fn names_any<'a>(message: &str, names: impl IntoIterator<Item = &'a str>) -> bool {
    let message = spaced_words(message);
    names.into_iter().any(|name| {
        let name = spaced_words(name);
        name.len() > 1 && message.contains(&name)
    })
}

/// Packs facts, then turns by rank, into at most `budget_tokens`, leaving out the turns that are
/// in the prompt anyway. `None` if nothing fits.
pub fn pack(
    index: &RecallIndex,
    ranked: &[Ranked],
    facts: &[String],
    in_prompt: &[TurnId],
    budget_tokens: usize,
) -> Option<Packed> {
    let mut room = Room::new(budget_tokens);
    let mut lines = Vec::new();
    for fact in facts {
        let line = quote::line(fact);
        if room.take(line_tokens(&line)) {
            lines.push(line);
        }
    }
    let turns = choose(index, ranked, in_prompt, &mut room);
    lines.extend(turns.iter().map(|(_, line)| line.clone()));
    if lines.is_empty() {
        return None;
    }
    let block = format!("{OPEN}\n{}\n{CLOSE}", lines.join("\n"));
    Some(Packed {
        block: block.into(),
        turns: turns.into_iter().map(|(id, _)| id).collect(),
        tokens: room.used,
    })
}

/// Chosen turns with their lines, in time order.
fn choose(
    index: &RecallIndex,
    ranked: &[Ranked],
    in_prompt: &[TurnId],
    room: &mut Room,
) -> Vec<(TurnId, String)> {
    let mut chosen: Vec<(usize, TurnId, String)> = Vec::new();
    for best in ranked {
        if room.is_closed() {
            break;
        }
        let Some(turn) = index.turn(best.id) else {
            continue;
        };
        let group = std::iter::once(turn).chain(partner(index, turn));
        let lines: Vec<_> = group
            .filter(|turn| !in_prompt.contains(&turn.id))
            .filter(|turn| chosen.iter().all(|(_, id, _)| *id != turn.id))
            .filter_map(|turn| Some((index.place(turn.id)?, turn.id, turn_line(turn))))
            .collect();
        if lines.is_empty() || in_prompt.contains(&turn.id) {
            continue;
        }
        if room.take(lines.iter().map(|(_, _, line)| line_tokens(line)).sum()) {
            chosen.extend(lines);
        }
    }
    chosen.sort_by_key(|(place, _, _)| *place);
    chosen.into_iter().map(|(_, id, line)| (id, line)).collect()
}

/// The turn that a short one answers, or that answers it.
fn partner<'a>(index: &'a RecallIndex, turn: &IndexedTurn) -> Option<&'a IndexedTurn> {
    let is_short = turn.text().chars().count() < SHORT_TURN_CHARS;
    is_short.then(|| index.neighbours(turn.id).next()).flatten()
}

/// A turn with its day and speaker, as quoted data.
fn turn_line(turn: &IndexedTurn) -> String {
    quote::line(&format!("{}, {}: {}", turn.day(), turn.name(), turn.text()))
}

/// What is left of a budget.
struct Room {
    budget: usize,
    used: usize,
    /// Lines that are still tried once one did not fit.
    tries: Option<usize>,
}

impl Room {
    fn new(budget: usize) -> Self {
        Self {
            budget,
            used: line_tokens(OPEN) + line_tokens(CLOSE),
            tries: None,
        }
    }

    fn is_closed(&self) -> bool {
        self.tries == Some(0)
    }

    fn take(&mut self, tokens: usize) -> bool {
        if let Some(left) = self.tries {
            self.tries = Some(left.saturating_sub(1));
        }
        let fits = self.used + tokens <= self.budget;
        if fits {
            self.used += tokens;
        } else {
            self.tries = self.tries.or(Some(TRIES_AFTER_FULL));
        }
        fits
    }
}
