//! What each feature is worth for each label.

use super::{
    features::Id,
    labels::LABELS,
    lattice::{Lattice, Scores, Transitions},
};
use crate::{
    asset::{Bytes, Packed, Short},
    hash_index::HashIndex,
    load_error::LoadError,
};

/// The name of the asset.
pub(crate) const TAGGER_NAME: &str = "tagger";
/// The form of its payload.
pub(crate) const TAGGER_FORMAT: u32 = 1;
/// A stored weight of this size is the feature's greatest.
pub(crate) const MAX_SHARE: f32 = 127.0;
/// Steps between the scales of two features, per factor of e.
pub(crate) const SCALE_STEPS: f32 = 16.0;
/// The least scale.
const LEAST_SCALE: f32 = 1e-3;
/// Bits of a feature's number that are stored: two features share them once in a long while.
pub(crate) const ID_BITS: u32 = 40;

/// Weights of features, and of labels that follow each other.
#[derive(Debug)]
pub(crate) struct Weights {
    places: HashIndex,
    rows: Vec<Row>,
    /// What each step stands for.
    scales: Box<[f32]>,
    transitions: Transitions,
    /// Taken off the score of "no name": trades precision for recall.
    outside: f32,
}

/// The weights of a feature, in one place: a sentence reads thousands of them from memory.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// Each label's, as a share of the greatest.
    shares: [i8; LABELS],
    /// The greatest, as a step.
    step: u8,
}

/// The scale of a step.
pub(crate) fn scale_of(step: u8) -> f32 {
    LEAST_SCALE * libm::expf(f32::from(step) / SCALE_STEPS)
}

impl Weights {
    /// Reads the asset that was trained on `features`; gives its version too.
    ///
    /// # Errors
    /// [`LoadError`] if it is damaged, another one, or trained on other features.
    pub(crate) fn read(bytes: &[u8], features: &str) -> Result<(Self, String), LoadError> {
        let asset = Packed::read(bytes, TAGGER_NAME, TAGGER_FORMAT)?;
        if asset.header.settings.get("features").map(String::as_str) != Some(features) {
            let reason = "it was trained with other clusters or names";
            return Err(asset.invalid(reason).into());
        }
        let weights = Self::of_payload(asset.unpack()?)
            .map_err(|_short| asset.invalid("a list has another length"))?;
        Ok((weights, asset.header.version().to_owned()))
    }

    fn of_payload(mut bytes: Bytes<'_>) -> Result<Self, Short> {
        let outside = bytes.f32()?;
        let mut transitions = Transitions::default();
        let rows = transitions.next.iter_mut().flatten();
        for weight in transitions.start.iter_mut().chain(rows) {
            *weight = bytes.f32()?;
        }
        let count = bytes.count(ID_BITS as usize / 8 + 1 + LABELS)?;
        let ids = bytes.rising(count, ID_BITS)?;
        let steps = bytes.take(count)?.into_iter();
        let shares = [0; LABELS];
        let mut rows: Vec<Row> = steps.map(|step| Row { shares, step }).collect();
        for label in 0..LABELS {
            let column = bytes.int8s(count)?;
            for (row, share) in rows.iter_mut().zip(column) {
                if let Some(place) = row.shares.get_mut(label) {
                    *place = share;
                }
            }
        }
        bytes.end()?;
        Ok(Self {
            places: HashIndex::of(&ids, ID_BITS),
            rows,
            scales: (0..=u8::MAX)
                .map(|step| scale_of(step) / MAX_SHARE)
                .collect(),
            transitions,
            outside,
        })
    }

    /// The scores of a sentence's words, from their features.
    pub(crate) fn lattice(&self, features: &[Vec<Id>]) -> Lattice<'_> {
        Lattice {
            words: features.iter().map(|ids| self.scores(ids)).collect(),
            transitions: &self.transitions,
        }
    }

    fn scores(&self, ids: &[Id]) -> Scores {
        let mut scores = [0.0; LABELS];
        for id in ids {
            let Some(place) = self.places.find(id >> (Id::BITS - ID_BITS)) else {
                continue;
            };
            let Some(row) = self.rows.get(place) else {
                continue;
            };
            let scale = self.scales.get(usize::from(row.step));
            let scale = scale.copied().unwrap_or_default();
            for (score, share) in scores.iter_mut().zip(row.shares) {
                *score += scale * f32::from(share);
            }
        }
        scores[0] -= self.outside;
        scores
    }
}
