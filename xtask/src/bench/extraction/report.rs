//! The figures of a run, for people and as JSON.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    path::PathBuf,
};

use serde::Serialize;

use super::{EDGE_F1, JUNK_NODES, NODE_F1, compare::Outcome, session::Annotated};
use crate::bench::{
    figure, page,
    tally::{Scores, Tally},
};

/// Everything that was measured.
#[derive(Debug, Default)]
pub(super) struct Report {
    sessions: usize,
    lines: usize,
    us: f64,
    /// The sum over all sessions; `None` if none was asked for.
    pub(super) compared: Option<Outcome>,
    /// What is wrong, by file.
    pub(super) errors: Vec<(PathBuf, Vec<String>)>,
    /// What small talk left, if it was asked for.
    pub(super) junk: Option<Junk>,
}

/// What small talk left.
#[derive(Debug, Serialize)]
pub(super) struct Junk {
    /// Lines of it.
    pub(super) lines: usize,
    /// Kind and name of each node.
    pub(super) nodes: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    tally: Tally,
    #[serde(flatten)]
    scores: Scores,
}

/// The figures as JSON.
#[derive(Serialize)]
pub(super) struct Figures<'a> {
    sessions: usize,
    lines: usize,
    ms_per_session: f64,
    nodes: Option<Row>,
    edges: Option<Row>,
    edges_any_slot: Option<Row>,
    dated: Option<(usize, usize)>,
    kinds: BTreeMap<&'static str, Row>,
    junk: Option<&'a Junk>,
}

impl From<Tally> for Row {
    fn from(tally: Tally) -> Self {
        Self {
            tally,
            scores: tally.scores(),
        }
    }
}

impl Report {
    pub(super) fn add(&mut self, session: &Annotated, outcome: &Outcome, us: f64) {
        self.sessions += 1;
        self.lines += session.said.lines.len();
        self.us += us;
        self.compared.get_or_insert_default().add(outcome);
    }

    pub(super) fn figures(&self) -> Figures<'_> {
        let compared = self.compared.as_ref();
        Figures {
            sessions: self.sessions,
            lines: self.lines,
            ms_per_session: self.ms_per_session(),
            nodes: compared.map(|all| Row::from(all.all_nodes())),
            edges: compared.map(|all| Row::from(all.all_edges())),
            edges_any_slot: compared.map(|all| Row::from(all.any_slot)),
            dated: compared.map(|all| all.dates),
            kinds: compared
                .into_iter()
                .flat_map(Outcome::kinds)
                .map(|(name, tally)| (name, Row::from(tally)))
                .collect(),
            junk: self.junk.as_ref(),
        }
    }

    /// The rows of a page: all nodes and edges, and each kind.
    pub(super) fn rows(&self) -> Vec<page::Row> {
        let Some(all) = &self.compared else {
            return Vec::new();
        };
        let of = |name: &str, tally: Tally| {
            let Scores {
                precision,
                recall,
                f1,
            } = tally.scores();
            let mut cells: Vec<String> = [tally.gold, tally.said, tally.hits]
                .map(|count| count.to_string())
                .into();
            cells.extend([precision, recall, f1].map(|score| format!("{score:.3}")));
            (name.to_owned(), cells)
        };
        let sums = [("nodes", all.all_nodes()), ("edges", all.all_edges())];
        let kinds = sums.into_iter().chain(all.kinds());
        kinds.map(|(name, tally)| of(name, tally)).collect()
    }

    /// Each gate that is missed, in words.
    pub(super) fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        if let Some(all) = &self.compared {
            let gates = [
                ("node", all.all_nodes(), NODE_F1),
                ("edge", all.all_edges(), EDGE_F1),
            ];
            for (what, tally, least) in gates {
                let f1 = tally.scores().f1;
                if f1 < least {
                    failures.push(format!("{what} F1 {f1:.3} must be at least {least}"));
                }
            }
        }
        let left = self.junk.as_ref().map_or(0, |junk| junk.nodes.len());
        if left > JUNK_NODES {
            failures.push(format!(
                "small talk left {left} nodes; at most {JUNK_NODES} may be"
            ));
        }
        failures
    }

    fn ms_per_session(&self) -> f64 {
        self.us / 1000.0 / figure(self.sessions.max(1))
    }
}

impl Outcome {
    fn all_nodes(&self) -> Tally {
        sum(self.nodes.values())
    }

    fn all_edges(&self) -> Tally {
        sum(self.edges.values())
    }

    fn kinds(&self) -> impl Iterator<Item = (&'static str, Tally)> + '_ {
        let nodes = self.nodes.iter().map(|(kind, tally)| (kind.name(), *tally));
        nodes.chain(self.edges.iter().map(|(kind, tally)| (kind.name(), *tally)))
    }
}

fn sum<'a>(tallies: impl Iterator<Item = &'a Tally>) -> Tally {
    tallies.fold(Tally::default(), |mut all, one| {
        all += *one;
        all
    })
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (path, errors) in &self.errors {
            writeln!(f, "{}", path.display())?;
            for error in errors {
                writeln!(f, "  {error}")?;
            }
        }
        if let Some(all) = &self.compared {
            writeln!(
                f,
                "{} sessions, {} lines, {:.1} ms a session",
                self.sessions,
                self.lines,
                self.ms_per_session()
            )?;
            all.table(f)?;
        }
        if let Some(junk) = &self.junk {
            writeln!(
                f,
                "{} lines of small talk left {} nodes (at most {JUNK_NODES})",
                junk.lines,
                junk.nodes.len()
            )?;
            for node in &junk.nodes {
                writeln!(f, "  {node}")?;
            }
        }
        Ok(())
    }
}

impl Outcome {
    fn table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "              gold   said  right  precision  recall     F1"
        )?;
        for (kind, tally) in &self.nodes {
            row(f, kind.name(), *tally)?;
        }
        row(f, "nodes", self.all_nodes())?;
        for (kind, tally) in &self.edges {
            row(f, kind.name(), *tally)?;
        }
        row(f, "edges", self.all_edges())?;
        row(f, "  any slot", self.any_slot)?;
        let (dated, right) = self.dates;
        writeln!(
            f,
            "of {dated} days on edges that were found, {right} are right"
        )?;
        writeln!(
            f,
            "node F1 {:.3} (at least {NODE_F1}), edge F1 {:.3} (at least {EDGE_F1})",
            self.all_nodes().scores().f1,
            self.all_edges().scores().f1
        )
    }
}

fn row(f: &mut Formatter<'_>, name: &str, tally: Tally) -> fmt::Result {
    let Scores {
        precision,
        recall,
        f1,
    } = tally.scores();
    let Tally { gold, said, hits } = tally;
    writeln!(
        f,
        "  {name:10} {gold:6} {said:6} {hits:6} {precision:10.3} {recall:7.3} {f1:6.3}"
    )
}
