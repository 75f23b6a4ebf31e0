//! Stage `minilm`: the optional encoder with its true weights, in the library and in a server.

use crate::{
    process::{Counts, count},
    train::embeddings,
    venv,
};

/// The library's own tests, and those of a server that is told to use the encoder: it finds by it,
/// and refuses damaged weights. One build makes both, and the server: asked for one by one, they
/// would bring the encoder's crates along with other features, which is all of them twice.
pub(super) fn stage() -> anyhow::Result<Counts> {
    let weights = embeddings::encoder()?;
    let mut counts = count(
        venv::tool("cargo-nextest")?
            .args(["nextest", "run", "--no-fail-fast", "--color", "never"])
            .args(["--status-level", "slow", "--final-status-level", "fail"])
            .args([
                "--package",
                "innerworld",
                "--package",
                "innerworld-language",
            ])
            .args(["--features", "innerworld/minilm,innerworld-language/minilm"])
            .args(["--test", "it", "minilm::"])
            .env("MINILM_FOLDER", &weights),
    )?;
    // The others are run by stage `core`.
    counts.skipped = 0;
    Ok(counts)
}
