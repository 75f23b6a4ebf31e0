//! The figures of a run: a table for people, one object for programs.

use std::collections::{BTreeMap, HashMap, HashSet};

use innerworld_core::{
    ids::{SessionId, TurnId},
    memory::store::EvidenceTurn,
};
use serde::Serialize;

use super::conversations::{Conversation, Question};
use crate::{bench::page, process::say};

const CATEGORIES: [(u8, &str); 4] = [
    (1, "multi-hop"),
    (2, "temporal"),
    (3, "open-domain"),
    (4, "single-hop"),
];
/// Lengths of a ranking.
const LENGTHS: [usize; 4] = [5, 10, 20, 50];
/// Sessions of a ranking.
const SESSIONS: usize = 5;
/// Tokens that turns may take in a prompt.
const BUDGETS: [usize; 3] = [500, 1_000, 2_000];

/// What is measured of a ranking, each between 0 and 1.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    /// Share of the evidence in the first so many turns.
    recall: [f64; LENGTHS.len()],
    /// One over the place of the first turn of evidence.
    reciprocal_rank: f64,
    /// Share of the evidence's sessions among the first ones.
    session_recall: f64,
    /// Share of the evidence in the first turns that fit so many tokens.
    within: [f64; BUDGETS.len()],
}

/// What one question gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    category: u8,
    measured: Measured,
    us: f64,
}

/// Compares rankings of a conversation with what answers its questions.
pub(crate) struct Judge<'c> {
    conversation: &'c Conversation,
    turns: HashMap<TurnId, &'c EvidenceTurn>,
}

impl Row {
    pub(super) const fn recall_at_10(&self) -> f64 {
        let [_at_5, at_10, ..] = self.measured.recall;
        at_10
    }

    pub(super) const fn reciprocal_rank(&self) -> f64 {
        self.measured.reciprocal_rank
    }
}

impl<'c> Judge<'c> {
    pub(crate) fn new(conversation: &'c Conversation) -> Self {
        let turns = conversation.turns.iter();
        Self {
            conversation,
            turns: turns.map(|turn| (turn.id, turn)).collect(),
        }
    }

    pub(crate) fn row(&self, question: &Question, ranked: &[TurnId], us: f64) -> Row {
        let answers: Vec<bool> = ranked
            .iter()
            .map(|id| self.answers(question, *id))
            .collect();
        let share = |length: usize| {
            let found = answers.iter().take(length).filter(|answers| **answers);
            real(found.count()) / real(question.evidence.len().max(1))
        };
        let first = answers.iter().position(|answers| *answers);
        Row {
            category: question.category,
            measured: Measured {
                recall: LENGTHS.map(share),
                reciprocal_rank: first.map_or(0.0, |place| 1.0 / real(place + 1)),
                session_recall: self.session_recall(question, ranked),
                within: BUDGETS.map(|tokens| share(self.that_fit(ranked, tokens))),
            },
            us,
        }
    }

    fn answers(&self, question: &Question, id: TurnId) -> bool {
        let name = self.conversation.turn_name(id);
        name.is_some_and(|name| question.evidence.iter().any(|evidence| evidence == name))
    }

    fn session_recall(&self, question: &Question, ranked: &[TurnId]) -> f64 {
        let wanted: HashSet<SessionId> = self
            .turns
            .values()
            .filter(|turn| self.answers(question, turn.id))
            .map(|turn| turn.session)
            .collect();
        let mut first: Vec<SessionId> = Vec::new();
        for turn in ranked.iter().filter_map(|id| self.turns.get(id)) {
            if first.len() < SESSIONS && !first.contains(&turn.session) {
                first.push(turn.session);
            }
        }
        let found = first.iter().filter(|session| wanted.contains(session));
        real(found.count()) / real(wanted.len().max(1))
    }

    /// How many turns from the first fit so many tokens: a turn is a line of the prompt, four
    /// characters a token.
    fn that_fit(&self, ranked: &[TurnId], tokens: usize) -> usize {
        let mut used = 0;
        let fits = |id: &&TurnId| {
            used += self.turns.get(id).map_or(0, |turn| cost(turn));
            used <= tokens
        };
        ranked.iter().take_while(fits).count()
    }
}

fn cost(turn: &EvidenceTurn) -> usize {
    let letters = |text: &str| text.chars().count();
    let said = turn.text.as_ref().map_or(0, |text| letters(text.reveal()));
    let shown = turn.caption.as_ref().map_or(0, |caption| {
        letters(" [image: ]") + letters(caption.reveal())
    });
    let line = letters(turn.name.reveal()) + letters(": ") + said + shown;
    line.div_ceil(4) + 1
}

/// All rows of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    turns: usize,
    build_us: f64,
}

/// The figures as a program reads them; shares are between 0 and 1, times in microseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    turns: usize,
    p50_us: f64,
    p95_us: f64,
    build_us: f64,
    #[serde(flatten)]
    all: Means,
    by_category: Vec<Means>,
}

/// Means over the questions of a kind.
#[derive(Debug, Serialize)]
struct Means {
    name: &'static str,
    questions: usize,
    recall: BTreeMap<usize, f64>,
    mrr: f64,
    session_recall_at_5: f64,
    within_tokens: BTreeMap<usize, f64>,
}

impl Figures {
    /// Share of the evidence in the first ten turns.
    pub(crate) fn recall_at_10(&self) -> f64 {
        self.all.recall.get(&10).copied().unwrap_or_default()
    }
}

impl Means {
    fn of(name: &'static str, rows: &[&Row]) -> Self {
        let count = real(rows.len().max(1));
        let mean = |of: &dyn Fn(&Measured) -> f64| {
            let sum: f64 = rows.iter().map(|row| of(&row.measured)).sum();
            sum / count
        };
        let at = |place: usize, of: fn(&Measured) -> &[f64]| {
            mean(&|measured| of(measured).get(place).copied().unwrap_or_default())
        };
        let recall = (0..).zip(LENGTHS);
        let within = (0..).zip(BUDGETS);
        Self {
            name,
            questions: rows.len(),
            recall: recall
                .map(|(place, length)| (length, at(place, |measured| &measured.recall)))
                .collect(),
            mrr: mean(&|measured| measured.reciprocal_rank),
            session_recall_at_5: mean(&|measured| measured.session_recall),
            within_tokens: within
                .map(|(place, tokens)| (tokens, at(place, |measured| &measured.within)))
                .collect(),
        }
    }

    /// Percent, in the order of the table's head.
    fn cells(&self) -> Vec<String> {
        let shares = self.recall.values().copied();
        let shares = shares.chain([self.mrr, self.session_recall_at_5]);
        let shares = shares.chain(self.within_tokens.values().copied());
        shares
            .map(|share| format!("{:.1}", share * 100.0))
            .collect()
    }
}

impl Report {
    /// Notes a built index and shows that the run goes on.
    pub(crate) fn built(&mut self, name: &str, turns: usize, us: f64) {
        self.turns += turns;
        self.build_us += us;
        say(&format!(
            "{name}: {turns} turns indexed in {:.1} ms",
            us / 1e3
        ));
    }

    /// A row for each question, in their order.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Adds a question.
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Sums up.
    pub(crate) fn figures(&self) -> Figures {
        let mut times: Vec<f64> = self.rows.iter().map(|row| row.us).collect();
        times.sort_by(f64::total_cmp);
        let percentile = |share: usize| {
            let place = times.len() * share / 100;
            times.get(place).copied().unwrap_or_default()
        };
        let by_category = CATEGORIES.map(|(number, name)| {
            let rows = self.rows.iter().filter(|row| row.category == number);
            Means::of(name, &rows.collect::<Vec<_>>())
        });
        Figures {
            turns: self.turns,
            p50_us: percentile(50),
            p95_us: percentile(95),
            build_us: self.build_us,
            all: Means::of("all", &self.rows.iter().collect::<Vec<_>>()),
            by_category: by_category.into(),
        }
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        let figures = self.figures();
        say(
            "\npercent          n  recall@5    @10    @20    @50    MRR  sessions@5   within 500  \
             1,000  2,000 tokens",
        );
        for means in std::iter::once(&figures.all).chain(&figures.by_category) {
            let widths = [10, 7, 7, 7, 7, 12, 13, 7, 7];
            let cells = means.cells().into_iter().zip(widths);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:>width$}"))
                .collect();
            let (name, questions) = (means.name, means.questions);
            say(&format!("{name:<12} {questions:>5}{}", cells.concat()));
        }
        say(&format!(
            "\nper query: p50 {:.1} µs, p95 {:.1} µs",
            figures.p50_us, figures.p95_us
        ));
        if cfg!(debug_assertions) {
            say("unoptimised build: run with --release for times that mean something");
        }
    }

    /// Rows of a page: what was ranked, and each category.
    pub(crate) fn page_rows(&self, name: &str) -> Vec<page::Row> {
        let figures = self.figures();
        let categories = figures.by_category.iter().map(|means| (means.name, means));
        let rows = std::iter::once((name, &figures.all)).chain(categories);
        rows.map(|(name, means)| {
            let mut cells = vec![means.questions.to_string()];
            cells.extend(means.cells());
            (name.to_owned(), cells)
        })
        .collect()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of questions and turns stay far below 2^52"
)]
pub(super) const fn real(count: usize) -> f64 {
    count as f64
}
