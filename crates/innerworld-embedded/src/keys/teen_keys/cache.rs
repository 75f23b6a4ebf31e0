//! Unwrapped keys of the teens seen last.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use innerworld_core::ids::TeenId;

use super::TeenSeals;

/// Teens whose keys stay unwrapped; about 1 KiB each.
const CAPACITY: usize = 8_192;

/// A bounded map with the least recently used going first. Eviction drops an eighth at once, so
/// that its scan is paid once in a thousand misses.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    by_teen: HashMap<TeenId, Entry>,
    by_number: HashMap<i64, TeenId>,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    seals: Arc<TeenSeals>,
    last_use: u64,
}

impl Cache {
    pub(super) fn find(&self, teen: TeenId) -> Option<Arc<TeenSeals>> {
        self.locked().touch(teen)
    }

    pub(super) fn find_number(&self, number: i64) -> Option<Arc<TeenSeals>> {
        let mut inner = self.locked();
        let teen = inner.by_number.get(&number).copied()?;
        inner.touch(teen)
    }

    /// Keeps `seals` if `allowed` says so while the cache is locked; says whether it did.
    pub(super) fn keep(&self, seals: &Arc<TeenSeals>, allowed: impl FnOnce() -> bool) -> bool {
        let mut inner = self.locked();
        if !allowed() {
            return false;
        }
        if inner.by_teen.len() >= CAPACITY {
            inner.evict();
        }
        inner.uses += 1;
        let last_use = inner.uses;
        let seals = Arc::clone(seals);
        inner.by_number.insert(seals.number, seals.teen());
        inner
            .by_teen
            .insert(seals.teen(), Entry { seals, last_use });
        true
    }

    pub(super) fn forget(&self, teen: TeenId) {
        self.locked().remove(teen);
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn touch(&mut self, teen: TeenId) -> Option<Arc<TeenSeals>> {
        self.uses += 1;
        let entry = self.by_teen.get_mut(&teen)?;
        entry.last_use = self.uses;
        Some(Arc::clone(&entry.seals))
    }

    fn remove(&mut self, teen: TeenId) {
        if let Some(entry) = self.by_teen.remove(&teen) {
            self.by_number.remove(&entry.seals.number);
        }
    }

    fn evict(&mut self) {
        let mut ages: Vec<(u64, TeenId)> = self
            .by_teen
            .iter()
            .map(|(teen, entry)| (entry.last_use, *teen))
            .collect();
        ages.sort_unstable();
        for (_, teen) in ages.into_iter().take(CAPACITY / 8) {
            self.remove(teen);
        }
    }
}

#[cfg(test)]
mod tests {
    use innerworld_core::seal::TeenKey;

    use super::*;

    #[test]
    fn the_least_recently_used_go_and_the_bound_holds() {
        let cache = Cache::default();
        let key = TeenKey::from_bytes([7; 32]);
        let seals = |n: u32| {
            let teen = TeenId::from_subject_bits(n.into());
            Arc::new(TeenSeals::new(teen, n.into(), &key).unwrap())
        };
        let first = TeenId::from_subject_bits(0);
        for n in 0..u32::try_from(CAPACITY).unwrap() {
            assert!(cache.keep(&seals(n), || true));
        }
        assert!(cache.find(first).is_some());
        assert!(cache.keep(&seals(1_000_000), || true));
        assert!(cache.find(first).is_some(), "used a moment ago");
        assert!(cache.find(TeenId::from_subject_bits(1)).is_none());
        assert!(cache.find_number(1).is_none());
        assert!(cache.find_number(1_000_000).is_some());
        assert!(!cache.keep(&seals(2_000_000), || false));
        assert!(cache.find_number(2_000_000).is_none());
    }
}
