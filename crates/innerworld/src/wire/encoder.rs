//! What finds earlier turns, as configured.

use std::sync::Arc;

use innerworld_core::memory::encoder::Encoder;
use innerworld_language::embed::StaticEncoder;

use crate::config::memory::{EncoderKind, MemoryConfig};

/// Opens the configured encoder; none where words alone decide.
pub(crate) fn open(
    config: &MemoryConfig,
    shipped: Arc<StaticEncoder>,
) -> anyhow::Result<Option<Arc<dyn Encoder>>> {
    match config.encoder {
        EncoderKind::Static => Ok(Some(shipped)),
        EncoderKind::Lexical => Ok(None),
        EncoderKind::Minilm => minilm(config).map(Some),
    }
}

#[cfg(feature = "minilm")]
fn minilm(config: &MemoryConfig) -> anyhow::Result<Arc<dyn Encoder>> {
    use anyhow::Context as _;
    use innerworld_language::embed::MiniLm;

    let folder = config.model_dir.as_deref();
    let folder = folder.context("`memory.model_dir` is not set")?;
    let encoder = MiniLm::load(folder).with_context(|| {
        format!(
            "the encoder in {} cannot be used (`memory.model_dir`)",
            folder.display()
        )
    })?;
    tracing::info!(encoder = encoder.version(), "opened the encoder");
    Ok(Arc::new(encoder))
}

/// The configuration was refused before; a test of that is in `config`.
#[cfg(not(feature = "minilm"))]
fn minilm(_config: &MemoryConfig) -> anyhow::Result<Arc<dyn Encoder>> {
    anyhow::bail!("this program was built without the feature `minilm`")
}
