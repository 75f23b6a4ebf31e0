//! Unwrapped keys of the teens seen last.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use innerworld_core::{clock::Timestamp, ids::TeenId, seal::Seals};

/// Teens whose keys stay unwrapped.
const CAPACITY: usize = 8_192;
/// How long a key stays unwrapped: what an erase elsewhere takes at most to be noticed by a read.
const LIFE: Duration = Duration::from_secs(300);

/// A bounded map whose entries end.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    seals: HashMap<TeenId, (Arc<Seals>, Timestamp)>,
    /// How often a key was forgotten.
    forgotten: u64,
}

impl Cache {
    /// The teen's seals, if they were kept less than five minutes ago.
    pub(super) fn find(&self, teen: TeenId, now: Timestamp) -> Option<Arc<Seals>> {
        let inner = self.locked();
        let (seals, until) = inner.seals.get(&teen)?;
        (*until > now).then(|| Arc::clone(seals))
    }

    /// A mark for [`Cache::keep`], taken before the key is read.
    pub(super) fn mark(&self) -> u64 {
        self.locked().forgotten
    }

    /// Keeps seals, unless a key was forgotten since `mark`: it may have been this one.
    pub(super) fn keep(&self, seals: &Arc<Seals>, now: Timestamp, mark: u64) {
        let mut inner = self.locked();
        if inner.forgotten != mark {
            return;
        }
        if inner.seals.len() >= CAPACITY {
            inner.seals.retain(|_teen, (_seals, until)| *until > now);
        }
        if inner.seals.len() >= CAPACITY {
            inner.seals.clear();
        }
        let entry = (Arc::clone(seals), now.plus(LIFE));
        inner.seals.insert(seals.teen(), entry);
    }

    /// Drops a teen's seals.
    pub(super) fn forget(&self, teen: TeenId) {
        let mut inner = self.locked();
        inner.forgotten = inner.forgotten.wrapping_add(1);
        inner.seals.remove(&teen);
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use innerworld_core::seal::TeenKey;

    use super::*;

    fn seals(teen: u128) -> Arc<Seals> {
        let key = TeenKey::from_bytes([7; 32]);
        Arc::new(Seals::new(TeenId::from_subject_bits(teen), &key).unwrap())
    }

    #[test]
    fn entries_end_and_a_forgotten_key_is_not_put_back() {
        let (cache, now) = (Cache::default(), Timestamp::from_millis(1_000));
        let (first, teen) = (seals(1), TeenId::from_subject_bits(1));
        let mark = cache.mark();
        cache.keep(&first, now, mark);
        assert!(cache.find(teen, now).is_some());
        assert!(cache.find(teen, now.plus(LIFE)).is_none());
        cache.forget(teen);
        cache.keep(&first, now, mark);
        assert!(cache.find(teen, now).is_none());
    }

    #[test]
    fn the_bound_holds() {
        let (cache, now) = (Cache::default(), Timestamp::from_millis(1_000));
        for teen in 0..u128::try_from(CAPACITY).unwrap() + 10 {
            cache.keep(&seals(teen), now, cache.mark());
        }
        assert!(cache.locked().seals.len() <= CAPACITY);
    }
}
