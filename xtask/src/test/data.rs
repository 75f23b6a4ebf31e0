//! Stage `data`: what needs the development data, which is not part of this repository.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::{
    bench::{
        self,
        recall::{
            self,
            NamedRecipe::{Current, Reference},
            Retriever::{Lexfuse, Static},
        },
    },
    process::{Counts, say},
    train::{clusters, emotion, names, safety, sentences, tagger, thesaurus},
    workspace::{root, target},
};

/// Least share of the evidence among the ten turns that recall ranks first, with no model.
const LEAST_RECALL: f64 = 0.790;
/// The same with the vectors that the program carries.
const LEAST_RECALL_STATIC: f64 = 0.795;

/// What an independent program of the reference recipe was measured with: by words alone, and with
/// the vectors.
const REFERENCE: f64 = 0.766;
const REFERENCE_STATIC: f64 = 0.765;
/// By how much figures of the same recipe may differ: stemmers and roundings do.
const REFERENCE_MARGIN: f64 = 0.003;

/// A data set, how to get it, and the check that it is what benches and tests expect.
struct Set {
    file: &'static str,
    get: &'static str,
    check: fn(&Path) -> anyhow::Result<()>,
}

const SETS: &[Set] = &[
    Set {
        file: "locomo-dev.json",
        get: "conversations 26, 30, 41, 42 and 43 of snap-research/LoCoMo (CC BY-NC 4.0: evaluate only)",
        check: locomo,
    },
    Set {
        file: "presidio/synth_dataset_v2.json",
        get: "data/synth_dataset_v2.json of microsoft/presidio-research (MIT: evaluate only)",
        check: presidio,
    },
    Set {
        file: emotion::TRAIN.0,
        get: "the training part of GoEmotions, grouped by Ekman, as tab-separated lines (Apache-2.0)",
        check: emotion_is_reproduced,
    },
    Set {
        file: "goemotions/ekman-dev.tsv",
        get: "the development part of the same",
        check: emotion_agrees,
    },
    Set {
        file: sentences::WNUT.0,
        get: "the training part of WNUT-17 (CC BY 4.0), beside it the Broad Twitter Corpus (CC BY 4.0) and CrossNER (MIT)",
        check: tagger_is_reproduced,
    },
    Set {
        file: "wnut17/dev.conll",
        get: "the development part of WNUT-17",
        check: tagger_agrees,
    },
    Set {
        file: "btc/a.conll",
        get: "the Broad Twitter Corpus (CC BY 4.0), beside it WNUT-17 and GoEmotions",
        check: safety_is_reproduced,
    },
];

/// Checks each set that is there; each that is not counts as skipped.
pub(super) fn run(folder: &Path) -> Counts {
    let folder = root().join(folder);
    let mut counts = Counts::default();
    for Set { file, get, check } in SETS {
        let path = folder.join(file);
        if !path.is_file() {
            say(&format!(
                "skipped: {} is not there; it is {get}",
                path.display()
            ));
            counts.skipped += 1;
            continue;
        }
        match check(&path).with_context(|| format!("{file} is not as expected")) {
            Ok(()) => counts.passed += 1,
            Err(error) => {
                say(&format!("{error:#}"));
                counts.failed += 1;
            }
        }
    }
    counts
}

fn read(path: &Path) -> anyhow::Result<Vec<Value>> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

fn locomo(path: &Path) -> anyhow::Result<()> {
    let data = read(path)?;
    ensure!(
        data.len() == 5,
        "it has {} conversations instead of 5",
        data.len()
    );
    for conversation in &data {
        ensure!(
            conversation.get("qa").is_some_and(Value::is_array),
            "questions are missing"
        );
        ensure!(
            conversation
                .get("conversation")
                .is_some_and(Value::is_object),
            "turns are missing"
        );
    }
    let conversations = recall::conversations::read(path)?;
    let out = target()?.join("recall.jsonl");
    for (how, least) in [
        ((Lexfuse, Current), LEAST_RECALL),
        ((Static, Current), LEAST_RECALL_STATIC),
    ] {
        let found = recall::rank_all(&conversations, how, &out)?
            .figures()
            .recall_at_10();
        say(&format!("recall@10 {:.1} %", found * 100.0));
        ensure!(
            found >= least,
            "recall@10 fell to {:.1} %: it must be at least {:.1} %",
            found * 100.0,
            least * 100.0
        );
    }
    for (retriever, measured) in [(Lexfuse, REFERENCE), (Static, REFERENCE_STATIC)] {
        let found = recall::rank_all(&conversations, (retriever, Reference), &out)?
            .figures()
            .recall_at_10();
        ensure!(
            (found - measured).abs() <= REFERENCE_MARGIN,
            "the reference recipe gives {:.1} % instead of {:.1} %",
            found * 100.0,
            measured * 100.0
        );
    }
    Ok(())
}

fn presidio(path: &Path) -> anyhow::Result<()> {
    let sentences = read(path)?;
    ensure!(
        sentences.len() == 1_500,
        "it has {} sentences instead of 1,500",
        sentences.len()
    );
    for sentence in &sentences {
        let text = sentence
            .get("full_text")
            .and_then(Value::as_str)
            .context("a text is missing")?;
        let length = u64::try_from(text.chars().count())?;
        let spans = sentence
            .get("spans")
            .and_then(Value::as_array)
            .context("spans are missing")?;
        let ends = spans
            .iter()
            .filter_map(|span| span.get("end_position")?.as_u64());
        ensure!(
            ends.max().unwrap_or(0) <= length,
            "a span lies outside its text"
        );
    }
    Ok(())
}

fn emotion_is_reproduced(path: &Path) -> anyhow::Result<()> {
    let trained = emotion::train(folder_of(path)?)?;
    is_committed("emotion", emotion::ASSET, &trained.bytes)
}

/// Name lists, clusters and weights: each is read by the next. And the thesaurus, which is made from
/// what is committed.
fn tagger_is_reproduced(path: &Path) -> anyhow::Result<()> {
    let folder = folder_of(path)?;
    is_committed("names", names::ASSET, &names::packed()?)?;
    is_committed("clusters", clusters::ASSET, &clusters::train(folder)?)?;
    is_committed("tagger", tagger::ASSET, &tagger::train(folder)?)?;
    is_committed("thesaurus", thesaurus::ASSET, &thesaurus::make()?)
}

fn safety_is_reproduced(path: &Path) -> anyhow::Result<()> {
    let trained = safety::train(folder_of(path)?, &root().join(safety::CORPUS))?;
    is_committed("safety scorer", safety::ASSET, &trained.bytes)
}

fn tagger_agrees(path: &Path) -> anyhow::Result<()> {
    let found = bench::tagger::entity_f1(path)?;
    ensure!(
        found >= bench::tagger::ENTITY_F1,
        "the F1 of names fell to {found:.3}"
    );
    Ok(())
}

fn folder_of(path: &Path) -> anyhow::Result<&Path> {
    path.ancestors().nth(2).context("there is no folder")
}

/// The committed asset is what the trainer makes of the data.
fn is_committed(what: &str, asset: &str, trained: &[u8]) -> anyhow::Result<()> {
    let committed = fs::read(root().join(asset))?;
    ensure!(
        trained == committed,
        "training gives another asset than the committed one: run `cargo xtask train {what}`"
    );
    Ok(())
}

fn emotion_agrees(path: &Path) -> anyhow::Result<()> {
    let found = bench::emotion::macro_f1(path)?;
    ensure!(
        found >= bench::emotion::MACRO_F1,
        "the macro F1 of emotions fell to {found:.3}"
    );
    Ok(())
}
