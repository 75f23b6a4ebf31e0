//! What a layer is made of.

use candle_core::{D, Result, Tensor};

use super::{
    error::MiniLmError,
    weights::{WIDTH, Weights},
};

/// Keeps a division by a deviation of zero from happening.
const EPSILON: f64 = 1e-12;

/// Columns that lie together, as many as products take at a time. A product reads all of a matrix
/// once for a short text, so it is as quick as memory is: it must find what it needs in one piece.
const PANEL: usize = 16;

/// A matrix and what is added.
#[derive(Debug)]
pub(super) struct Dense {
    /// The matrix in panels: a column for each number that comes out.
    panels: Tensor,
    bias: Tensor,
}

impl Dense {
    /// A part that makes `to` numbers of `from`.
    pub(super) fn of(
        weights: &mut Weights,
        name: &str,
        (from, to): (usize, usize),
    ) -> std::result::Result<Self, MiniLmError> {
        let rows = weights.take(&format!("{name}.weight"), &[to, from])?;
        Ok(Self {
            panels: panels(&rows).map_err(|source| MiniLmError::Weights { source })?,
            bias: weights.take(&format!("{name}.bias"), &[to])?,
        })
    }

    /// Several that read the same, as one.
    pub(super) fn beside(parts: &[Self]) -> Result<Self> {
        let panels: Vec<&Tensor> = parts.iter().map(|part| &part.panels).collect();
        let biases: Vec<&Tensor> = parts.iter().map(|part| &part.bias).collect();
        Ok(Self {
            panels: Tensor::cat(&panels, 0)?,
            bias: Tensor::cat(&biases, 0)?,
        })
    }

    /// What it makes of each row of `states`.
    pub(super) fn apply(&self, states: &Tensor) -> Result<Tensor> {
        let (count, from) = states.dims2()?;
        let panels = self.panels.dim(0)?;
        states
            .broadcast_as((panels, count, from))?
            .matmul(&self.panels)?
            .transpose(0, 1)?
            .reshape((count, panels * PANEL))?
            .broadcast_add(&self.bias)
    }
}

/// A row for each number that comes out -> panels of columns.
fn panels(rows: &Tensor) -> Result<Tensor> {
    let (to, from) = rows.dims2()?;
    rows.reshape((to / PANEL, PANEL, from))?
        .transpose(1, 2)?
        .contiguous()
}

/// Mean zero and deviation one, then a scale and a shift of each number.
#[derive(Debug)]
pub(super) struct Norm {
    scale: Tensor,
    shift: Tensor,
}

impl Norm {
    pub(super) fn of(weights: &mut Weights, name: &str) -> std::result::Result<Self, MiniLmError> {
        Ok(Self {
            scale: weights.take(&format!("{name}.weight"), &[WIDTH])?,
            shift: weights.take(&format!("{name}.bias"), &[WIDTH])?,
        })
    }

    pub(super) fn apply(&self, states: &Tensor) -> Result<Tensor> {
        let centred = states.broadcast_sub(&states.mean_keepdim(D::Minus1)?)?;
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        centred
            .broadcast_div(&(variance + EPSILON)?.sqrt()?)?
            .broadcast_mul(&self.scale)?
            .broadcast_add(&self.shift)
    }
}

/// Shares that sum to one, the greater the number the greater its share.
pub(super) fn softmax(numbers: &Tensor, dimension: D) -> Result<Tensor> {
    let powers = numbers
        .broadcast_sub(&numbers.max_keepdim(dimension)?)?
        .exp()?;
    powers.broadcast_div(&powers.sum_keepdim(dimension)?)
}
