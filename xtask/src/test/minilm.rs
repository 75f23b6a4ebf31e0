//! Stage `minilm`: the optional encoder with its true weights, in the library and in a server.

use crate::{
    process::{Counts, count},
    train::embeddings,
};

/// The tests of this stage, in nextest's language.
pub(super) const FILTER: &str = "test(/^minilm::/)";

/// The library's own tests, and those of a server that is told to use the encoder: it finds by it,
/// and refuses damaged weights.
pub(super) fn stage() -> anyhow::Result<Counts> {
    let weights = embeddings::encoder()?;
    let mut counts = count(
        super::tests()?
            .args(["--filterset", FILTER])
            .env("MINILM_FOLDER", &weights),
    )?;
    // The others are run by stage `core`.
    counts.skipped = 0;
    Ok(counts)
}
