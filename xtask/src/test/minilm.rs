//! Stage `minilm`: the optional encoder with its true weights, in the library and in a server.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};

use crate::{
    process::{Counts, cargo, count, run, say},
    serving::Serving,
    train::embeddings,
    venv,
    workspace::target,
};

/// As the library's tests are built, so that it is built once.
const FEATURES: &str = "innerworld/minilm,innerworld-language/minilm,innerworld-language/train";

/// The library's own tests, then a server that is told to use the encoder: it must start with the
/// weights, and refuse to with damaged ones.
pub(super) fn stage() -> anyhow::Result<Counts> {
    let weights = embeddings::encoder()?;
    let mut counts = count(
        venv::tool("cargo-nextest")?
            .args(["nextest", "run", "--no-fail-fast", "--color", "never"])
            .args(["--status-level", "slow", "--final-status-level", "fail"])
            .args(["--package", "innerworld-language", "--features", "minilm"])
            .args(["--test", "it", "minilm::"])
            .env("MINILM_FOLDER", &weights),
    )?;
    // The others are run by stage `core`.
    counts.skipped = 0;
    run(cargo().args(["build", "--package", "innerworld"]).args([
        "--package",
        "innerworld-language",
        "--features",
        FEATURES,
    ]))?;
    for check in [starts, refuses_damaged_weights] {
        match check(&weights) {
            Ok(()) => counts.passed += 1,
            Err(error) => {
                say(&format!("{error:#}"));
                counts.failed += 1;
            }
        }
    }
    Ok(counts)
}

fn starts(weights: &Path) -> anyhow::Result<()> {
    serve(weights)?.stop()
}

fn refuses_damaged_weights(weights: &Path) -> anyhow::Result<()> {
    let damaged = target()?.join("minilm-damaged");
    fs::create_dir_all(&damaged)?;
    for file in ["config.json", "vocab.txt"] {
        fs::copy(weights.join(file), damaged.join(file))?;
    }
    let mut cut = fs::read(weights.join("model.safetensors"))?;
    cut.truncate(cut.len() / 2);
    fs::write(damaged.join("model.safetensors"), cut)?;
    if serve(&damaged).is_ok() {
        bail!("the server started with half of the weights");
    }
    let said = fs::read_to_string(folder()?.join("server.log"))?;
    ensure!(
        said.contains("model.safetensors is cut"),
        "the server does not say what is wrong with the weights: {said}"
    );
    Ok(())
}

/// A server that finds turns by the encoder in `model`.
fn serve(model: &Path) -> anyhow::Result<Serving> {
    let folder = folder()?;
    if folder.exists() {
        fs::remove_dir_all(&folder).context("could not empty the folder of an earlier run")?;
    }
    let data = folder.join("data");
    fs::create_dir_all(&data).context("could not make a folder for the server")?;
    let settings = format!(
        "[memory]\nencoder = \"minilm\"\nmodel_dir = '{}'\n",
        model.display()
    );
    fs::write(data.join("innerworld.toml"), settings)?;
    Serving::start(&target()?.join("debug/innerworld"), &folder)
}

fn folder() -> anyhow::Result<PathBuf> {
    Ok(target()?.join("test-minilm"))
}
