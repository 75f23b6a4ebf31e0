//! `cargo xtask train tagger`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    thread,
};

use anyhow::Context as _;
use clap::Args;
use innerworld_language::{
    embed::StaticEncoder,
    train::{EntityTally, Tagged, TaggerData, TaggerFeatures, TaggerSettings},
};

use super::{
    clusters, data, names,
    sentences::{self, Sentences},
};
use crate::{process::say, workspace::root};

/// Where the asset is in the repository.
pub(crate) const ASSET: &str = "crates/innerworld-language/assets/tagger.iwa";

/// Parts of the noisy text that take turns at being held out.
const FOLDS: usize = 5;

/// Train the tagger of names; takes about a minute
#[derive(Debug, Args)]
pub(crate) struct Tagger {
    /// Folder with wnut17, btc and crossner
    data: PathBuf,
    /// Only cross-validate, so many parts of five at most, and write nothing
    #[arg(long, value_name = "PARTS")]
    cross_validate: Option<usize>,
    #[command(flatten)]
    recipe: Recipe,
    /// Where the asset goes
    #[arg(long, default_value_os_t = root().join(ASSET))]
    out: PathBuf,
}

/// What may be tried.
#[derive(Debug, Clone, Copy, Args)]
struct Recipe {
    /// Length of a step
    #[arg(long)]
    step: Option<f32>,
    /// Times that every sentence is read
    #[arg(long)]
    epochs: Option<u32>,
    /// Epochs whose weights are averaged, the last ones
    #[arg(long)]
    averaged: Option<u32>,
    /// Taken off the score of "no name"
    #[arg(long)]
    outside: Option<f32>,
    /// Drop features whose weights are all less
    #[arg(long)]
    least: Option<f32>,
    /// Every how manyth tweet is also read in lower case (0: none)
    #[arg(long, default_value_t = 2)]
    lower_tweets: usize,
    /// Every how manyth sentence of Wikipedia is also read in lower case (0: none)
    #[arg(long, default_value_t = 0)]
    lower_wiki: usize,
}

impl Tagger {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let sentences = Sentences::read(&self.data)?;
        let corpus = Corpus::of(&sentences, self.recipe)?;
        let settings = self.recipe.settings();
        if let Some(parts) = self.cross_validate {
            corpus.cross_validate(settings, parts.clamp(1, FOLDS));
            return Ok(ExitCode::SUCCESS);
        }
        let bytes = corpus.train(settings)?;
        data::write(&self.out, &bytes)
    }
}

/// The tagger made of the data in the folder `data`, by the recipe that is shipped.
pub(crate) fn train(data: &Path) -> anyhow::Result<Vec<u8>> {
    let recipe = Recipe::default();
    Corpus::of(&Sentences::read(data)?, recipe)?.train(recipe.settings())
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            step: None,
            epochs: None,
            averaged: None,
            outside: None,
            least: None,
            lower_tweets: 2,
            lower_wiki: 0,
        }
    }
}

impl Recipe {
    fn settings(self) -> TaggerSettings {
        let mut settings = TaggerSettings::default();
        settings.crf.step = self.step.unwrap_or(settings.crf.step);
        settings.crf.epochs = self.epochs.unwrap_or(settings.crf.epochs);
        settings.crf.averaged = self.averaged.unwrap_or(settings.crf.averaged);
        settings.outside = self.outside.unwrap_or(settings.outside);
        settings.least = self.least.unwrap_or(settings.least);
        settings
    }
}

/// What is learned from, with the part of each sentence that is held out in turn.
struct Corpus {
    data: TaggerData,
    /// Of the sentences with all labels: the fold, and whether they are in lower case.
    folds: Vec<Option<(usize, bool)>>,
}

impl Corpus {
    fn of(sentences: &Sentences, recipe: Recipe) -> anyhow::Result<Self> {
        let read = |asset: &str| {
            fs::read(root().join(asset)).with_context(|| format!("could not read {asset}"))
        };
        let features = TaggerFeatures::read(
            Arc::new(StaticEncoder::shipped()?),
            &read(clusters::ASSET)?,
            &read(names::ASSET)?,
        )?;
        let mut all: Vec<Tagged> = Vec::new();
        let mut folds = Vec::new();
        for (place, sentence) in sentences.wnut.iter().enumerate() {
            for (lower, sentence) in [(false, sentence.clone()), (true, sentence.lower_case())] {
                all.push(sentence);
                folds.push(Some((place % FOLDS, lower)));
            }
        }
        for (sentences, every) in [
            (&sentences.btc, recipe.lower_tweets),
            (&sentences.crossner, recipe.lower_wiki),
        ] {
            for (place, sentence) in sentences.iter().enumerate() {
                all.push(sentence.clone());
                if every > 0 && place % every == 0 {
                    all.push(sentence.lower_case());
                }
            }
        }
        folds.resize(all.len(), None);
        say(&format!("{} sentences", all.len()));
        Ok(Self {
            data: TaggerData::read(all.iter(), &features),
            folds,
        })
    }

    fn places(&self, is: impl Fn(Option<(usize, bool)>) -> bool) -> Vec<usize> {
        let folds = self.folds.iter().enumerate();
        folds
            .filter(|(_, fold)| is(**fold))
            .map(|(place, _)| place)
            .collect()
    }

    /// Names found in each part by what was trained without it, as written and in lower case.
    fn cross_validate(&self, settings: TaggerSettings, parts: usize) -> [EntityTally; 2] {
        let folds: Vec<usize> = (0..parts).collect();
        let mut sums = [EntityTally::default(); 2];
        for pair in folds.chunks(2) {
            let found: Vec<[EntityTally; 2]> = thread::scope(|scope| {
                let running: Vec<_> = pair
                    .iter()
                    .map(|fold| scope.spawn(|| self.without(*fold, settings)))
                    .collect();
                running
                    .into_iter()
                    .filter_map(|one| one.join().ok())
                    .collect()
            });
            for found in found {
                say(&format!(
                    "F1 {:.3}, in lower case {:.3}",
                    found[0].f1(),
                    found[1].f1()
                ));
                for (sum, found) in sums.iter_mut().zip(found) {
                    *sum = sum.and(found);
                }
            }
        }
        for (name, sum) in ["as written", "in lower case"].iter().zip(sums) {
            say(&format!(
                "{name}: F1 {:.3} (precision {:.3}, recall {:.3})",
                sum.f1(),
                share(sum.hits, sum.said),
                share(sum.hits, sum.gold)
            ));
        }
        sums
    }

    fn without(&self, fold: usize, settings: TaggerSettings) -> [EntityTally; 2] {
        let kept = self.places(|place| place.is_none_or(|(other, _)| other != fold));
        let trained = self.data.train(&kept, settings, &mut |_| {});
        [false, true].map(|lower| {
            let held = self.places(|place| place == Some((fold, lower)));
            self.data.score(&trained, &held)
        })
    }

    fn train(&self, settings: TaggerSettings) -> anyhow::Result<Vec<u8>> {
        let trained = self
            .data
            .train(&self.places(|_| true), settings, &mut |line| say(line));
        Ok(trained.pack(&self.data, sentences::sources(), BTreeMap::new())?)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of names are small")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
