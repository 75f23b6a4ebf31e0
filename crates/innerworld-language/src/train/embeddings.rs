//! The trainer of the static vectors: what an encoder makes of each word piece -> a small table.

use std::collections::BTreeMap;

use super::{TrainError, principal::Principal, steps::in_steps};
use crate::{
    asset::{self, Maker, Source},
    embed::{DIMENSIONS, FORMAT, NAME},
};

/// `trainer` counts changes that change what it makes from the same data.
const MAKER: Maker = Maker {
    name: NAME,
    format: FORMAT,
    trainer: 1,
};
/// How much the frequent pieces are held down: weight a / (a + p) of a piece of frequency p.
/// After Arora, Liang and Ma (2017), with the vocabulary's order as the guess of frequency.
const A: f64 = 1e-4;
/// Added to the place in the vocabulary, as in Zipf's law.
const ZIPF_SHIFT: f64 = 2.0;

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
        let (steps, scale) = in_steps(&projected);
        scales.push(scale);
        rows.extend(steps);
    }
    let mut payload = (pieces.words.len() as u32).to_le_bytes().to_vec();
    payload.extend(rows.iter().map(|step| step.cast_unsigned()));
    payload.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
    payload.extend(pieces.words.join("\n").bytes());
    let header = MAKER.header(
        sources,
        [
            ("pieces", pieces.words.len().to_string()),
            ("dimensions", DIMENSIONS.to_string()),
            ("a", A.to_string()),
        ],
        BTreeMap::new(),
    );
    Ok(asset::write(header, &payload)?)
}

/// Of each piece, by its place.
fn weights(count: usize) -> impl Iterator<Item = f64> {
    let zipf = move |place: usize| 1.0 / (place as f64 + ZIPF_SHIFT);
    let all: f64 = (0..count).map(zipf).sum();
    (0..count).map(move |place| A / (A + zipf(place) / all))
}
