//! The trainer of the tagger.
#![expect(clippy::indexing_slicing, reason = "rows with a place for every label")]

use std::collections::BTreeMap;

use super::{
    TrainError,
    conll::Tagged,
    crf::{CrfSettings, Example, Numbers, Trained, train},
    kinds,
};
use crate::{
    asset::{self, Maker, Source},
    tagger::{
        Features, ID_BITS, Id, LABELS, Label, Lattice, MAX_SHARE, Paths, SCALE_STEPS,
        TAGGER_FORMAT, TAGGER_NAME, Tagger, scale_of,
    },
};

/// `trainer` counts changes that change what it makes from the same data.
const MAKER: Maker = Maker {
    name: TAGGER_NAME,
    format: TAGGER_FORMAT,
    trainer: 1,
};

/// What the trainer may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaggerSettings {
    /// Of the optimiser.
    pub crf: CrfSettings,
    /// A feature none of whose weights is this great is dropped.
    pub least: f32,
    /// Taken off the score of "no name".
    pub outside: f32,
}

impl Default for TaggerSettings {
    fn default() -> Self {
        Self {
            crf: CrfSettings::default(),
            least: 0.12,
            outside: 0.3,
        }
    }
}

/// How many names were right, said, and there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EntityTally {
    /// Said and right.
    pub hits: usize,
    /// Said.
    pub said: usize,
    /// There.
    pub gold: usize,
}

impl EntityTally {
    /// The harmonic mean of precision and recall.
    pub fn f1(self) -> f64 {
        2.0 * self.hits as f64 / ((self.said + self.gold) as f64).max(1.0)
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            said: self.said + other.said,
            gold: self.gold + other.gold,
        }
    }

    /// Compares the labels of a sentence.
    pub fn of(said: &[Label], gold: &[Label]) -> Self {
        let (said, gold) = (names(said), names(gold));
        Self {
            hits: said.iter().filter(|name| gold.contains(name)).count(),
            said: said.len(),
            gold: gold.len(),
        }
    }
}

/// Names as first word, word after the last, and first label.
fn names(labels: &[Label]) -> Vec<(usize, usize, Label)> {
    let mut names: Vec<(usize, usize, Label)> = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        match label {
            Label::Outside => {}
            Label::Begin(_) => names.push((at, at + 1, *label)),
            Label::Inside(_) => {
                if let Some(name) = names.last_mut() {
                    name.1 = at + 1;
                }
            }
        }
    }
    names
}

/// Sentences with their features, to train on parts of them again and again.
pub struct TaggerData {
    sentences: Vec<(Vec<Vec<Id>>, Vec<crate::tagger::Allowed>)>,
    version: String,
}

impl std::fmt::Debug for TaggerData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TaggerData({} sentences)", self.sentences.len())
    }
}

impl TaggerData {
    /// Reads sentences by the clusters and names of `tagger`.
    pub fn read<'s>(
        sentences: impl Iterator<Item = &'s Tagged>,
        features: &TaggerFeatures,
    ) -> Self {
        let mut paths = Paths::default();
        let read = |sentence: &Tagged| {
            let words: Vec<&str> = sentence.words.iter().map(String::as_str).collect();
            (
                features.0.of(&words, &mut paths),
                kinds::of_sentence(&sentence.labels),
            )
        };
        Self {
            sentences: sentences.map(read).collect(),
            version: features.0.version(),
        }
    }

    /// Trains on the sentences of these places.
    pub fn train(
        &self,
        places: &[usize],
        settings: TaggerSettings,
        said: &mut dyn FnMut(&str),
    ) -> TrainedTagger {
        let chosen = || places.iter().filter_map(|place| self.sentences.get(*place));
        let numbers = Numbers::of(
            chosen().map(|(features, _)| features.as_slice()),
            settings.crf.seen,
        );
        let examples: Vec<Example> = chosen()
            .map(|(features, allowed)| Example {
                features: numbers.find(features),
                allowed: allowed.clone(),
            })
            .collect();
        said(&format!("{} features", numbers.ids.len()));
        let trained = train(&examples, numbers.ids.len(), settings.crf, said);
        TrainedTagger {
            settings,
            ids: numbers.ids.clone(),
            numbers,
            trained,
        }
    }

    /// How well a trained tagger finds the names of these places' sentences.
    pub fn score(&self, tagger: &TrainedTagger, places: &[usize]) -> EntityTally {
        let chosen = places.iter().filter_map(|place| self.sentences.get(*place));
        chosen.fold(EntityTally::default(), |sum, (features, allowed)| {
            let Some(gold) = kinds::certain(allowed) else {
                return sum;
            };
            let found = tagger.numbers.find(features);
            let mut lattice: Lattice<'_> = tagger.trained.lattice(&found);
            for word in &mut lattice.words {
                word[0] -= tagger.settings.outside;
            }
            sum.and(EntityTally::of(&lattice.best(), &gold))
        })
    }
}

/// Clusters and name lists as the trainer uses them.
#[derive(Debug)]
pub struct TaggerFeatures(pub(crate) Features);

/// Weights before they are packed.
#[derive(Debug)]
pub struct TrainedTagger {
    /// What it was told.
    pub settings: TaggerSettings,
    ids: Vec<Id>,
    numbers: Numbers,
    trained: Trained,
}

impl TrainedTagger {
    /// Makes the asset.
    ///
    /// # Errors
    /// If the header cannot be written.
    pub fn pack(
        &self,
        data: &TaggerData,
        sources: Vec<Source>,
        figures: BTreeMap<String, String>,
    ) -> Result<Vec<u8>, TrainError> {
        let (payload, kept) = self.payload();
        let crf = self.settings.crf;
        let settings = [
            ("features", data.version.clone()),
            ("kept", kept.to_string()),
            ("step", crf.step.to_string()),
            ("l2", crf.l2.to_string()),
            ("epochs", crf.epochs.to_string()),
            ("averaged", crf.averaged.to_string()),
            ("seen", crf.seen.to_string()),
            ("least", self.settings.least.to_string()),
            ("outside", self.settings.outside.to_string()),
        ];
        let header = MAKER.header(sources, settings, figures);
        Ok(asset::write(header, &payload)?)
    }

    fn payload(&self) -> (Vec<u8>, usize) {
        let greatest = |row: &[f32; 16]| row.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        // By stored number; of two features that share one, the weightier stays.
        let mut kept: BTreeMap<u64, &[f32; 16]> = BTreeMap::new();
        for (id, row) in self.ids.iter().zip(&self.trained.rows) {
            if greatest(row) >= self.settings.least {
                let place = kept.entry(id >> (Id::BITS - ID_BITS)).or_insert(row);
                if greatest(row) > greatest(place) {
                    *place = row;
                }
            }
        }
        let mut bytes = self.settings.outside.to_le_bytes().to_vec();
        let transitions = &self.trained.transitions;
        let weights = transitions
            .start
            .iter()
            .chain(transitions.next.iter().flatten());
        bytes.extend(weights.flat_map(|weight| weight.to_le_bytes()));
        bytes.extend((kept.len() as u32).to_le_bytes());
        let mut last = 0;
        let steps: Vec<u64> = kept
            .keys()
            .map(|id| id - std::mem::replace(&mut last, *id))
            .collect();
        for shift in (0..ID_BITS).step_by(8) {
            bytes.extend(steps.iter().map(|step| (step >> shift) as u8));
        }
        let scales: Vec<u8> = kept.values().map(|row| scale_step(greatest(row))).collect();
        bytes.extend(&scales);
        for label in 0..LABELS {
            bytes.extend(kept.values().zip(&scales).map(|(row, scale)| {
                let share = row[label] / scale_of(*scale) * MAX_SHARE;
                (share.round() as i8).cast_unsigned()
            }));
        }
        (bytes, kept.len())
    }
}

/// The least step whose scale reaches `greatest`.
fn scale_step(greatest: f32) -> u8 {
    let nearest = SCALE_STEPS * libm::logf(greatest / scale_of(0));
    nearest.ceil().clamp(0.0, 255.0) as u8
}

/// How well the packed tagger finds the names of sentences whose labels are all known.
pub fn score_tagger(tagger: &Tagger, sentences: &[Tagged]) -> EntityTally {
    sentences
        .iter()
        .fold(EntityTally::default(), |sum, sentence| {
            let words: Vec<&str> = sentence.words.iter().map(String::as_str).collect();
            let gold = kinds::certain(&kinds::of_sentence(&sentence.labels));
            let said = tagger.labels(&words);
            gold.map_or(sum, |gold| sum.and(EntityTally::of(&said, &gold)))
        })
}
