//! What a retriever reads texts with.

use std::{path::Path, sync::Arc};

use innerworld_core::memory::encoder::Encoder;
use innerworld_language::embed::StaticEncoder;

use super::Retriever;

/// The encoder of a retriever; none for one that goes by words. `model` is the folder of MiniLM.
pub(super) fn open(
    retriever: Retriever,
    model: Option<&Path>,
) -> anyhow::Result<Option<Arc<dyn Encoder>>> {
    Ok(match retriever {
        Retriever::Lexfuse => None,
        Retriever::Static => Some(Arc::new(StaticEncoder::shipped()?)),
        Retriever::Minilm => Some(minilm(model)?),
    })
}

#[cfg(feature = "minilm")]
fn minilm(model: Option<&Path>) -> anyhow::Result<Arc<dyn Encoder>> {
    use crate::{process::say, train::embeddings};

    let folder = match model {
        Some(model) => model.to_owned(),
        None => embeddings::encoder()?,
    };
    let encoder = innerworld_language::embed::MiniLm::load(&folder)?;
    say(&format!(
        "{}: some milliseconds a turn, so a minute or two in all",
        encoder.version()
    ));
    Ok(Arc::new(encoder))
}

#[cfg(not(feature = "minilm"))]
fn minilm(_model: Option<&Path>) -> anyhow::Result<Arc<dyn Encoder>> {
    anyhow::bail!("this program was built without the feature `minilm`")
}
