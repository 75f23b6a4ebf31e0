//! The teens that this server holds, as far as it knows.

use std::{collections::HashMap, time::Duration};

use innerworld_core::{clock::Timestamp, ids::TeenId};

/// Teens that are let go at a time.
const MOST: usize = 100;

/// Teens by when they were last asked for.
#[derive(Debug, Default)]
pub(super) struct Held(HashMap<TeenId, One>);

#[derive(Debug)]
struct One {
    /// What the teen's item is marked with: it is this very hold.
    mark: String,
    taken_at: Timestamp,
    used_at: Timestamp,
}

impl Held {
    /// Whether the teen is held, by an item younger than `life`; they were asked for just now then.
    pub(super) fn uses(&mut self, teen: TeenId, now: Timestamp, life: Duration) -> bool {
        let young = |one: &&mut One| now.since(one.taken_at) < life;
        let held = self.0.get_mut(&teen).filter(young);
        held.map(|one| one.used_at = now).is_some()
    }

    /// The teen's item was just written with this mark.
    pub(super) fn took(&mut self, teen: TeenId, mark: String, now: Timestamp) {
        let one = One {
            mark,
            taken_at: now,
            used_at: now,
        };
        self.0.insert(teen, one);
    }

    /// Takes out a teen, with the mark of their item.
    pub(super) fn take(&mut self, teen: TeenId) -> Option<String> {
        self.0.remove(&teen).map(|one| one.mark)
    }

    /// Takes out the teens who were not asked for since then and of whom nothing goes on, with the marks of
    /// their items.
    pub(super) fn idle(
        &mut self,
        since: Timestamp,
        goes_on: impl Fn(TeenId) -> bool,
    ) -> Vec<(TeenId, String)> {
        self.0
            .extract_if(|teen, one| one.used_at <= since && !goes_on(*teen))
            .take(MOST)
            .map(|(teen, one)| (teen, one.mark))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    #[test]
    fn a_teen_is_held_until_they_are_idle_and_nothing_goes_on() {
        let (one, two) = (TeenId::from_subject_bits(1), TeenId::from_subject_bits(2));
        let mut held = Held::default();
        assert!(!held.uses(one, at(0), DAY));
        held.took(one, "first".to_owned(), at(0));
        held.took(two, "second".to_owned(), at(0));
        assert!(held.uses(one, at(50), DAY));
        assert_eq!(held.idle(at(49), |teen| teen == two), []);
        assert_eq!(
            held.idle(at(50), |teen| teen == two),
            [(one, "first".to_owned())]
        );
        assert!(!held.uses(one, at(51), DAY));
        assert!(held.uses(two, at(51), DAY));
    }

    #[test]
    fn an_old_item_is_written_anew() {
        let teen = TeenId::from_subject_bits(1);
        let mut held = Held::default();
        held.took(teen, "first".to_owned(), at(0));
        assert!(held.uses(teen, at(86_399), DAY));
        assert!(!held.uses(teen, at(86_400), DAY));
    }
}
