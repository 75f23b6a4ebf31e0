//! Training of the tagger's weights: `AdaGrad` (Duchi, Hazan and Singer, 2011) on one sentence after
//! the other, towards the allowed labels and away from all.
#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns of matrices with a place for every label"
)]

use std::collections::HashMap;

use super::shuffle::Shuffle;
use crate::tagger::{Allowed, Id, LABELS, Lattice, Sums, Transitions};

/// Keeps the first steps finite.
const SMALL: f32 = 1e-6;

/// What the trainer may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrfSettings {
    /// Length of a step.
    pub step: f32,
    /// Pull of weights towards zero.
    pub l2: f32,
    /// Times that every sentence is read.
    pub epochs: u32,
    /// A feature is kept if it was seen this often.
    pub seen: u32,
    /// The weights are the mean of those after each of the last epochs, this many.
    pub averaged: u32,
}

impl Default for CrfSettings {
    fn default() -> Self {
        Self {
            step: 0.04,
            l2: 1e-4,
            epochs: 8,
            seen: 2,
            averaged: 4,
        }
    }
}

/// A sentence to learn from.
#[derive(Debug, Clone)]
pub(super) struct Example {
    /// The features of each word, by number.
    pub(super) features: Vec<Vec<u32>>,
    /// The labels that each word may have.
    pub(super) allowed: Vec<Allowed>,
}

/// Features -> numbers.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    numbers: HashMap<Id, u32>,
    /// By number.
    pub(super) ids: Vec<Id>,
}

impl Numbers {
    /// The features that sentences have at least `seen` times, in the order they come first.
    pub(super) fn of<'s>(
        sentences: impl Iterator<Item = &'s [Vec<Id>]> + Clone,
        seen: u32,
    ) -> Self {
        let mut counts: HashMap<Id, u32> = HashMap::new();
        for id in sentences.clone().flatten().flatten() {
            *counts.entry(*id).or_default() += 1;
        }
        let mut all = Self::default();
        for id in sentences.flatten().flatten() {
            if counts.get(id).is_some_and(|count| *count >= seen) && !all.numbers.contains_key(id) {
                all.numbers.insert(*id, all.ids.len() as u32);
                all.ids.push(*id);
            }
        }
        all
    }

    /// The numbers of the features that have one.
    pub(super) fn find(&self, words: &[Vec<Id>]) -> Vec<Vec<u32>> {
        let known = |ids: &Vec<Id>| {
            let numbers = ids.iter().filter_map(|id| self.numbers.get(id).copied());
            numbers.collect()
        };
        words.iter().map(known).collect()
    }
}

/// One row of weights: padded so that a row is one line of the cache.
type Row = [f32; 16];

/// Weights as they are trained.
#[derive(Debug, Clone)]
pub(super) struct Trained {
    /// Of each feature and label.
    pub(super) rows: Vec<Row>,
    /// Of labels that follow each other.
    pub(super) transitions: Transitions,
}

/// What `AdaGrad` knows of the past.
struct Squares {
    rows: Vec<Row>,
    transitions: Transitions,
}

impl Trained {
    /// The scores of a sentence.
    pub(super) fn lattice(&self, features: &[Vec<u32>]) -> Lattice<'_> {
        let words = features.iter().map(|numbers| {
            let mut sums = [0.0; 16];
            for row in numbers
                .iter()
                .filter_map(|number| self.rows.get(*number as usize))
            {
                for (sum, weight) in sums.iter_mut().zip(row) {
                    *sum += weight;
                }
            }
            let mut scores = [0.0; LABELS];
            for (score, sum) in scores.iter_mut().zip(sums) {
                *score = sum;
            }
            scores
        });
        Lattice {
            words: words.collect(),
            transitions: &self.transitions,
        }
    }
}

/// Trains weights of `width` features.
pub(super) fn train(
    examples: &[Example],
    width: usize,
    settings: CrfSettings,
    said: &mut dyn FnMut(&str),
) -> Trained {
    let mut trained = Trained {
        rows: vec![[0.0; 16]; width],
        transitions: Transitions::default(),
    };
    let mut squares = Squares {
        rows: vec![[SMALL; 16]; width],
        transitions: Transitions {
            start: [SMALL; LABELS],
            next: [[SMALL; LABELS]; LABELS],
        },
    };
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut shuffle = Shuffle::new(1);
    let mut mean: Option<Trained> = None;
    for epoch in 1..=settings.epochs {
        shuffle.shuffle(&mut order);
        for example in order.iter().filter_map(|place| examples.get(*place)) {
            learn(&mut trained, &mut squares, example, settings);
        }
        if epoch + settings.averaged > settings.epochs {
            match &mut mean {
                None => mean = Some(trained.clone()),
                Some(mean) => add(mean, &trained),
            }
        }
        said(&format!("epoch {epoch} of {}", settings.epochs));
    }
    let mut mean = mean.unwrap_or(trained);
    let share = 1.0 / settings.averaged.clamp(1, settings.epochs.max(1)) as f32;
    each(&mut mean, |weight| *weight *= share);
    mean
}

fn each(trained: &mut Trained, change: impl Fn(&mut f32)) {
    trained.rows.iter_mut().flatten().for_each(&change);
    trained.transitions.start.iter_mut().for_each(&change);
    trained
        .transitions
        .next
        .iter_mut()
        .flatten()
        .for_each(&change);
}

fn add(sum: &mut Trained, other: &Trained) {
    let rows = sum.rows.iter_mut().flatten();
    for (sum, weight) in rows.zip(other.rows.iter().flatten()) {
        *sum += weight;
    }
    let (mine, others) = (&mut sum.transitions, &other.transitions);
    let mine = mine.start.iter_mut().chain(mine.next.iter_mut().flatten());
    let others = others.start.iter().chain(others.next.iter().flatten());
    for (sum, weight) in mine.zip(others) {
        *sum += weight;
    }
}

fn learn(trained: &mut Trained, squares: &mut Squares, example: &Example, settings: CrfSettings) {
    let lattice = trained.lattice(&example.features);
    let (Some(all), Some(right)) = (lattice.sums(None), lattice.sums(Some(&example.allowed)))
    else {
        return;
    };
    let words = example
        .features
        .iter()
        .zip(all.words.iter().zip(&right.words));
    for (numbers, (all, right)) in words {
        let mut pull = [0.0; 16];
        let mut any = 0.0_f32;
        for ((pull, all), right) in pull.iter_mut().zip(all).zip(right) {
            *pull = right - all;
            any = any.max(pull.abs());
        }
        // Nothing to learn: the word is as sure as can be.
        if any < 1e-4 {
            continue;
        }
        for number in numbers {
            let number = *number as usize;
            let rows = (trained.rows.get_mut(number), squares.rows.get_mut(number));
            if let (Some(row), Some(squares)) = rows {
                for ((weight, square), pull) in row.iter_mut().zip(squares).zip(pull) {
                    step(weight, square, pull, settings);
                }
            }
        }
    }
    learn_transitions(trained, squares, (&all, &right), settings);
}

fn learn_transitions(
    trained: &mut Trained,
    squares: &mut Squares,
    (all, right): (&Sums, &Sums),
    settings: CrfSettings,
) {
    let pulls = |right: &[f64], all: &[f64]| -> Vec<f32> {
        right
            .iter()
            .zip(all)
            .map(|(right, all)| (right - all) as f32)
            .collect()
    };
    let start = pulls(&right.start, &all.start);
    let weights = trained.transitions.start.iter_mut();
    for ((weight, square), pull) in weights.zip(&mut squares.transitions.start).zip(start) {
        step(weight, square, pull, settings);
    }
    for from in 0..LABELS {
        let pulls = pulls(&right.pairs[from], &all.pairs[from]);
        let weights = trained.transitions.next[from].iter_mut();
        for ((weight, square), pull) in weights.zip(&mut squares.transitions.next[from]).zip(pulls)
        {
            step(weight, square, pull, settings);
        }
    }
}

fn step(weight: &mut f32, square: &mut f32, pull: f32, settings: CrfSettings) {
    let pull = pull - settings.l2 * *weight;
    *square += pull * pull;
    *weight += settings.step * pull / libm::sqrtf(*square);
}
