//! `cargo xtask train safety`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use innerworld_core::hex;
use innerworld_language::{
    asset::Source,
    safety::fill_means,
    train::{
        CorpusLine, Negative, OrdinarySet, SafetyData, SafetySettings, Tagged, TrainedSafety,
        read_corpus, read_labelled, read_tagged, train_safety,
    },
};

use super::{
    data::{self, Known},
    emotion, sentences,
};
use crate::{process::say, workspace::root};

/// Where the asset is in the repository.
pub(crate) const ASSET: &str = "crates/innerworld-language/assets/safety.iwa";
/// The invented messages.
pub(crate) const CORPUS: &str = "safety/corpus";
/// Messages of others that a reader took out: they are no ordinary ones.
const SET_ASIDE: &str = "safety/set-aside.tsv";
/// What is only measured with. Nothing of it may ever be trained on.
const BLIND: &str = "safety-blind";

/// Ordinary messages that are fitted to.
const FITTED: [Known; 6] = [
    emotion::TRAIN,
    sentences::WNUT,
    sentences::BTC_A,
    sentences::BTC_B,
    sentences::BTC_E,
    sentences::BTC_G,
];
/// Ordinary messages that thresholds are chosen on.
const CHOSEN_ON: [Known; 3] = [
    (
        "wnut17/dev.conll",
        "e053b752b8155113ca66e7db08af5f2f5f43ab993694e4774f1ec5bad42312d8",
    ),
    sentences::BTC_F,
    sentences::BTC_H,
];
/// Reported only: some of it is no ordinary talk.
const REPORTED: Known = (
    "goemotions/ekman-dev.tsv",
    "011e6579adc4d9bb2ffd908879b99e1594e7647b262cbb2e1c5c9c1c4d7d8bcc",
);

/// Train the safety scorer; takes a few minutes
#[derive(Debug, Args)]
pub(crate) struct Safety {
    /// Folder with goemotions, wnut17 and btc
    data: PathBuf,
    /// Folder of the invented messages
    #[arg(long, default_value_os_t = root().join(CORPUS))]
    corpus: PathBuf,
    /// Where the asset goes
    #[arg(long, default_value_os_t = root().join(ASSET))]
    out: PathBuf,
    /// Write the highest hundredth of the ordinary messages here, for a reader: set, line, SHA-256, text
    #[arg(long, value_name = "FILE")]
    doubtful: Option<PathBuf>,
}

impl Safety {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let trained = train(&self.data, &self.corpus)?;
        for (what, figure) in &trained.figures {
            say(&format!("{what}: {figure}"));
        }
        if let Some(path) = &self.doubtful {
            let lines = trained.doubtful.iter().map(|message| {
                let (set, line) = &message.place;
                let hash = hex::sha256(message.text.as_bytes());
                format!("{set}\t{line}\t{hash}\t{}\n", message.text)
            });
            fs::write(path, lines.collect::<String>())
                .with_context(|| format!("could not write {}", path.display()))?;
        }
        data::write(&self.out, &trained.bytes)
    }
}

/// The scorer made of the data in the folder `data` and of the messages in the folder `corpus`.
pub(crate) fn train(data: &Path, corpus: &Path) -> anyhow::Result<TrainedSafety> {
    let identities = identities(corpus)?;
    let (corpus, mut sources) = read_all(corpus)?;
    let aside = set_aside()?;
    let mut negatives = Vec::new();
    for known in FITTED {
        negatives.extend(ordinary(data, known)?);
    }
    let all = negatives.len();
    negatives.retain(|message| !aside.contains(&hex::sha256(message.text.as_bytes())));
    let mut sets = Vec::new();
    for (known, calibrates) in CHOSEN_ON
        .map(|known| (known, true))
        .into_iter()
        .chain([(REPORTED, false)])
    {
        let texts = ordinary(data, known)?
            .into_iter()
            .map(|message| message.text);
        sets.push(OrdinarySet {
            name: known.0.to_owned(),
            texts: texts.collect(),
            calibrates,
        });
    }
    say(&format!(
        "{} invented messages; {} ordinary ones of others, {} of them set aside",
        corpus.len(),
        all,
        all - negatives.len()
    ));
    sources.extend(sources_of_others());
    let data = SafetyData {
        corpus,
        identities,
        negatives,
        ordinary: sets,
        sources,
    };
    Ok(train_safety(
        &data,
        SafetySettings::default(),
        &mut |line| say(line),
    )?)
}

/// Every invented message of the repository.
pub(crate) fn corpus() -> anyhow::Result<Vec<CorpusLine>> {
    Ok(read_all(&root().join(CORPUS))?.0)
}

/// Files of messages below a folder, in the order of their names.
pub(crate) fn message_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let unreadable = || format!("could not read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.is_dir() {
            found.extend(message_files(&path)?);
        } else if path.extension().is_some_and(|end| end == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Every invented message below the folder, in the order of the files' names.
fn read_all(folder: &Path) -> anyhow::Result<(Vec<CorpusLine>, Vec<Source>)> {
    refuse_blind(folder)?;
    let files = message_files(folder)?;
    ensure!(
        !files.is_empty(),
        "there are no messages below {}",
        folder.display()
    );
    let (mut lines, mut hashes) = (Vec::new(), BTreeMap::new());
    for file in files {
        refuse_blind(&file)?;
        let text = fs::read_to_string(&file)
            .with_context(|| format!("could not read {}", file.display()))?;
        let read =
            read_corpus(&text).with_context(|| format!("{} cannot be used", file.display()))?;
        if read.iter().any(|line| line.author.starts_with("blind")) {
            bail!(
                "{} holds messages that are only measured with",
                file.display()
            );
        }
        let name = file.strip_prefix(folder).unwrap_or(&file);
        hashes.insert(name.display().to_string(), hex::sha256(text.as_bytes()));
        lines.extend(read);
    }
    let means = folder.join("means.txt");
    let means = fs::read_to_string(&means)
        .with_context(|| format!("could not read {}", means.display()))?;
    hashes.insert("means.txt".to_owned(), hex::sha256(means.as_bytes()));
    let told = identities(folder)?.join("\n");
    hashes.insert("identities.txt".to_owned(), hex::sha256(told.as_bytes()));
    let texts = lines
        .iter_mut()
        .map(|line| (line.lang.as_str(), &mut line.text));
    fill_means(texts, &means);
    let source = Source {
        name: "Messages invented for this project (safety/corpus)".to_owned(),
        authors: "the project".to_owned(),
        licence: "Apache-2.0".to_owned(),
        link: CORPUS.to_owned(),
        sha256: hashes,
    };
    Ok((lines, vec![source]))
}

/// Words for who somebody is.
fn identities(folder: &Path) -> anyhow::Result<Vec<String>> {
    let path = folder.join("identities.txt");
    let text =
        fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

/// The blind messages measure only as long as nothing has learnt from them.
fn refuse_blind(path: &Path) -> anyhow::Result<()> {
    let whole = path
        .canonicalize()
        .with_context(|| format!("could not read {}", path.display()))?;
    if whole.components().any(|part| part.as_os_str() == BLIND) {
        bail!(
            "{} is only measured with: nothing is trained on it",
            path.display()
        );
    }
    Ok(())
}

/// Hashes of the messages that a reader took out.
fn set_aside() -> anyhow::Result<BTreeSet<String>> {
    let path = root().join(SET_ASIDE);
    let text =
        fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let hash = |line: &str| line.split('\t').nth(2).map(str::to_owned);
    lines
        .map(|line| hash(line).with_context(|| format!("{SET_ASIDE}: a line has no hash")))
        .collect()
}

/// The messages of a set, without those that say nothing.
fn ordinary(data: &Path, known: Known) -> anyhow::Result<Vec<Negative>> {
    let text = data::read(data, known)?;
    let texts: Vec<String> = if Path::new(known.0)
        .extension()
        .is_some_and(|end| end == "conll")
    {
        let sentences = read_tagged(&text)?.into_iter();
        sentences
            .map(Tagged::with_handles_joined)
            .map(|sentence| sentence.words.join(" "))
            .collect()
    } else {
        read_labelled(&text)?
            .into_iter()
            .map(|line| line.text)
            .collect()
    };
    let numbered = (1..).zip(texts).filter(|(_, text)| !text.trim().is_empty());
    let place = |line| (known.0.to_owned(), line);
    Ok(numbered
        .map(|(line, text)| Negative {
            text,
            place: place(line),
        })
        .collect())
}

fn sources_of_others() -> Vec<Source> {
    let mut sources = sentences::sources();
    sources.truncate(2);
    for source in &mut sources {
        let used = |name: &str| FITTED.iter().chain(&CHOSEN_ON).any(|known| known.0 == name);
        source.sha256.retain(|name, _| used(name));
    }
    sources.push(emotion::source());
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blind_messages_are_refused() {
        let blind = root().join("tests").join(BLIND);
        let refused = read_all(&blind).unwrap_err();
        assert!(
            refused.to_string().contains("only measured with"),
            "{refused}"
        );
    }

    #[test]
    fn the_messages_of_the_repository_can_be_read() {
        let (lines, _sources) = read_all(&root().join(CORPUS)).unwrap();
        assert!(lines.len() > 10_000);
        assert!(lines.iter().all(|line| !line.text.contains("<means>")));
    }
}
