//! The trainer of the safety scorer.
//!
//! Messages that were invented for it stand against ordinary ones. Everything that is measured on the
//! invented ones is measured by what was trained without any message of the same author.

mod corpus;
mod cuts;
mod figures;
mod problem;

use std::collections::BTreeMap;

use innerworld_core::safety::screen::Category;

pub use self::corpus::{CorpusLine, Label, read_corpus};
use self::{cuts::Cuts, figures::figures, problem::Problem};
use super::TrainError;
use crate::{
    asset::{self, Maker, Source},
    safety::{
        PhraseScreen, Scorer, plain,
        scorer::{FORMAT, NAME},
    },
};

/// `trainer` counts changes that change what it makes from the same data.
const MAKER: Maker = Maker {
    name: NAME,
    format: FORMAT,
    trainer: 1,
};
/// An ordinary message, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negative {
    /// Its words.
    pub text: String,
    /// The set and the line in it, for a reader.
    pub place: (String, usize),
}

/// Ordinary messages that nothing is fitted to.
#[derive(Debug, Clone)]
pub struct OrdinarySet {
    /// What it is called.
    pub name: String,
    /// Its messages in their order.
    pub texts: Vec<String>,
    /// Whether thresholds are chosen on it; else it is only reported.
    pub calibrates: bool,
}

/// What the scorer is made from.
#[derive(Debug)]
pub struct SafetyData {
    /// Invented messages, risks and others.
    pub corpus: Vec<CorpusLine>,
    /// Words for who somebody is, which must say nothing.
    pub identities: Vec<String>,
    /// Ordinary messages of others.
    pub negatives: Vec<Negative>,
    /// Ordinary messages that nothing is fitted to.
    pub ordinary: Vec<OrdinarySet>,
    /// Where all of it is from.
    pub sources: Vec<Source>,
}

/// Shares of ordinary messages on which something may follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// A second look, in every set of others.
    pub escalate: f64,
    /// The same in the invented ordinary messages, which are far more personal than those.
    pub escalate_own: f64,
    /// A question.
    pub ask: f64,
    /// A second look in the days after a crisis.
    pub watchful: f64,
    /// Sessions of ordinary messages in which the last six together say something.
    pub window: f64,
}

/// What the trainer may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SafetySettings {
    /// How much the messages count against small weights.
    pub c: f64,
    /// How often an invented message counts.
    pub own: f64,
    /// Groups of authors that take turns at being left out.
    pub folds: usize,
    /// What may follow how often.
    pub shares: Shares,
}

impl Default for SafetySettings {
    fn default() -> Self {
        Self {
            c: 10.0,
            own: 1.5,
            folds: 5,
            shares: Shares {
                escalate: 0.029,
                escalate_own: 0.20,
                ask: 0.01,
                watchful: 0.10,
                window: 0.002,
            },
        }
    }
}

/// A trained asset.
#[derive(Debug)]
pub struct TrainedSafety {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it scored, as the header has it.
    pub figures: BTreeMap<String, String>,
    /// The highest hundredth of the ordinary messages of others, highest first: some of them may be no
    /// ordinary ones.
    pub doubtful: Vec<Negative>,
}

/// Trains the scorer. `said` is told what is being done.
///
/// # Errors
/// [`TrainError::NoExample`] if a category is nowhere.
pub fn train_safety(
    data: &SafetyData,
    settings: SafetySettings,
    said: &mut dyn FnMut(&str),
) -> Result<TrainedSafety, TrainError> {
    for (class, category) in Category::ALL.iter().enumerate() {
        if !data
            .corpus
            .iter()
            .any(|line| line.category == Some(*category))
        {
            return Err(TrainError::NoExample { class });
        }
    }
    let problem = Problem::of(data, settings);
    let unseen = problem.unseen(said);
    said("training on everything");
    let risk = problem.fit(|_author| true);
    let named: Vec<Vec<f64>> = Category::ALL
        .iter()
        .map(|category| problem.fit_named(*category))
        .collect();
    let weights = payload(&risk, &named);
    let scorer = Scorer::of_weights(&weights).map_err(|_short| TrainError::Unreadable)?;
    let thresholds = Cuts {
        data,
        scorer: &scorer,
        unseen: &unseen,
        shares: settings.shares,
    }
    .thresholds();
    let scorer = scorer.with(thresholds);
    let figures = figures(data, &scorer, &unseen, &PhraseScreen::shipped()?);
    let shares = settings.shares;
    let header = MAKER.header(
        data.sources.clone(),
        [
            ("c", settings.c.to_string()),
            ("own", settings.own.to_string()),
            ("folds", settings.folds.to_string()),
            ("escalate", shares.escalate.to_string()),
            ("escalate_own", shares.escalate_own.to_string()),
            ("ask", shares.ask.to_string()),
            ("watchful", shares.watchful.to_string()),
            ("window", shares.window.to_string()),
        ],
        figures.clone(),
    );
    let mut bytes = thresholds.bytes();
    bytes.extend(&weights);
    Ok(TrainedSafety {
        bytes: asset::write(header, &bytes)?,
        figures,
        doubtful: doubtful(&data.negatives, &scorer),
    })
}

/// The odds of texts.
fn odds(scorer: &Scorer, texts: &[String]) -> Vec<f64> {
    texts
        .iter()
        .map(|text| f64::from(scorer.odds(&plain(text))))
        .collect()
}

/// The highest hundredth.
fn doubtful(negatives: &[Negative], scorer: &Scorer) -> Vec<Negative> {
    let mut scored: Vec<(f32, &Negative)> = negatives
        .iter()
        .map(|message| (scorer.odds(&plain(&message.text)), message))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.place.cmp(&b.1.place)));
    let highest = scored.into_iter().take(negatives.len() / 100);
    highest.map(|(_, message)| message.clone()).collect()
}

/// Weights as steps of one size each, as the reader takes them.
fn payload(risk: &[f64], named: &[Vec<f64>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for weights in std::iter::once(risk).chain(named.iter().map(Vec::as_slice)) {
        let Some((bias, weights)) = weights.split_last() else {
            continue;
        };
        let most = weights
            .iter()
            .fold(f64::EPSILON, |most, weight| most.max(weight.abs()));
        let step = most / 127.0;
        bytes.extend((*bias as f32).to_le_bytes());
        bytes.extend((step as f32).to_le_bytes());
        bytes.extend(
            weights
                .iter()
                .map(|weight| ((weight / step).round() as i8).cast_unsigned()),
        );
    }
    bytes
}
