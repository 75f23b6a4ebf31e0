//! The trainer of the emotion model.

use std::collections::BTreeMap;

use super::{
    Labelled, TrainError,
    logistic::{Row, Task, fit, margin},
};
use crate::{
    asset::{self, Maker, Source},
    emotion::{CLASSES, FORMAT, Grams, NAME, RARITY_STEP, sublinear},
};

/// `trainer` counts changes that change what it makes from the same data.
const MAKER: Maker = Maker {
    name: NAME,
    format: FORMAT,
    trainer: 1,
};

/// What the trainer may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmotionSettings {
    /// How much the texts count against small weights.
    pub c: f64,
    /// Texts that must hold a gram for it to be kept.
    pub seen: u32,
    /// Grams that are kept at most: those with the greatest weights.
    pub keep: usize,
    /// Parts of the data that take turns at choosing the thresholds.
    pub folds: usize,
}

impl Default for EmotionSettings {
    fn default() -> Self {
        Self {
            c: 4.0,
            seen: 2,
            keep: 50_000,
            folds: 5,
        }
    }
}

/// A trained asset.
#[derive(Debug)]
pub struct Trained {
    /// The file.
    pub bytes: Vec<u8>,
    /// Macro F1 over the texts of each fold, by what was trained without it.
    pub cross_validated: f64,
}

/// Trains the model on `texts`. `said` is told what is being done.
///
/// # Errors
/// [`TrainError::NoExample`] if a class is nowhere.
pub fn train_emotion(
    texts: &[Labelled],
    sources: Vec<Source>,
    settings: EmotionSettings,
    said: &mut dyn FnMut(&str),
) -> Result<Trained, TrainError> {
    for class in 0..CLASSES {
        if !texts.iter().any(|text| has(text, class)) {
            return Err(TrainError::NoExample { class });
        }
    }
    let grams = Grams::load()?;
    let counted: Vec<_> = texts.iter().map(|text| grams.counted(&text.text)).collect();
    let everything = Problem::of(
        (texts, &counted),
        Vocabulary::of(&counted, settings.seen),
        settings.c,
    );
    said(&format!("{} grams", everything.width()));
    let kept = heaviest(&everything.models(), everything.width(), settings.keep);
    said(&format!("{} kept", kept.len()));
    // Trained anew: the length of a text changes with the grams that are known.
    let problem = Problem::of(
        (texts, &counted),
        everything.vocabulary.only(&kept),
        settings.c,
    );
    let (thresholds, cross_validated) = problem.thresholds(settings.folds, said);
    said("training on everything");
    let payload = payload(&problem.vocabulary, &problem.models(), &thresholds);
    let header = MAKER.header(
        sources,
        [
            ("c", settings.c.to_string()),
            ("seen", settings.seen.to_string()),
            ("keep", settings.keep.to_string()),
            ("folds", settings.folds.to_string()),
        ],
        BTreeMap::from([(
            "macro F1, cross-validated inside the training data".to_owned(),
            format!("{cross_validated:.3}"),
        )]),
    );
    Ok(Trained {
        bytes: asset::write(header, &payload)?,
        cross_validated,
    })
}

fn has(text: &Labelled, class: usize) -> bool {
    text.classes.get(class).copied().unwrap_or(false)
}

/// The grams of a text with their counts.
type Counted = Vec<(u32, u32)>;

/// Grams that are kept, by rising number, with the steps of their rarity.
struct Vocabulary {
    grams: Vec<u32>,
    rarity: Vec<u8>,
}

impl Vocabulary {
    fn of(texts: &[Counted], seen: u32) -> Self {
        let mut texts_with: BTreeMap<u32, u32> = BTreeMap::new();
        for text in texts {
            for (gram, _count) in text {
                *texts_with.entry(*gram).or_default() += 1;
            }
        }
        texts_with.retain(|_gram, texts| *texts >= seen);
        let all = 1.0 + texts.len() as f64;
        let rarity = |texts: &u32| {
            let rarity = libm::log(all / (1.0 + f64::from(*texts))) + 1.0;
            (rarity / f64::from(RARITY_STEP)).round().clamp(0.0, 255.0) as u8
        };
        Self {
            rarity: texts_with.values().map(rarity).collect(),
            grams: texts_with.into_keys().collect(),
        }
    }

    /// The grams in these places.
    fn only(&self, places: &[usize]) -> Self {
        let grams = places.iter().filter_map(|place| self.grams.get(*place));
        let rarity = places.iter().filter_map(|place| self.rarity.get(*place));
        Self {
            grams: grams.copied().collect(),
            rarity: rarity.copied().collect(),
        }
    }

    /// Sublinear counts by rarity, of unit length.
    fn row(&self, text: &Counted) -> Row {
        let mut row: Row = text
            .iter()
            .filter_map(|(gram, count)| {
                let place = self.grams.binary_search(gram).ok()?;
                let rarity = f32::from(*self.rarity.get(place)?) * RARITY_STEP;
                Some((place as u32, sublinear(*count) * rarity))
            })
            .collect();
        let square: f32 = row.iter().map(|(_, value)| value * value).sum();
        if square > 0.0 {
            let length = libm::sqrtf(square);
            for (_, value) in &mut row {
                *value /= length;
            }
        }
        row
    }
}

/// Texts, as rows over a vocabulary.
struct Problem<'a> {
    texts: &'a [Labelled],
    vocabulary: Vocabulary,
    rows: Vec<Row>,
    c: f64,
}

impl<'a> Problem<'a> {
    fn of((texts, counted): (&'a [Labelled], &[Counted]), vocabulary: Vocabulary, c: f64) -> Self {
        let rows = counted.iter().map(|text| vocabulary.row(text));
        Self {
            texts,
            rows: rows.collect(),
            vocabulary,
            c,
        }
    }

    fn width(&self) -> usize {
        self.vocabulary.grams.len()
    }

    /// The weights of each class, from all texts.
    fn models(&self) -> Vec<Vec<f64>> {
        let classes = 0..CLASSES;
        classes
            .map(|class| self.fit(class, |_place| true))
            .collect()
    }

    /// The weights of a class, from the texts in the places that `learns` chooses.
    fn fit(&self, class: usize, learns: impl Fn(usize) -> bool) -> Vec<f64> {
        let pairs = self.rows.iter().zip(self.texts).enumerate();
        let (rows, positive): (Vec<&Row>, Vec<bool>) = pairs
            .filter(|(place, _pair)| learns(*place))
            .map(|(_place, (row, text))| (row, has(text, class)))
            .unzip();
        fit(&Task {
            rows: &rows,
            positive: &positive,
            counts: &[],
            width: self.width(),
            c: self.c,
        })
    }

    /// The threshold of each class that is best on texts the weights have not seen, and the macro
    /// F1 there.
    fn thresholds(&self, folds: usize, said: &mut dyn FnMut(&str)) -> ([f32; CLASSES], f64) {
        let mut chosen = [0.5; CLASSES];
        let mut sum = 0.0;
        for (class, threshold) in chosen.iter_mut().enumerate() {
            let mut scored: Vec<(f64, bool)> = Vec::with_capacity(self.texts.len());
            for fold in 0..folds {
                let weights = self.fit(class, |place| place % folds != fold);
                let own = self.texts.iter().zip(&self.rows);
                let own = own.skip(fold).step_by(folds);
                scored.extend(own.map(|(text, row)| (margin(&weights, row), has(text, class))));
            }
            let (margin, f1) = best_cut(scored);
            *threshold = (1.0 / (1.0 + libm::exp(-margin))) as f32;
            said(&format!(
                "class {} of {CLASSES}: F1 {f1:.3} from {threshold:.2} on",
                class + 1
            ));
            sum += f1;
        }
        (chosen, sum / CLASSES as f64)
    }
}

/// The margin from which on "yes" gives the best F1.
fn best_cut(mut scored: Vec<(f64, bool)>) -> (f64, f64) {
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    let positives = scored.iter().filter(|(_, positive)| *positive).count() as f64;
    let (mut hits, mut best) = (0.0, (0.0, 0.0));
    for (said, (margin, positive)) in (1_u32..).zip(scored) {
        hits += f64::from(u8::from(positive));
        let f1 = 2.0 * hits / (f64::from(said) + positives);
        if f1 > best.1 {
            best = (margin, f1);
        }
    }
    best
}

fn payload(vocabulary: &Vocabulary, models: &[Vec<f64>], thresholds: &[f32; CLASSES]) -> Vec<u8> {
    let width = vocabulary.grams.len();
    let most: Vec<f64> = models.iter().map(|model| greatest(model, width)).collect();
    let biases = models.iter().filter_map(|model| model.last());
    let singles = biases
        .map(|bias| *bias as f32)
        .chain(thresholds.iter().copied())
        .chain(most.iter().map(|most| *most as f32));
    let mut bytes: Vec<u8> = singles.flat_map(f32::to_le_bytes).collect();
    bytes.extend((width as u32).to_le_bytes());
    let before = std::iter::once(&0).chain(&vocabulary.grams);
    let rises: Vec<[u8; 4]> = vocabulary
        .grams
        .iter()
        .zip(before)
        .map(|(gram, before)| (gram - before).to_le_bytes())
        .collect();
    for byte in 0..4 {
        bytes.extend(rises.iter().filter_map(|rise| rise.get(byte)));
    }
    bytes.extend(&vocabulary.rarity);
    for (model, most) in models.iter().zip(most) {
        let weights = model.iter().take(width);
        bytes.extend(weights.map(|weight| root(*weight, most).cast_unsigned()));
    }
    bytes
}

/// Places of the grams whose weights matter most, by rising place.
fn heaviest(models: &[Vec<f64>], width: usize, keep: usize) -> Vec<usize> {
    let weight = |place: usize| {
        let weights = models.iter().filter_map(|model| model.get(place));
        weights.fold(0.0_f64, |most, weight| most.max(weight.abs()))
    };
    let mut places: Vec<(usize, f64)> = (0..width).map(|place| (place, weight(place))).collect();
    places.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    let mut kept: Vec<usize> = places
        .into_iter()
        .take(keep)
        .map(|(place, _)| place)
        .collect();
    kept.sort_unstable();
    kept
}

fn greatest(model: &[f64], width: usize) -> f64 {
    let weights = model.iter().take(width);
    weights.fold(f64::EPSILON, |most, weight| most.max(weight.abs()))
}

/// See the reader: the square root of the share that a weight has in the greatest.
fn root(weight: f64, most: f64) -> i8 {
    let root = (weight.abs() / most).sqrt().copysign(weight);
    (root * 127.0).round().clamp(-127.0, 127.0) as i8
}
