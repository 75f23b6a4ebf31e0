//! Valid records to store. Texts are invented and plain.

mod account;
mod memory;
mod talk;

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    ids::{IdSource, TeenId},
    memory::store::Horizon,
};

pub use self::talk::remembering;
use crate::SeededIds;

/// The instant at which records of this module begin: a day in November 2026.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_500_000_000);

/// A read at `NOW` that sees all of a graph.
pub const WHOLE: Horizon = Horizon::whole_graph(NOW);

/// `NOW` plus so many seconds.
pub fn at(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

/// One millisecond before `instant`.
pub fn just_before(instant: Timestamp) -> Timestamp {
    instant.minus(Duration::from_millis(1))
}

/// One millisecond after `instant`.
pub fn just_after(instant: Timestamp) -> Timestamp {
    instant.plus(Duration::from_millis(1))
}

/// Makes records with ids of its own.
#[derive(Debug)]
pub struct Records {
    ids: SeededIds,
}

impl Records {
    /// Records whose ids follow from `name` (the name of the test).
    pub fn named(name: &str) -> Self {
        Self {
            ids: SeededIds::named(name),
        }
    }

    /// A teen.
    pub fn teen(&self) -> TeenId {
        TeenId::from_subject_bits(self.ids.next_bits())
    }

    /// 128 random bits.
    pub fn bits(&self) -> u128 {
        self.ids.next_bits()
    }

    /// 32 random bytes, as hashes are.
    pub fn hash(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.ids.fill(&mut bytes);
        bytes
    }

    /// The bits of a ULID made at `when`.
    pub fn ulid(&self, when: Timestamp) -> u128 {
        self.ids.ulid(when)
    }
}
