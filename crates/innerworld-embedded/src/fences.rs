//! Which teens are being erased, for every storage thread to see.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use innerworld_core::ids::TeenId;

/// How far the erase of a teen has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fence {
    /// Writes are refused.
    Fenced,
    /// The key is gone too: sealed rows cannot be read.
    KeyDestroyed,
}

/// The fences of this process. They are asked on the writer threads, right before an item runs:
/// what was queued before a fence but runs after it is refused, so that no row of an erased teen
/// appears behind the deletion.
#[derive(Debug, Default)]
pub(crate) struct Fences(RwLock<HashMap<TeenId, Fence>>);

impl Fences {
    pub(crate) fn of(&self, teen: TeenId) -> Option<Fence> {
        let fences = self.0.read().unwrap_or_else(PoisonError::into_inner);
        fences.get(&teen).copied()
    }

    /// Raises a fence; one that stands higher already stays. Says what stood before.
    pub(crate) fn raise(&self, teen: TeenId, fence: Fence) -> Option<Fence> {
        let mut fences = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = fences.get(&teen).copied();
        if before != Some(Fence::KeyDestroyed) {
            fences.insert(teen, fence);
        }
        before
    }

    /// Puts back what [`Fences::raise`] found, after its commit failed.
    pub(crate) fn restore(&self, teen: TeenId, before: Option<Fence>) {
        let mut fences = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match before {
            Some(fence) => fences.insert(teen, fence),
            None => fences.remove(&teen),
        };
    }
}
