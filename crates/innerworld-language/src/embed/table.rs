//! The table of vectors, and the encoder that reads it.

use innerworld_core::memory::encoder::Encoder;

use super::{DIMENSIONS, SHIPPED, pieces::Pieces, words::each_word};
use crate::{
    asset::{Bytes, Packed},
    load_error::LoadError,
};

/// The name of the asset.
pub(crate) const NAME: &str = "static";
/// The form of its payload.
pub(crate) const FORMAT: u32 = 1;
/// Bytes of a text that are read; a message is shorter.
const LONGEST_TEXT: usize = 16 * 1024;

/// Texts as the mean of their word pieces' vectors, of length one.
#[derive(Debug)]
pub struct StaticEncoder {
    version: String,
    pieces: Pieces,
    scales: Vec<f32>,
    /// Components of each piece in turn, as shares of its scale.
    rows: Vec<i8>,
}

impl StaticEncoder {
    /// The encoder inside the program.
    ///
    /// # Errors
    /// [`LoadError`] if the program was built with damaged parts.
    pub fn shipped() -> Result<Self, LoadError> {
        Self::read(SHIPPED)
    }

    /// Reads the asset.
    ///
    /// # Errors
    /// [`LoadError`] if it is damaged or another one.
    pub fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let asset = Packed::read(bytes, NAME, FORMAT)?;
        let version = format!("static-{}", asset.header.version());
        Ok(Self::of_payload(version, asset.unpack()?).map_err(|reason| asset.invalid(reason))?)
    }

    fn of_payload(version: String, mut bytes: Bytes<'_>) -> Result<Self, &'static str> {
        let short = |_short| "a list has another length";
        let count = bytes.count(DIMENSIONS + 4 + 1).map_err(short)?;
        let rows = bytes.int8s(count * DIMENSIONS).map_err(short)?;
        let mut scales = Vec::with_capacity(count);
        for _row in 0..count {
            scales.push(bytes.f32().map_err(short)?);
        }
        let words = String::from_utf8(bytes.rest().map_err(short)?)
            .map_err(|_error| "a word is no text")?;
        if words.lines().count() != count {
            return Err("there are other words than vectors");
        }
        Ok(Self {
            version,
            pieces: Pieces::of(words.lines()),
            scales,
            rows,
        })
    }

    /// Whether the vocabulary has this word, lower-cased, in one piece.
    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.pieces.has(word)
    }

    /// How many words of the vocabulary, which stands roughly in the order of frequency, are before this
    /// one, lower-cased; the greatest number for a word that it does not have whole.
    pub(crate) fn rank(&self, word: &str) -> u32 {
        self.pieces.number(word).unwrap_or(u32::MAX)
    }

    /// Adds the vectors of the text's pieces.
    fn add(&self, text: &str, sum: &mut [f32]) {
        each_word(text, |word| {
            self.pieces.each(word, |piece| {
                let piece = piece as usize;
                let start = piece * DIMENSIONS;
                let row = self.rows.get(start..start + DIMENSIONS);
                if let (Some(row), Some(scale)) = (row, self.scales.get(piece)) {
                    for (sum, step) in sum.iter_mut().zip(row) {
                        *sum += f32::from(*step) * scale;
                    }
                }
            });
        });
    }
}

impl Encoder for StaticEncoder {
    fn version(&self) -> &str {
        &self.version
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn encode(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; DIMENSIONS];
        let end = text.floor_char_boundary(LONGEST_TEXT);
        self.add(text.get(..end).unwrap_or_default(), &mut vector);
        let mut square = 0.0_f32;
        for component in &vector {
            square += component * component;
        }
        if square > 0.0 {
            let length = libm::sqrtf(square);
            for component in &mut vector {
                *component /= length;
            }
        }
        vector
    }
}
