//! Precision, recall and F1 of things that were said, against those that are right.

use std::ops::AddAssign;

use serde::Serialize;

use super::figure;

/// How often something was said, rightly and in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Tally {
    /// Said rightly.
    pub(super) hits: usize,
    /// Said in all.
    pub(super) said: usize,
    /// Would have been right to say.
    pub(super) gold: usize,
}

/// Precision, recall and their harmonic mean.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Scores {
    pub(super) precision: f64,
    pub(super) recall: f64,
    pub(super) f1: f64,
}

impl Tally {
    pub(super) fn scores(self) -> Scores {
        let share = |part: usize, whole: usize| figure(part) / figure(whole.max(1));
        Scores {
            precision: share(self.hits, self.said),
            recall: share(self.hits, self.gold),
            f1: 2.0 * share(self.hits, self.said + self.gold),
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.said += other.said;
        self.gold += other.gold;
    }
}
