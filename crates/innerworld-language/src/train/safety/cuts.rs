//! Where thresholds are cut.

use super::{SafetyData, Shares, odds};
use crate::{
    safety::{Scorer, Thresholds},
    train::Shuffle,
};

/// Messages of a pretended session, how many such sessions are drawn, and the messages that are summed.
const SESSION: usize = 30;
const SESSIONS: usize = 10_000;
const WINDOW: usize = 6;

/// What thresholds are chosen by.
pub(super) struct Cuts<'a> {
    pub(super) data: &'a SafetyData,
    pub(super) scorer: &'a Scorer,
    pub(super) unseen: &'a [f64],
    pub(super) shares: Shares,
}

impl Cuts<'_> {
    pub(super) fn thresholds(&self) -> Thresholds {
        let sets: Vec<Vec<f64>> = self
            .data
            .ordinary
            .iter()
            .filter(|set| set.calibrates)
            .map(|set| odds(self.scorer, &set.texts))
            .collect();
        let own: Vec<f64> = ordinary_odds(self.data, self.unseen);
        let worst = |share: f64| {
            let cuts = sets.iter().map(|set| cut(set, share));
            cuts.fold(f64::NEG_INFINITY, f64::max)
        };
        let escalate = worst(self.shares.escalate).max(cut(&own, self.shares.escalate_own));
        let ask = worst(self.shares.ask).max(escalate);
        let watchful = worst(self.shares.watchful).min(escalate);
        // Talk of others is calm beside our own: the window must be quiet in both.
        let windows = [sets.concat(), own].map(|odds| {
            let excess: Vec<f64> = odds.iter().map(|odds| (odds - watchful).max(0.0)).collect();
            windowed(&excess, self.shares.window)
        });
        Thresholds {
            escalate: escalate as f32,
            ask: ask as f32,
            watchful: watchful as f32,
            window: windows.into_iter().fold(0.0, f64::max) as f32,
        }
    }
}

/// The unseen odds of the ordinary invented messages.
fn ordinary_odds(data: &SafetyData, unseen: &[f64]) -> Vec<f64> {
    let pairs = data.corpus.iter().zip(unseen);
    let ordinary = pairs.filter(|(line, _)| line.is_ordinary());
    ordinary.map(|(_, odds)| *odds).collect()
}

/// The least number that no more than this share of the numbers reach.
fn cut(numbers: &[f64], share: f64) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let reach = (numbers.len() as f64 * share) as usize;
    sorted
        .get(reach)
        .map_or(f64::NEG_INFINITY, |next| next.next_up())
}

/// The least sum of six messages that no more than this share of drawn sessions reach.
fn windowed(all: &[f64], share: f64) -> f64 {
    let mut chance = Shuffle::new(7);
    let mut draw = || {
        let drawn = (0..SESSION).filter_map(|_| all.get(chance.below(all.len())).copied());
        let session: Vec<f64> = drawn.collect();
        let sums = session.windows(WINDOW).map(|six| six.iter().sum::<f64>());
        sums.fold(0.0, f64::max)
    };
    let highest: Vec<f64> = (0..SESSIONS).map(|_| draw()).collect();
    cut(&highest, share)
}
