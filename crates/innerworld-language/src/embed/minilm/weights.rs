//! The folder of the encoder: its configuration, word pieces and weights, each checked before it is
//! used.

use std::{collections::HashMap, fs, path::Path};

use candle_core::{DType, Device, Tensor, safetensors::load_buffer};
use serde::Deserialize;

use super::error::MiniLmError;

/// Numbers of a piece or of a text.
pub(super) const WIDTH: usize = 384;
/// Numbers of a piece inside a layer.
pub(super) const INNER: usize = 1_536;
/// Parts that look at different things.
pub(super) const HEADS: usize = 12;
/// Layers, one after the other.
pub(super) const LAYERS: usize = 6;
/// Places of a piece in a text.
pub(super) const PLACES: usize = 512;
/// Word pieces.
pub(super) const PIECES: usize = 30_522;

/// What must be as in the code.
#[derive(Deserialize)]
struct Config {
    model_type: String,
    hidden_act: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_attention_heads: usize,
    num_hidden_layers: usize,
    max_position_embeddings: usize,
    vocab_size: usize,
}

/// Refuses the configuration of any other model.
pub(super) fn check_config(bytes: &[u8]) -> Result<(), MiniLmError> {
    let config: Config =
        serde_json::from_slice(bytes).map_err(|source| MiniLmError::Config { source })?;
    let count = |number: usize| number.to_string();
    let fields = [
        ("model_type", config.model_type, "bert"),
        ("hidden_act", config.hidden_act, "gelu"),
        ("hidden_size", count(config.hidden_size), "384"),
        ("intermediate_size", count(config.intermediate_size), "1536"),
        (
            "num_attention_heads",
            count(config.num_attention_heads),
            "12",
        ),
        ("num_hidden_layers", count(config.num_hidden_layers), "6"),
        (
            "max_position_embeddings",
            count(config.max_position_embeddings),
            "512",
        ),
        ("vocab_size", count(config.vocab_size), "30522"),
    ];
    for (field, found, expected) in fields {
        if found != expected {
            return Err(MiniLmError::Other {
                field,
                found,
                expected,
            });
        }
    }
    Ok(())
}

/// Reads a file of the folder.
pub(super) fn read(folder: &Path, file: &str) -> Result<Vec<u8>, MiniLmError> {
    let path = folder.join(file);
    fs::read(&path).map_err(|source| MiniLmError::Read { path, source })
}

/// The tensors that nobody took yet.
pub(super) struct Weights(HashMap<String, Tensor>);

impl Weights {
    /// Reads a safetensors file.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, MiniLmError> {
        let tensors =
            load_buffer(bytes, &Device::Cpu).map_err(|source| MiniLmError::Weights { source })?;
        Ok(Self(tensors))
    }

    /// Takes a tensor, in 32-bit floats.
    pub(super) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, MiniLmError> {
        let tensor = self.0.remove(name).ok_or_else(|| MiniLmError::Missing {
            tensor: name.to_owned(),
        })?;
        if tensor.dims() != shape {
            return Err(MiniLmError::Shape {
                tensor: name.to_owned(),
                found: tensor.dims().to_vec(),
                expected: shape.to_vec(),
            });
        }
        tensor
            .to_dtype(DType::F32)
            .map_err(|source| MiniLmError::Weights { source })
    }
}
