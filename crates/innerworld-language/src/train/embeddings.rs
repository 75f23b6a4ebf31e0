//! The trainer of the static vectors: what an encoder makes of each word piece -> a small table.

use std::collections::BTreeMap;

use super::{TrainError, principal::Principal};
use crate::{
    asset::{self, Header, Source},
    embed::{DIMENSIONS, FORMAT, NAME},
};

/// Counts changes of this trainer that change what it makes from the same data.
const TRAINER: u32 = 1;
/// How much the frequent pieces are held down: weight a / (a + p) of a piece of frequency p.
/// After Arora, Liang and Ma (2017), with the vocabulary's order as the guess of frequency.
const A: f64 = 1e-4;
/// Added to the place in the vocabulary, as in Zipf's law.
const ZIPF_SHIFT: f64 = 2.0;
/// Greatest stored step.
const STEPS: f32 = 127.0;

/// Word pieces in the encoder's order, with what the encoder makes of each.
#[derive(Debug)]
pub struct EncoderPieces<'a> {
    /// The pieces.
    pub words: Vec<&'a str>,
    /// Their vectors, one after the other.
    pub rows: Vec<f32>,
}

/// Makes the asset.
///
/// # Errors
/// [`TrainError::Data`] if there are not as many vectors as words.
pub fn train_embeddings(
    pieces: &EncoderPieces<'_>,
    sources: Vec<Source>,
) -> Result<Vec<u8>, TrainError> {
    let width = pieces.rows.len() / pieces.words.len().max(1);
    if width < DIMENSIONS || width * pieces.words.len() != pieces.rows.len() {
        return Err(TrainError::Data {
            line: pieces.words.len(),
            reason: "the encoder gave another number of vectors",
        });
    }
    let principal = Principal::of(&pieces.rows, width, DIMENSIONS);
    let (mut rows, mut scales) = (Vec::new(), Vec::new());
    let weights = weights(pieces.words.len());
    for (row, weight) in pieces.rows.chunks_exact(width).zip(weights) {
        let projected: Vec<f32> = principal
            .project(row)
            .map(|component| (component * weight) as f32)
            .collect();
        let most = projected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        let scale = most / STEPS;
        scales.push(scale);
        let step = |x: f32| {
            if scale > 0.0 {
                (x / scale).round() as i8
            } else {
                0
            }
        };
        rows.extend(projected.into_iter().map(step));
    }
    let mut payload = (pieces.words.len() as u32).to_le_bytes().to_vec();
    payload.extend(rows.iter().map(|step| step.cast_unsigned()));
    payload.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
    payload.extend(pieces.words.join("\n").bytes());
    Ok(asset::write(header(pieces.words.len(), sources), &payload)?)
}

fn header(pieces: usize, sources: Vec<Source>) -> Header {
    let settings = [
        ("pieces", pieces.to_string()),
        ("dimensions", DIMENSIONS.to_string()),
        ("a", A.to_string()),
    ];
    Header {
        name: NAME.to_owned(),
        format: FORMAT,
        sha256: String::new(),
        bytes: 0,
        trainer: TRAINER,
        sources,
        settings: settings
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        figures: BTreeMap::new(),
    }
}

/// Of each piece, by its place.
fn weights(count: usize) -> impl Iterator<Item = f64> {
    let zipf = move |place: usize| 1.0 / (place as f64 + ZIPF_SHIFT);
    let all: f64 = (0..count).map(zipf).sum();
    (0..count).map(move |place| A / (A + zipf(place) / all))
}
