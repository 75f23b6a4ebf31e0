//! What a request still owes when the routes have answered.
//!
//! The engine's ports for sockets do not wait, since on one machine there is nothing to wait for. Here
//! every socket is a call away. So what they are told is noted, and carried out before the event ends: an
//! instance has one event at a time, and is frozen after it.

use std::sync::{Mutex, PoisonError};

use innerworld_core::ids::TeenId;
use innerworld_engine::erase::{Closing, Forgets, Sockets};

/// What is owed to a teen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Debt {
    /// Their sockets are to be closed, and why.
    Close(Closing),
    /// Whoever answers them next is to know that their memory changed.
    MemoryChanged,
}

/// Teens who are owed something.
#[derive(Debug, Default)]
pub(super) struct Owed(Mutex<Vec<(TeenId, Debt)>>);

impl Owed {
    /// Takes what was noted.
    pub(super) fn take(&self) -> Vec<(TeenId, Debt)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, teen: TeenId, debt: Debt) {
        let mut owed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        owed.push((teen, debt));
    }
}

impl Sockets for Owed {
    fn close(&self, teen: TeenId, why: Closing) {
        self.note(teen, Debt::Close(why));
    }
}

impl Forgets for Owed {
    fn forget(&self, _teen: TeenId) {}

    fn memory_changed(&self, teen: TeenId) {
        self.note(teen, Debt::MemoryChanged);
    }
}

/// Of tokens nothing is kept: the fence and the mark of the last sign-out are read with each.
#[derive(Debug)]
pub(super) struct NothingKept;

impl Forgets for NothingKept {
    fn forget(&self, _teen: TeenId) {}
}
