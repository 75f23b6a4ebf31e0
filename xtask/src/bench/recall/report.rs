//! The figures of a run: a table for people, one object for programs.

use serde::Serialize;

use super::conversations::Question;
use crate::process::say;

const CATEGORIES: [(u8, &str); 4] = [
    (1, "multi-hop"),
    (2, "temporal"),
    (3, "open-domain"),
    (4, "single-hop"),
];

/// What one question gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    category: u8,
    recall_at_10: f64,
    reciprocal_rank: f64,
    us: f64,
}

impl Row {
    /// Compares a ranking with the question's evidence.
    pub(crate) fn new(question: &Question, ranked: &[&str], us: f64) -> Self {
        let holds = |name: &&&str| question.evidence.iter().any(|evidence| evidence == **name);
        let found = ranked.iter().take(10).filter(holds).count();
        let first = ranked.iter().position(|name| holds(&name));
        Self {
            category: question.category,
            recall_at_10: real(found) / real(question.evidence.len().max(1)),
            reciprocal_rank: first.map_or(0.0, |place| 1.0 / real(place + 1)),
            us,
        }
    }
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
    questions: usize,
    turns: usize,
    pub(crate) recall_at_10: f64,
    mrr: f64,
    p50_us: f64,
    p95_us: f64,
    build_us: f64,
    by_category: Vec<Category>,
}

#[derive(Debug, Serialize)]
struct Category {
    name: &'static str,
    questions: usize,
    recall_at_10: f64,
    mrr: f64,
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
        let (recall_at_10, mrr) = means(self.rows.iter());
        let by_category = CATEGORIES.map(|(number, name)| {
            let rows = self.rows.iter().filter(|row| row.category == number);
            let (recall_at_10, mrr) = means(rows.clone());
            Category {
                name,
                questions: rows.count(),
                recall_at_10,
                mrr,
            }
        });
        Figures {
            questions: self.rows.len(),
            turns: self.turns,
            recall_at_10,
            mrr,
            p50_us: percentile(50),
            p95_us: percentile(95),
            build_us: self.build_us,
            by_category: by_category.into(),
        }
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        let figures = self.figures();
        say("\nquestions        n  recall@10    MRR");
        let line = |name: &str, n: usize, recall: f64, mrr: f64| {
            say(&format!(
                "{name:<12} {n:>5} {:>9.1}% {:>5.1}%",
                recall * 100.0,
                mrr * 100.0
            ));
        };
        line("all", figures.questions, figures.recall_at_10, figures.mrr);
        for row in &figures.by_category {
            line(row.name, row.questions, row.recall_at_10, row.mrr);
        }
        say(&format!(
            "\nper query: p50 {:.1} µs, p95 {:.1} µs",
            figures.p50_us, figures.p95_us
        ));
        if cfg!(debug_assertions) {
            say("unoptimised build: run with --release for times that mean something");
        }
    }
}

fn means<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> (f64, f64) {
    let count = real(rows.clone().count().max(1));
    let recall: f64 = rows.clone().map(|row| row.recall_at_10).sum();
    let rank: f64 = rows.map(|row| row.reciprocal_rank).sum();
    (recall / count, rank / count)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of questions and turns stay far below 2^52"
)]
const fn real(count: usize) -> f64 {
    count as f64
}
