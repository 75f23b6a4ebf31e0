//! The trainer of the safety scorer.
//!
//! Messages that were invented for it stand against ordinary ones. Everything that is measured on the
//! invented ones is measured by what was trained without any message of the same author.

mod corpus;

use std::collections::{BTreeMap, BTreeSet};

use innerworld_core::safety::screen::{Before, Category, LocalScreen as _, LocalVerdict};

pub use self::corpus::{CorpusLine, Label, read_corpus};
use super::{
    Shuffle, TrainError,
    logistic::{Row, Task, fit, margin},
};
use crate::{
    asset::{self, Maker, Source},
    safety::{
        PhraseScreen, Scorer, Share,
        features::{BUCKETS, Features},
        plain,
        scorer::{FORMAT, NAME, NAMED, folded},
    },
};

/// `trainer` counts changes that change what it makes from the same data.
const MAKER: Maker = Maker {
    name: NAME,
    format: FORMAT,
    trainer: 1,
};
/// Messages of a pretended session, how many such sessions are drawn, and the messages that are summed.
const SESSION: usize = 30;
const SESSIONS: usize = 10_000;
const WINDOW: usize = 6;
/// Messages of danger, and as many others, in which a word for who somebody is stands.
const TOLD: usize = 16;

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

/// All messages as rows.
struct Problem<'a> {
    data: &'a SafetyData,
    settings: SafetySettings,
    own: Vec<Row>,
    others: Vec<Row>,
    /// Invented messages with who somebody is put before or behind them, by the place of the message.
    told: Vec<(usize, Row)>,
}

impl<'a> Problem<'a> {
    fn of(data: &'a SafetyData, settings: SafetySettings) -> Self {
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
    fn fit(&self, learns: impl Fn(&str) -> bool) -> Vec<f64> {
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
    fn fit_named(&self, category: Category) -> Vec<f64> {
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
    fn unseen(&self, said: &mut dyn FnMut(&str)) -> Vec<f64> {
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

/// A row over the buckets of a category.
fn narrowed(row: &Row) -> Row {
    let mut sums: BTreeMap<u32, f32> = BTreeMap::new();
    for (bucket, value) in row {
        *sums.entry(folded(*bucket, NAMED)).or_default() += value;
    }
    sums.into_iter().collect()
}

/// What thresholds are chosen by.
struct Cuts<'a> {
    data: &'a SafetyData,
    scorer: &'a Scorer,
    unseen: &'a [f64],
    shares: Shares,
}

impl Cuts<'_> {
    fn thresholds(&self) -> crate::safety::Thresholds {
        let sets: Vec<Vec<f64>> = self
            .data
            .ordinary
            .iter()
            .filter(|set| set.calibrates)
            .map(|set| odds(self.scorer, &set.texts))
            .collect();
        let own: Vec<f64> = ordinary_odds(self.data, self.unseen);
        let worst = |share: f64| {
            let cuts = sets.iter().map(|set| cut(set, share));
            cuts.fold(f64::NEG_INFINITY, f64::max)
        };
        let escalate = worst(self.shares.escalate).max(cut(&own, self.shares.escalate_own));
        let ask = worst(self.shares.ask).max(escalate);
        crate::safety::Thresholds {
            escalate: escalate as f32,
            ask: ask as f32,
            watchful: worst(self.shares.watchful).min(escalate) as f32,
            window: windowed(&sets, self.shares.window) as f32,
        }
    }
}

/// The odds of texts.
fn odds(scorer: &Scorer, texts: &[String]) -> Vec<f64> {
    texts
        .iter()
        .map(|text| f64::from(scorer.odds(&plain(text))))
        .collect()
}

/// The unseen odds of the ordinary invented messages.
fn ordinary_odds(data: &SafetyData, unseen: &[f64]) -> Vec<f64> {
    let pairs = data.corpus.iter().zip(unseen);
    let ordinary = pairs.filter(|(line, _)| line.is_ordinary());
    ordinary.map(|(_, odds)| *odds).collect()
}

/// The least number that no more than this share of the numbers reach.
fn cut(numbers: &[f64], share: f64) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let reach = (numbers.len() as f64 * share) as usize;
    sorted
        .get(reach)
        .map_or(f64::NEG_INFINITY, |next| next.next_up())
}

/// The least sum of six messages that no more than this share of drawn sessions reach.
fn windowed(sets: &[Vec<f64>], share: f64) -> f64 {
    let all: Vec<f64> = sets.iter().flatten().map(|odds| odds.max(0.0)).collect();
    let mut chance = Shuffle::new(7);
    let mut draw = || {
        let drawn = (0..SESSION).filter_map(|_| all.get(chance.below(all.len())).copied());
        let session: Vec<f64> = drawn.collect();
        let sums = session.windows(WINDOW).map(|six| six.iter().sum::<f64>());
        sums.fold(0.0, f64::max)
    };
    let highest: Vec<f64> = (0..SESSIONS).map(|_| draw()).collect();
    cut(&highest, share)
}

/// What the scorer reaches, for the header: on invented messages by what was trained without their
/// author, and together with the phrase rules.
fn figures(
    data: &SafetyData,
    scorer: &Scorer,
    unseen: &[f64],
    phrases: &PhraseScreen,
) -> BTreeMap<String, String> {
    let least = scorer.thresholds();
    let reach =
        |odds: &[f64], from: f32| odds.iter().filter(|odds| **odds >= f64::from(from)).count();
    let mut figures = BTreeMap::new();
    for set in &data.ordinary {
        let odds = odds(scorer, &set.texts);
        let (looks, asks) = (reach(&odds, least.escalate), reach(&odds, least.ask));
        let triggers = set
            .texts
            .iter()
            .filter(|text| triggers(phrases, text))
            .count();
        figures.insert(
            format!("ordinary, {}", set.name),
            [looks, asks, triggers]
                .map(|count| Share::of(count, odds.len()).percent())
                .join(" | "),
        );
    }
    let single = data
        .corpus
        .iter()
        .zip(unseen)
        .filter(|(line, _)| line.session.is_none());
    let judged: Vec<(&CorpusLine, bool, bool)> = single
        .map(|(line, odds)| {
            (
                line,
                triggers(phrases, &line.text),
                *odds >= f64::from(least.escalate),
            )
        })
        .collect();
    let mut add = |name: String, wanted: &dyn Fn(&CorpusLine) -> bool| {
        let chosen: Vec<_> = judged.iter().filter(|(line, _, _)| wanted(line)).collect();
        let count = |counts: &dyn Fn(bool, bool) -> bool| {
            let counted = chosen
                .iter()
                .filter(|(_, trigger, look)| counts(*trigger, *look));
            Share::of(counted.count(), chosen.len()).percent()
        };
        let shares = [
            count(&|trigger, _| trigger),
            count(&|trigger, look| trigger || look),
        ];
        figures.insert(name, format!("{} | {}", chosen.len(), shares.join(" | ")));
    };
    let risk = |line: &CorpusLine| line.label == Label::Risk;
    add("invented, risk, explicit".to_owned(), &|line| {
        risk(line) && line.explicit
    });
    add("invented, risk, implicit".to_owned(), &|line| {
        risk(line) && !line.explicit
    });
    add("invented, risk, in Spanish".to_owned(), &|line| {
        risk(line) && line.lang == "es"
    });
    for category in Category::ALL {
        add(format!("invented, risk, {}", category.name()), &|line| {
            line.category == Some(category)
        });
    }
    add("invented, everyday".to_owned(), &CorpusLine::is_ordinary);
    for (family, name) in HARD {
        add(format!("invented, benign, {name}"), &|line| {
            !risk(line) && line.is_of(family)
        });
    }
    figures
}

/// Harmless messages that sound like more, by the beginning of their family.
const HARD: [(&str, &str); 7] = [
    ("idiom-", "idiom and hyperbole"),
    ("game-", "games, film, sport"),
    ("school-", "school stress"),
    ("sad-", "sad but safe"),
    ("third-", "other people, news, class"),
    ("neg-", "denied or recovered"),
    ("every-", "everyday words"),
];

fn triggers(phrases: &PhraseScreen, text: &str) -> bool {
    phrases.screen(&phrases.read(text), &Before::default()) != LocalVerdict::Pass
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
