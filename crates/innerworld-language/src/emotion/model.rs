//! The linear emotion model: one weight per gram and class.

use innerworld_core::memory::graph::EmotionWeights;

use super::grams::Grams;
use crate::{
    asset::{Bytes, Packed, Short},
    load_error::LoadError,
};

/// Classes, in the order of the weights: anger, disgust, fear, joy, neutral, sadness, surprise.
pub(crate) const CLASSES: usize = 7;
/// The name of the asset.
pub(crate) const NAME: &str = "emotion";
/// The form of its payload.
pub(crate) const FORMAT: u32 = 1;
/// Rarity is stored in steps of this size, from 0.
pub(crate) const RARITY_STEP: f32 = 1.0 / 16.0;

/// Probabilities of the seven classes for a text.
///
/// One-vs-rest logistic regression over words, pairs of words and denied words with sublinear
/// counts, weighted by rarity (tf-idf), on texts of unit length.
#[derive(Debug)]
pub struct EmotionModel {
    reads: Grams,
    version: String,
    bias: EmotionWeights,
    thresholds: EmotionWeights,
    most: EmotionWeights,
    /// Rising; a gram's place here is its place in the other lists.
    grams: Vec<u32>,
    rarity: Vec<u8>,
    weights: Vec<[i8; CLASSES]>,
}

impl EmotionModel {
    /// The model inside the program.
    ///
    /// # Errors
    /// [`LoadError`] if the program was built with damaged parts.
    pub fn shipped() -> Result<Self, LoadError> {
        Self::read(super::SHIPPED)
    }

    /// Reads the asset.
    ///
    /// # Errors
    /// [`LoadError`] if it is damaged or another one.
    pub fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let asset = Packed::read(bytes, NAME, FORMAT)?;
        let version = asset.header.version().to_owned();
        let model = Self::of_payload(Grams::load()?, version, asset.unpack()?);
        Ok(model.map_err(|_short| asset.invalid("a list has another length"))?)
    }

    fn of_payload(reads: Grams, version: String, mut bytes: Bytes<'_>) -> Result<Self, Short> {
        let bias = seven(&mut bytes)?;
        let thresholds = seven(&mut bytes)?;
        let most = seven(&mut bytes)?;
        let count = bytes.count(4 + 1 + CLASSES)?;
        let grams = bytes.rising(count, u32::BITS)?;
        let grams = grams
            .into_iter()
            .map(u32::try_from)
            .collect::<Result<_, _>>();
        let grams = grams.map_err(|_error| Short)?;
        let rarity = bytes.take(count)?;
        let mut weights = vec![[0; CLASSES]; count];
        for class in 0..CLASSES {
            let column = bytes.int8s(count)?;
            for (row, weight) in weights.iter_mut().zip(column) {
                if let Some(place) = row.get_mut(class) {
                    *place = weight;
                }
            }
        }
        bytes.end()?;
        Ok(Self {
            reads,
            version,
            bias,
            thresholds,
            most,
            grams,
            rarity,
            weights,
        })
    }

    /// The probability of each class, each by itself: several may be likely, or none.
    pub fn probabilities(&self, text: &str) -> EmotionWeights {
        let mut sums = [0.0_f32; CLASSES];
        let mut square = 0.0_f32;
        for (gram, count) in self.reads.counted(text) {
            let Ok(place) = self.grams.binary_search(&gram) else {
                continue;
            };
            let (Some(rarity), Some(weights)) = (self.rarity.get(place), self.weights.get(place))
            else {
                continue;
            };
            let value = sublinear(count) * f32::from(*rarity) * RARITY_STEP;
            square += value * value;
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += value * share(*weight);
            }
        }
        let length = if square > 0.0 {
            libm::sqrtf(square)
        } else {
            1.0
        };
        let mut probabilities = [0.0; CLASSES];
        let known = self.bias.iter().zip(&self.most).zip(sums);
        for (probability, ((bias, most), sum)) in probabilities.iter_mut().zip(known) {
            *probability = 1.0 / (1.0 + libm::expf(-(bias + most * sum / length)));
        }
        probabilities
    }

    /// The content version of its weights.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// From which probability a class counts as said, when classes and not weights are wanted.
    pub const fn thresholds(&self) -> &EmotionWeights {
        &self.thresholds
    }
}

/// A stored weight as a share of the class's greatest, from -1 to 1. Squares, so that the many
/// small weights keep their differences beside a few great ones.
fn share(weight: i8) -> f32 {
    let root = f32::from(weight) / 127.0;
    root * root.abs()
}

/// The first mention of a word counts most.
pub(crate) fn sublinear(count: u32) -> f32 {
    // Exact: nobody says a word sixteen million times.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let count = count as f32;
    1.0 + libm::logf(count)
}

fn seven(bytes: &mut Bytes<'_>) -> Result<EmotionWeights, Short> {
    let mut numbers = [0.0; CLASSES];
    for number in &mut numbers {
        *number = bytes.f32()?;
    }
    Ok(numbers)
}
