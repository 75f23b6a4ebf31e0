//! `cargo xtask bench tagger`: how well the tagger finds names that people marked.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use innerworld_language::{
    embed::StaticEncoder,
    tagger::{EntityKind, Label, Tagger as Model},
    train::{EntityTally, Tagged, read_tagged},
};
use serde::Serialize;

use super::{figure, page, timed};
use crate::process::say;

/// What the tagger must reach on the development text.
pub(crate) const ENTITY_F1: f64 = 0.51;

/// Compare the tagger with labelled sentences; write what it says
#[derive(Debug, Args)]
pub(crate) struct Tagger {
    /// Sentences: a word, a tab and its label a line, an empty line after each sentence
    gold: PathBuf,
    /// Where the words go with the labels that the tagger gives; words and empty lines stay as
    /// they are
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Read the words in lower case, as teens write
    #[arg(long)]
    lower_case: bool,
    /// Write the figures into `benches/tagger.md`, below this heading
    #[arg(long, value_name = "HEADING")]
    write: Option<String>,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Scores {
    precision: f64,
    recall: f64,
    f1: f64,
    names: usize,
}

#[derive(Debug, Serialize)]
struct Figures {
    sentences: usize,
    words: usize,
    entity: Scores,
    surface_f1: f64,
    kinds: Vec<(&'static str, Scores)>,
    words_per_s: f64,
}

/// A name in its place.
type Place = (usize, usize, usize, EntityKind);

/// Names of a whole file, and their words.
#[derive(Default)]
struct Names {
    places: BTreeSet<Place>,
    surfaces: BTreeSet<(String, EntityKind)>,
}

impl Tagger {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let content = fs::read_to_string(&self.gold)
            .with_context(|| format!("could not read {}", self.gold.display()))?;
        let model = Model::shipped(Arc::new(StaticEncoder::shipped()?))?;
        let sentences = read_tagged(&content)?;
        ensure!(
            !sentences.is_empty(),
            "{} holds no sentence",
            self.gold.display()
        );
        let (said, us) = label_all(&model, &sentences, self.lower_case);
        if let Some(out) = &self.out {
            write(&content, &said, out)?;
        }
        let figures = Figures::of(&sentences, &said, us);
        figures.print();
        if let Some(heading) = &self.write {
            page::write("tagger.md", heading, &figures.rows(self.lower_case))?;
        }
        if self.json {
            say(&serde_json::to_string(&figures)?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The F1 of names in the sentences of a file.
pub(crate) fn entity_f1(path: &Path) -> anyhow::Result<f64> {
    let content =
        fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let model = Model::shipped(Arc::new(StaticEncoder::shipped()?))?;
    let sentences = read_tagged(&content)?;
    let (said, us) = label_all(&model, &sentences, false);
    let figures = Figures::of(&sentences, &said, us);
    figures.print();
    Ok(figures.entity.f1)
}

fn label_all(model: &Model, sentences: &[Tagged], lower_case: bool) -> (Vec<Vec<Label>>, f64) {
    let mut us = 0.0;
    let labels = sentences.iter().map(|sentence| {
        let lower = lower_case.then(|| sentence.lower_case());
        let words = &lower.as_ref().unwrap_or(sentence).words;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (labels, took) = timed(|| model.labels(&words));
        us += took;
        labels
    });
    (labels.collect(), us)
}

/// The file again, with other labels.
fn write(content: &str, said: &[Vec<Label>], out: &Path) -> anyhow::Result<()> {
    let file = File::create(out).with_context(|| format!("could not create {}", out.display()))?;
    let mut file = BufWriter::new(file);
    let mut labels = said.iter().flatten();
    for line in content.trim_start_matches('\u{feff}').lines() {
        if line.trim().is_empty() {
            writeln!(file, "{line}")?;
            continue;
        }
        let word = line.split(['\t', ' ']).next().unwrap_or(line);
        let label = labels.next().context("a word has no label")?;
        writeln!(file, "{word}\t{label}")?;
    }
    file.flush()
        .with_context(|| format!("could not write {}", out.display()))
}

impl Names {
    fn add(&mut self, sentence: usize, words: &[String], labels: &[Label]) {
        let mut open: Option<(usize, EntityKind)> = None;
        for at in 0..=labels.len() {
            let label = labels.get(at).copied().unwrap_or(Label::Outside);
            if let Some((start, kind)) = open
                && label != Label::Inside(kind)
            {
                self.places.insert((sentence, start, at, kind));
                if let Some(words) = words.get(start..at) {
                    self.surfaces.insert((words.join(" "), kind));
                }
                open = None;
            }
            match label {
                Label::Begin(kind) => open = Some((at, kind)),
                // As the shared task's scorer reads a name without a first word.
                Label::Inside(kind) if open.is_none() => open = Some((at, kind)),
                Label::Inside(_) | Label::Outside => {}
            }
        }
    }

    fn tally(&self, gold: &Self, kind: Option<EntityKind>) -> EntityTally {
        let of = |place: &&Place| kind.is_none_or(|kind| place.3 == kind);
        EntityTally {
            hits: self.places.intersection(&gold.places).filter(of).count(),
            said: self.places.iter().filter(of).count(),
            gold: gold.places.iter().filter(of).count(),
        }
    }
}

impl Figures {
    fn of(sentences: &[Tagged], said: &[Vec<Label>], us: f64) -> Self {
        let (mut gold, mut found, mut right) =
            (Names::default(), Names::default(), Names::default());
        for (number, (sentence, said)) in sentences.iter().zip(said).enumerate() {
            let labels = sentence.labels.iter();
            let labels: Vec<Label> = labels
                .map(|label| Label::parse(label).unwrap_or(Label::Outside))
                .collect();
            gold.add(number, &sentence.words, &labels);
            found.add(number, &sentence.words, said);
        }
        for place in found.places.intersection(&gold.places) {
            let (sentence, start, end, kind) = *place;
            let words = sentences
                .get(sentence)
                .and_then(|one| one.words.get(start..end));
            if let Some(words) = words {
                right.surfaces.insert((words.join(" "), kind));
            }
        }
        let words: usize = sentences.iter().map(|sentence| sentence.words.len()).sum();
        let surfaces = EntityTally {
            hits: right.surfaces.len(),
            said: found.surfaces.len(),
            gold: gold.surfaces.len(),
        };
        Self {
            sentences: sentences.len(),
            words,
            entity: Scores::of(found.tally(&gold, None)),
            surface_f1: surfaces.f1(),
            kinds: EntityKind::ALL
                .map(|kind| (kind.name(), Scores::of(found.tally(&gold, Some(kind)))))
                .into(),
            words_per_s: figure(words) * 1e6 / us.max(1.0),
        }
    }

    /// Kinds only of what is read as it was written.
    fn rows(&self, lower_case: bool) -> Vec<page::Row> {
        let of = |name: &str, scores: &Scores| {
            let Scores {
                precision,
                recall,
                f1,
                names,
            } = scores;
            let mut cells = vec![names.to_string()];
            cells.extend([precision, recall, f1].map(|score| format!("{score:.3}")));
            (name.to_owned(), cells)
        };
        let name = if lower_case {
            "in lower case"
        } else {
            "as written"
        };
        let mut all = of(name, &self.entity);
        all.1.push(format!("{:.3}", self.surface_f1));
        let kinds = self.kinds.iter().filter(|_| !lower_case);
        let kinds = kinds.map(|(kind, scores)| of(kind, scores));
        std::iter::once(all).chain(kinds).collect()
    }

    fn print(&self) {
        say(&format!(
            "{} sentences, {} words, {:.0} words a second",
            self.sentences, self.words, self.words_per_s
        ));
        if cfg!(debug_assertions) {
            say("unoptimised build: run with --release for a speed that means something");
        }
        say("               names  precision  recall     F1");
        let all = [("all", &self.entity)];
        let kinds = self.kinds.iter().map(|(name, scores)| (*name, scores));
        for (name, scores) in kinds.chain(all) {
            say(&format!(
                "  {name:13} {:4} {:9.3} {:7.3} {:6.3}",
                scores.names, scores.precision, scores.recall, scores.f1
            ));
        }
        say(&format!("surface F1 {:.3}", self.surface_f1));
    }
}

impl Scores {
    fn of(tally: EntityTally) -> Self {
        let share = |part: usize, whole: usize| figure(part) / figure(whole.max(1));
        Self {
            precision: share(tally.hits, tally.said),
            recall: share(tally.hits, tally.gold),
            f1: tally.f1(),
            names: tally.gold,
        }
    }
}
