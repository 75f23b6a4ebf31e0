//! Why a message is given the memory that it is given: for people who look into it. Replies never
//! wait for this.

use super::{SessionMemory, asked};
use crate::{
    ids::TurnId,
    memory::{
        named::named_in,
        pack::{self, Moved},
        rank::Parts,
        recall::IndexedTurn,
    },
    secret::Text,
};

/// What decided over the memory of one message.
#[derive(Clone, Debug)]
pub struct Why {
    /// Why memory goes with it; `None` if none does.
    pub moved: Option<Moved>,
    /// The score above which a turn stands out; `None` while turns are too few to be ranked.
    pub bar: Option<f32>,
    /// Turns by rank, best first, as many as were asked for.
    pub turns: Vec<ScoredTurn>,
    /// Known things that the message names.
    pub named: Vec<Text>,
}

/// A turn, and what its score is made of.
#[derive(Clone, Debug)]
pub struct ScoredTurn {
    /// The turn.
    pub turn: IndexedTurn,
    /// Its score; all zero while turns are too few to be ranked.
    pub parts: Parts,
}

impl SessionMemory {
    /// Why [`Self::recall`] gives what it gives for a message, with the `most` best turns; `None`
    /// without memory.
    pub fn why(&mut self, message: &str, in_prompt: &[TurnId], most: usize) -> Option<Why> {
        let loaded = self.loaded.clone()?;
        let in_prompt = self.with_answers(in_prompt);
        let (persona, now) = (self.persona.clone(), self.opened_at);
        let grown = self.grow(&loaded, &in_prompt);
        let index = grown.map_or(&loaded.index, |grown| &grown.index);
        let query = asked(message, &persona);
        let gains = index.gains(&query, &loaded.known_at(&[&loaded.graph], now));
        let ranked = index.query_knowing(&query, &gains);
        let named = named_in(&loaded.graph, message);
        let best: Vec<TurnId> = ranked.iter().take(most).map(|turn| turn.id).collect();
        let parts = index.parts_of(&query, &gains, &best);
        let turns = best.iter().zip(parts).filter_map(|(id, parts)| {
            Some(ScoredTurn {
                turn: index.turn(*id)?.clone(),
                parts: parts.unwrap_or_default(),
            })
        });
        Some(Why {
            moved: pack::moved(message, (index, &ranked), &in_prompt, loaded.unseen(&named)),
            bar: pack::bar(&ranked),
            turns: turns.collect(),
            named: named.iter().map(|node| node.name.clone()).collect(),
        })
    }
}
