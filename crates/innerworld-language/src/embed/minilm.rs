//! The encoder all-MiniLM-L6-v2 itself, from a folder that the operator names.
//!
//! Milliseconds a text instead of microseconds, for better recall. Nothing is fetched: the weights
//! lie on this machine or the server does not start.

mod bert;
mod error;
mod parts;
mod weights;
mod words;

use std::path::Path;

use innerworld_core::{hex, memory::encoder::Encoder};

pub use self::error::MiniLmError;
use self::{
    bert::Bert,
    weights::{PIECES, WIDTH, Weights},
    words::each_word,
};
use super::pieces::Pieces;

/// Bytes of a text that are read; the pieces that count come from its start.
const LONGEST_TEXT: usize = 16 * 1024;
/// Pieces of a text that are read, start and end included, as the encoder was trained.
const LONGEST: usize = 256;
/// Texts at a time, where there are many.
#[cfg(feature = "train")]
const BATCH: usize = 256;
/// Counts changes of this code that change the vectors of the same weights.
const CODE: u32 = 1;

/// Texts as 384 numbers of length one: the mean of what the network makes of their pieces.
#[derive(Debug)]
pub struct MiniLm {
    version: String,
    pieces: Pieces,
    special: Special,
    bert: Bert,
}

/// Pieces that stand for no text.
#[derive(Debug)]
struct Special {
    start: u32,
    end: u32,
    unknown: u32,
}

impl MiniLm {
    /// Reads the encoder from a folder with `config.json`, `vocab.txt` and `model.safetensors`.
    ///
    /// # Errors
    /// [`MiniLmError`] says which file is missing, damaged or of another model.
    pub fn load(folder: &Path) -> Result<Self, MiniLmError> {
        weights::check_config(&weights::read(folder, "config.json")?)?;
        let vocabulary = weights::read(folder, "vocab.txt")?;
        let (pieces, special) = read_pieces(&vocabulary)?;
        let bytes = weights::read(folder, "model.safetensors")?;
        let mut weights = Weights::of(&bytes)?;
        let encoder = Self {
            version: version(&vocabulary, &bytes),
            pieces,
            special,
            bert: Bert::of(&mut weights)?,
        };
        // Damage inside the numbers shows in what they make of plain words. A letter beyond ASCII
        // has the classes of letters compiled before the first teen waits for it.
        let first = encoder.encode("a first text\u{2026}");
        let length: f32 = first.iter().map(|component| component * component).sum();
        if (length - 1.0).abs() < 1e-3 {
            Ok(encoder)
        } else {
            Err(MiniLmError::Senseless)
        }
    }

    /// What the network makes of single pieces, by their numbers: the mean state of start, piece
    /// and end, not of length one. Training reads the whole vocabulary this way.
    ///
    /// # Errors
    /// [`MiniLmError`] if a number is none of a piece.
    #[cfg(feature = "train")]
    pub fn read_pieces(&self, numbers: &[u32]) -> Result<Vec<f32>, MiniLmError> {
        let Special { start, end, .. } = self.special;
        let mut rows = Vec::with_capacity(numbers.len() * WIDTH);
        for batch in numbers.chunks(BATCH) {
            let sequences: Vec<u32> = batch
                .iter()
                .flat_map(|piece| [start, *piece, end])
                .collect();
            let means = self.bert.means(&sequences, 3);
            rows.extend(means.map_err(|source| MiniLmError::Weights { source })?);
        }
        Ok(rows)
    }

    /// The pieces of a text between start and end; none if it has no known piece.
    fn sequence(&self, text: &str) -> Option<Vec<u32>> {
        let Special {
            start,
            end,
            unknown,
        } = self.special;
        let text = text.get(..text.floor_char_boundary(LONGEST_TEXT))?;
        let mut sequence = vec![start];
        each_word(text, |word| {
            let known = word.is_some_and(|word| self.pieces.each(word, |n| sequence.push(n)));
            if !known {
                sequence.push(unknown);
            }
        });
        sequence.truncate(LONGEST - 1);
        let says_something = sequence.iter().skip(1).any(|piece| *piece != unknown);
        sequence.push(end);
        says_something.then_some(sequence)
    }
}

impl Encoder for MiniLm {
    fn version(&self) -> &str {
        &self.version
    }

    fn dimensions(&self) -> usize {
        WIDTH
    }

    fn encode(&self, text: &str) -> Vec<f32> {
        let nothing = || vec![0.0; WIDTH];
        let Some(sequence) = self.sequence(text) else {
            return nothing();
        };
        // Shapes were checked when the weights were read: no product can fail.
        let Ok(mut vector) = self.bert.means(&sequence, sequence.len()) else {
            return nothing();
        };
        let square: f32 = vector.iter().map(|component| component * component).sum();
        let length = square.sqrt();
        if !(length.is_finite() && length > 0.0) {
            return nothing();
        }
        for component in &mut vector {
            *component /= length;
        }
        vector
    }
}

fn read_pieces(vocabulary: &[u8]) -> Result<(Pieces, Special), MiniLmError> {
    let wrong = |reason| MiniLmError::Vocabulary { reason };
    let words = std::str::from_utf8(vocabulary).map_err(|_error| wrong("is no text"))?;
    if words.lines().count() != PIECES {
        return Err(wrong("has another number of lines than 30,522"));
    }
    let number = |special: &str| {
        let place = words.lines().position(|word| word == special);
        let number = place.and_then(|place| u32::try_from(place).ok());
        number.ok_or_else(|| wrong("lacks [CLS], [SEP] or [UNK]"))
    };
    let special = Special {
        start: number("[CLS]")?,
        end: number("[SEP]")?,
        unknown: number("[UNK]")?,
    };
    Ok((Pieces::of(words.lines()), special))
}

/// Names the content: other weights or pieces, other vectors.
fn version(vocabulary: &[u8], weights: &[u8]) -> String {
    let both = [hex::sha256(vocabulary), hex::sha256(weights)].concat();
    let hash = hex::sha256(both.as_bytes());
    format!("minilm-{CODE}-{}", hash.get(..12).unwrap_or_default())
}
