//! The network: six layers of attention over word pieces, and the mean of what they make of a text.
//!
//! After Devlin et al. (2019), in the sizes of MiniLM (Wang et al., 2020). All sequences of a call
//! are of one length, so that nothing is padded and nothing need be masked.

use candle_core::{D, Device, Result, Tensor};

use super::{
    error::MiniLmError,
    parts::{Dense, Norm, softmax},
    weights::{HEADS, INNER, LAYERS, PIECES, PLACES, WIDTH, Weights},
};

/// Numbers that one head looks at.
const HEAD: usize = WIDTH / HEADS;
/// One over the root of that: keeps sums over a head as great as its single products.
const SCALE: f64 = 0.176_776_695_296_636_9;

/// The network with its weights.
#[derive(Debug)]
pub(super) struct Bert {
    pieces: Tensor,
    places: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    /// Query, key and value, side by side.
    asked: Dense,
    mixed: Dense,
    mixed_norm: Norm,
    inner: Dense,
    outer: Dense,
    outer_norm: Norm,
}

impl Bert {
    /// Takes its weights out of a file's.
    pub(super) fn of(weights: &mut Weights) -> std::result::Result<Self, MiniLmError> {
        let places = weights.take("embeddings.position_embeddings.weight", &[PLACES, WIDTH])?;
        // Of the two kinds of text only the first occurs.
        let kinds = weights.take("embeddings.token_type_embeddings.weight", &[2, WIDTH])?;
        let places = kinds
            .narrow(0, 0, 1)
            .and_then(|kind| places.broadcast_add(&kind));
        let layers = (0..LAYERS).map(|layer| Layer::of(weights, &format!("encoder.layer.{layer}")));
        let layers = layers.collect::<std::result::Result<_, _>>()?;
        Ok(Self {
            pieces: weights.take("embeddings.word_embeddings.weight", &[PIECES, WIDTH])?,
            places: places.map_err(|source| MiniLmError::Weights { source })?,
            norm: Norm::of(weights, "embeddings.LayerNorm")?,
            layers,
        })
    }

    /// The mean last state of each sequence, one after the other. All sequences are of `length`
    /// pieces and stand in `pieces` one after the other.
    pub(super) fn means(&self, pieces: &[u32], length: usize) -> Result<Vec<f32>> {
        let count = pieces.len() / length.max(1);
        let numbers = Tensor::new(pieces, &Device::Cpu)?;
        let mut states = self
            .pieces
            .index_select(&numbers, 0)?
            .reshape((count, length, WIDTH))?
            .broadcast_add(&self.places.narrow(0, 0, length)?)?
            .reshape((count * length, WIDTH))?;
        states = self.norm.apply(&states)?;
        for layer in &self.layers {
            states = layer.apply(&states, (count, length))?;
        }
        states
            .reshape((count, length, WIDTH))?
            .mean(1)?
            .flatten_all()?
            .to_vec1()
    }
}

impl Layer {
    fn of(weights: &mut Weights, name: &str) -> std::result::Result<Self, MiniLmError> {
        let wide = (WIDTH, WIDTH);
        let mut part = |part| Dense::of(weights, &format!("{name}.attention.self.{part}"), wide);
        let asked = [part("query")?, part("key")?, part("value")?];
        Ok(Self {
            asked: Dense::beside(&asked).map_err(|source| MiniLmError::Weights { source })?,
            mixed: Dense::of(weights, &format!("{name}.attention.output.dense"), wide)?,
            mixed_norm: Norm::of(weights, &format!("{name}.attention.output.LayerNorm"))?,
            inner: Dense::of(
                weights,
                &format!("{name}.intermediate.dense"),
                (WIDTH, INNER),
            )?,
            outer: Dense::of(weights, &format!("{name}.output.dense"), (INNER, WIDTH))?,
            outer_norm: Norm::of(weights, &format!("{name}.output.LayerNorm"))?,
        })
    }

    fn apply(&self, states: &Tensor, sequences: (usize, usize)) -> Result<Tensor> {
        let mixed = self.mixed.apply(&self.attend(states, sequences)?)?;
        let states = self.mixed_norm.apply(&(states + mixed)?)?;
        let inner = self.inner.apply(&states)?.gelu_erf()?;
        let outer = self.outer.apply(&inner)?;
        self.outer_norm.apply(&(states + outer)?)
    }

    /// What each piece takes over from the others of its sequence.
    fn attend(&self, states: &Tensor, (count, length): (usize, usize)) -> Result<Tensor> {
        let asked = self.asked.apply(states)?;
        let asked = asked
            .reshape((count, length, 3, HEADS, HEAD))?
            .permute((2, 0, 3, 1, 4))?
            .contiguous()?;
        let (query, key, value) = (asked.get(0)?, asked.get(1)?, asked.get(2)?);
        let near = (query.matmul(&key.t()?)? * SCALE)?;
        softmax(&near, D::Minus1)?
            .matmul(&value)?
            .transpose(1, 2)?
            .contiguous()?
            .reshape((count * length, WIDTH))
    }
}
