//! All messages as rows, and the weights that are fitted to them.

use std::collections::{BTreeMap, BTreeSet};

use innerworld_core::safety::screen::Category;

use super::{Label, SafetyData, SafetySettings};
use crate::{
    safety::{
        features::{BUCKETS, Features},
        plain,
        scorer::{NAMED, folded},
    },
    train::{
        Shuffle,
        logistic::{Row, Task, fit, margin},
    },
};

/// Messages of danger, and as many others, in which a word for who somebody is stands.
const TOLD: usize = 64;

/// All messages as rows.
pub(super) struct Problem<'a> {
    data: &'a SafetyData,
    settings: SafetySettings,
    own: Vec<Row>,
    others: Vec<Row>,
    /// Invented messages with who somebody is put before or behind them, by the place of the message.
    told: Vec<(usize, Row)>,
}

impl<'a> Problem<'a> {
    pub(super) fn of(data: &'a SafetyData, settings: SafetySettings) -> Self {
        let row = |text: &str| Features::of(&plain(text)).row().collect();
        Self {
            data,
            settings,
            own: data.corpus.iter().map(|line| row(&line.text)).collect(),
            others: data
                .negatives
                .iter()
                .map(|message| row(&message.text))
                .collect(),
            told: told(data)
                .map(|(place, text)| (place, row(&text)))
                .collect(),
        }
    }

    /// The weights of danger, from invented messages of the authors that `learns` chooses.
    pub(super) fn fit(&self, learns: impl Fn(&str) -> bool) -> Vec<f64> {
        let own = self.own.iter().zip(&self.data.corpus);
        let own = own.filter(|(_, line)| learns(&line.author));
        let own = own.map(|(row, line)| (row, line.label == Label::Risk, self.settings.own));
        let told = self.told.iter().filter_map(|(place, row)| {
            let line = self.data.corpus.get(*place)?;
            let risk = line.label == Label::Risk;
            learns(&line.author).then_some((row, risk, self.settings.own))
        });
        let others = self.others.iter().map(|row| (row, false, 1.0)).chain(told);
        let (mut rows, mut positive, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for (row, risk, count) in own.chain(others) {
            rows.push(row);
            positive.push(risk);
            counts.push(count);
        }
        fit(&Task {
            rows: &rows,
            positive: &positive,
            counts: &counts,
            width: BUCKETS,
            c: self.settings.c,
        })
    }

    /// The weights of a category among risks.
    pub(super) fn fit_named(&self, category: Category) -> Vec<f64> {
        let own = self.own.iter().zip(&self.data.corpus);
        let risks = own.filter(|(_, line)| line.label == Label::Risk);
        let (rows, positive): (Vec<Row>, Vec<bool>) = risks
            .map(|(row, line)| (narrowed(row), line.category == Some(category)))
            .unzip();
        fit(&Task {
            rows: &rows.iter().collect::<Vec<_>>(),
            positive: &positive,
            counts: &[],
            width: NAMED,
            c: self.settings.c,
        })
    }

    /// The odds of each invented message by what was trained without its author.
    pub(super) fn unseen(&self, said: &mut dyn FnMut(&str)) -> Vec<f64> {
        let authors: BTreeSet<&str> = self
            .data
            .corpus
            .iter()
            .map(|line| line.author.as_str())
            .collect();
        let fold_of: BTreeMap<&str, usize> = authors
            .into_iter()
            .enumerate()
            .map(|(place, author)| (author, place % self.settings.folds))
            .collect();
        let mut odds = vec![0.0; self.own.len()];
        for fold in 0..self.settings.folds {
            said(&format!(
                "training without group {} of {}",
                fold + 1,
                self.settings.folds
            ));
            let is_out = |author: &str| fold_of.get(author) == Some(&fold);
            let weights = self.fit(|author| !is_out(author));
            let own = self.own.iter().zip(&self.data.corpus).zip(&mut odds);
            for ((row, line), odds) in own {
                if is_out(&line.author) {
                    *odds = margin(&weights, row);
                }
            }
        }
        odds
    }
}

/// A row over the buckets of a category.
fn narrowed(row: &Row) -> Row {
    let mut sums: BTreeMap<u32, f32> = BTreeMap::new();
    for (bucket, value) in row {
        *sums.entry(folded(*bucket, NAMED)).or_default() += value;
    }
    sums.into_iter().collect()
}

/// Every word for who somebody is, in as many messages of danger as in others.
fn told(data: &SafetyData) -> impl Iterator<Item = (usize, String)> + '_ {
    let of = |label: Label| -> Vec<usize> {
        let places = data.corpus.iter().enumerate();
        let own = places.filter(move |(_, line)| line.label == label && line.lang == "en");
        own.map(|(place, _)| place).collect()
    };
    let mut chance = Shuffle::new(11);
    let (risks, others) = (of(Label::Risk), of(Label::Benign));
    let mut found = Vec::new();
    for word in &data.identities {
        for turn in 0..TOLD {
            for places in [&risks, &others] {
                let Some(place) = places.get(chance.below(places.len())).copied() else {
                    continue;
                };
                let Some(line) = data.corpus.get(place) else {
                    continue;
                };
                let text = &line.text;
                found.push((
                    place,
                    match turn % 4 {
                        0 => format!("i am {word} and {text}"),
                        1 => format!("{text} and i am {word}"),
                        2 => format!("being {word} is normal here. {text}"),
                        _ => format!("my friend is {word}. {text}"),
                    },
                ));
            }
        }
    }
    found.into_iter()
}
