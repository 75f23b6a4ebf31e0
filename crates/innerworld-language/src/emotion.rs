//! Seven emotion weights of a text, from a linear model trained on comments.

mod grams;
mod model;

use innerworld_core::memory::graph::EmotionWeights;

pub use model::EmotionModel;
pub(crate) use model::{FORMAT, NAME};
#[cfg(feature = "train")]
pub(crate) use {
    grams::Grams,
    model::{CLASSES, RARITY_STEP, sublinear},
};

/// The asset inside the program.
pub(crate) const SHIPPED: &[u8] = include_bytes!("../assets/emotion.iwa");

/// What a text feels like, as shares of one. Each probability counts by how far it reaches towards
/// what its class counts as said from: the rare feelings would else drown in the frequent ones.
pub(crate) fn shares(model: &EmotionModel, text: &str) -> EmotionWeights {
    let mut weights = model.probabilities(text);
    for (weight, threshold) in weights.iter_mut().zip(model.thresholds()) {
        *weight /= threshold.max(f32::EPSILON);
    }
    let all: f32 = weights.iter().sum();
    if all < f32::EPSILON {
        return NEUTRAL;
    }
    weights.map(|weight| weight / all)
}

/// Nothing that could be told.
pub(crate) const NEUTRAL: EmotionWeights = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
