//! A compiled pattern with what its searches keep in mind.
//!
//! The automaton is built while texts are read, as far as they need it. A search that finds no room for that
//! makes its own, so room is made when the pattern is compiled, and what was built in it is used again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use regex_automata::{
    Input, MatchError,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, WhichCaptures},
    util::syntax,
};

/// Most bytes of one compiled rule.
const SIZE_LIMIT: usize = 32 << 20;
/// Most bytes of what searches build in one room. A wide rule that finds no more room forgets all of it and
/// begins anew in the middle of a text.
const ROOM: usize = 8 << 20;
/// Rooms that are kept: searches beyond so many at a time make their own.
const MOST_KEPT: usize = 16;

pub(super) struct Automaton {
    dfa: DFA,
    rooms: Mutex<Vec<Cache>>,
}

impl Automaton {
    /// Of bytes and ASCII classes: the text was reduced to ASCII where it matters, and classes of all of
    /// Unicode, repeated sixty times, are slow to compile and run.
    pub(super) fn of(pattern: &str) -> Result<Self, regex::Error> {
        let states = thompson::Config::new()
            .utf8(false)
            .nfa_size_limit(Some(SIZE_LIMIT))
            .which_captures(WhichCaptures::None);
        let dfa = DFA::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(states)
            // The largest patterns need more than is usual.
            .configure(
                DFA::config()
                    .skip_cache_capacity_check(true)
                    .cache_capacity(ROOM),
            )
            .build(pattern)
            .map_err(|error| regex::Error::Syntax(error.to_string()))?;
        let rooms = Mutex::new(vec![dfa.create_cache()]);
        Ok(Self { dfa, rooms })
    }

    /// Begins to search.
    pub(super) fn searcher(&self) -> Searcher<'_> {
        let room = self.rooms().pop();
        Searcher {
            automaton: self,
            room: room.unwrap_or_else(|| self.dfa.create_cache()),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Vec<Cache>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Searches in one room, and leaves it to the next.
pub(super) struct Searcher<'a> {
    automaton: &'a Automaton,
    room: Cache,
}

impl Searcher<'_> {
    /// Where the first match ends, if there is one.
    pub(super) fn end_of_match(&mut self, input: &Input<'_>) -> Result<Option<usize>, MatchError> {
        let found = self.automaton.dfa.try_search_fwd(&mut self.room, input)?;
        Ok(found.map(|found| found.offset()))
    }

    /// Ends; what was built stays.
    pub(super) fn end(self) {
        let mut rooms = self.automaton.rooms();
        if rooms.len() < MOST_KEPT {
            rooms.push(self.room);
        }
    }
}
