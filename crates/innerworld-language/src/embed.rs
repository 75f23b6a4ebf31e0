//! What a text is about, as a direction in 256 dimensions: the mean of the vectors of its word
//! pieces.
//!
//! The vectors were made once from the encoder all-MiniLM-L6-v2, one by one, by the method that
//! `Model2Vec` published (van Dongen and Tulkens, 2024): no network runs here, a text costs
//! microseconds.
//!
//! With the feature `minilm` that encoder itself can be read from a folder and run: better, and
//! milliseconds a text.

#[cfg(feature = "minilm")]
mod minilm;
mod pieces;
mod table;
mod words;

#[cfg(feature = "minilm")]
pub use minilm::{MiniLm, MiniLmError};
pub use table::StaticEncoder;
pub(crate) use table::{FORMAT, NAME};

/// The asset inside the program.
pub(crate) const SHIPPED: &[u8] = include_bytes!("../assets/static.iwa");

/// Components of a vector.
pub(crate) const DIMENSIONS: usize = 256;
