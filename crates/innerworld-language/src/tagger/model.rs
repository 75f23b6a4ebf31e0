//! What each feature is worth for each label.

use super::{
    features::Id,
    labels::LABELS,
    lattice::{Lattice, Scores, Transitions},
};
use crate::{
    asset::{Asset, Bytes, InvalidAsset, Short},
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
    places: Places,
    /// A feature's greatest weight.
    scales: Vec<f32>,
    shares: Vec<[i8; LABELS]>,
    transitions: Transitions,
    /// Taken off the score of "no name": trades precision for recall.
    outside: f32,
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
        let asset = Asset::read(bytes, TAGGER_NAME, TAGGER_FORMAT)?;
        let invalid = |reason| InvalidAsset::Payload {
            name: TAGGER_NAME.to_owned(),
            reason,
        };
        if asset.header.settings.get("features").map(String::as_str) != Some(features) {
            return Err(invalid("it was trained with other clusters or names").into());
        }
        let weights = Self::of_payload(&asset.payload)
            .map_err(|_short| invalid("a list has another length"))?;
        Ok((weights, asset.header.version().to_owned()))
    }

    fn of_payload(payload: &[u8]) -> Result<Self, Short> {
        let mut bytes = Bytes::new(payload);
        let outside = bytes.f32()?;
        let mut transitions = Transitions::default();
        let rows = transitions.next.iter_mut().flatten();
        for weight in transitions.start.iter_mut().chain(rows) {
            *weight = bytes.f32()?;
        }
        let count = bytes.count(ID_BITS as usize / 8 + 1 + LABELS)?;
        let ids = bytes.rising(count, ID_BITS)?;
        let steps = bytes.take(count)?;
        let mut shares = vec![[0; LABELS]; count];
        for label in 0..LABELS {
            let column = bytes.int8s(count)?;
            for (row, share) in shares.iter_mut().zip(column) {
                if let Some(place) = row.get_mut(label) {
                    *place = share;
                }
            }
        }
        bytes.is_empty().then_some(()).ok_or(Short)?;
        Ok(Self {
            places: Places::of(&ids),
            scales: steps
                .iter()
                .map(|step| scale_of(*step) / MAX_SHARE)
                .collect(),
            shares,
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
            let Some(place) = self.places.find(*id) else {
                continue;
            };
            if let (Some(scale), Some(shares)) = (self.scales.get(place), self.shares.get(place)) {
                for (score, share) in scores.iter_mut().zip(shares) {
                    *score += scale * f32::from(*share);
                }
            }
        }
        scores[0] -= self.outside;
        scores
    }
}

/// Feature -> place in the lists: a table with open addressing.
#[derive(Debug)]
struct Places {
    slots: Vec<Slot>,
    mask: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    id: Id,
    /// Place + 1; 0 is an empty slot.
    place: u32,
}

impl Places {
    fn of(ids: &[Id]) -> Self {
        let size = (2 * ids.len().max(8)).next_power_of_two();
        let mut places = Self {
            slots: vec![Slot::default(); size],
            mask: size - 1,
        };
        for (place, id) in (1_u32..).zip(ids) {
            let mut at = places.start(*id);
            while let Some(slot) = places.slots.get_mut(at) {
                if slot.place == 0 {
                    *slot = Slot { id: *id, place };
                    break;
                }
                at = (at + 1) & places.mask;
            }
        }
        places
    }

    fn find(&self, id: Id) -> Option<usize> {
        let id = id >> (Id::BITS - ID_BITS);
        let mut at = self.start(id);
        loop {
            let slot = self.slots.get(at)?;
            if slot.place == 0 {
                return None;
            }
            if slot.id == id {
                return Some(slot.place as usize - 1);
            }
            at = (at + 1) & self.mask;
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the mask leaves few bits of the number"
    )]
    const fn start(&self, id: Id) -> usize {
        id as usize & self.mask
    }
}
