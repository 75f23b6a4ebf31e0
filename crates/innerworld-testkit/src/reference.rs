//! The stores in maps, as plainly as their contracts can be written, and their wrong variants.
//!
//! No runtime uses them: nothing is sealed, nothing survives. A [`Defect`] makes one of them wrong
//! on purpose, to show that the suites notice.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
};

mod account;
mod authorization;
mod conversation;
mod erasure;
mod federation;
mod graph;
mod job;
mod keys;
mod person;
mod safety;
mod state;
mod ticket;
mod usage;

use state::{Person, State};

/// A way to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Returns rows whose time is over.
    ForgetsExpiry,
    /// Ends rows one millisecond late.
    ExpiresLate,
    /// Takes a repeat for something new.
    RepeatsAreNew,
    /// Hands one teen's rows to another.
    CrossesTeens,
    /// Writes whatever the expected revision, mark, generation or state says.
    IgnoresConditions,
    /// Stores half of a commit whose condition failed.
    HalfCommits,
    /// Brings deleted rows back when they are written.
    Resurrects,
    /// Lists in the wrong order.
    WrongOrder,
    /// Returns and deletes more than asked for.
    IgnoresLimits,
    /// Deletes nothing, and says that it did.
    KeepsEverything,
    /// Lets a teen who is being erased write and read on.
    IgnoresFences,
    /// Makes a fault of an address that it does not know.
    TellsStrangers,
}

/// All stores over one state.
#[derive(Debug, Default)]
pub struct Reference {
    state: Mutex<State>,
    defect: Option<Defect>,
    calls: AtomicU64,
}

impl Reference {
    /// Correct stores.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores that are wrong in one way.
    pub fn with(defect: Defect) -> Self {
        Self {
            defect: Some(defect),
            ..Self::default()
        }
    }

    /// How often anything was read or written.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    fn is(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for a write of `teen`.
    fn writing(&self, teen: TeenId) -> Result<MutexGuard<'_, State>, PortError> {
        let state = self.state();
        if state.fenced.contains(&teen) && !self.is(Defect::IgnoresFences) {
            return Err(fault(ErrorKind::Denied));
        }
        Ok(state)
    }

    /// The state, for a read of what is sealed under the key of `teen`.
    fn reading(&self, teen: TeenId) -> Result<MutexGuard<'_, State>, PortError> {
        let state = self.state();
        if state.keyless.contains(&teen) && !self.is(Defect::IgnoresFences) {
            return Err(fault(ErrorKind::NotFound));
        }
        Ok(state)
    }

    /// Whose rows a call for `teen` reaches.
    fn owner(&self, teen: TeenId) -> TeenId {
        if self.is(Defect::CrossesTeens) {
            TeenId::from_subject_bits(0)
        } else {
            teen
        }
    }

    fn person<'a>(&self, state: &'a mut State, teen: TeenId) -> &'a mut Person {
        state.people.entry(self.owner(teen)).or_default()
    }

    /// Whether a row that ends at `expires_at` exists at `now`.
    fn exists(&self, expires_at: Timestamp, now: Timestamp) -> bool {
        match self.defect {
            Some(Defect::ForgetsExpiry) => true,
            Some(Defect::ExpiresLate) => now <= expires_at,
            _ => now < expires_at,
        }
    }

    /// Whether a row of `owner` may be shown to `teen`.
    fn may_see(&self, owner: TeenId, teen: TeenId) -> bool {
        owner == teen || self.is(Defect::CrossesTeens)
    }

    fn limit(&self, limit: usize) -> usize {
        if self.is(Defect::IgnoresLimits) {
            usize::MAX
        } else {
            limit
        }
    }

    fn order<T>(&self, rows: &mut [T]) {
        if self.is(Defect::WrongOrder) {
            rows.reverse();
        }
    }
}

fn fault(kind: ErrorKind) -> PortError {
    PortError::new(kind, "use the reference store")
}
