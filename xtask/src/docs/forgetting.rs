//! Forgetting one thing: what goes, and that nothing of its name is left.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, ensure};
use innerworld_core::memory::{Account, Going, Target, graph::NodeId, ontology::EdgeKind};

use super::{
    month::{Month, State},
    scenario::thing,
    words,
};

/// What forgetting took.
pub(super) struct Forgotten {
    /// Everything that went, as a list.
    pub(super) going: String,
    /// Its targets, for the picture.
    pub(super) gone: BTreeSet<Target>,
    /// How often the word was there before and afterwards.
    pub(super) proof: String,
    /// How much is left.
    pub(super) left: String,
}

/// Plans, forgets as planned, and looks for the word everywhere.
pub(super) async fn forget(month: &Month<'_>, before: &State) -> anyhow::Result<Forgotten> {
    let name = month.scenario.forget.name.as_str();
    let targets = [Target::Node(target(month, before)?)];
    let plan = month.memory.plan_forgetting(month.teen, &targets).await?;
    let counted = Counted::of(month, before, name)?;
    let teen_name = month.scenario.teen.clone().into();
    let account = Account {
        teen_name: Some(&teen_name),
        zone: &month.scenario.zone,
    };
    let done = month
        .memory
        .forget(month.teen, &targets, Some(&plan.plan), account);
    let done = done.await?;
    ensure!(
        done.goes == plan.goes,
        "forgetting took something else than it had listed"
    );
    let state = month.state().await?;
    let left = Counted::of(month, &state, name)?;
    ensure!(
        left.kept == 0 && left.files == 0 && counted.kept > 0,
        "the forgotten word is still there"
    );
    Ok(Forgotten {
        going: going(month, before, &plan.goes),
        gone: plan.goes.iter().map(|going| going.target).collect(),
        proof: proof(name, &counted, &left),
        left: remains(before, &state),
    })
}

fn target(month: &Month<'_>, state: &State) -> anyhow::Result<NodeId> {
    let forget = &month.scenario.forget;
    let note = format!("{} {}", forget.kind, forget.name);
    let (kind, name) = thing(&note)?;
    let mut nodes = state.graph.nodes.values();
    let node = nodes.find(|node| node.kind == kind && words::is_called(node, name));
    let node = node.with_context(|| {
        format!("memory does not hold {note}: let [forget] name something else")
    })?;
    Ok(node.id)
}

/// A table of what goes, and how many notes that something was spoken of.
fn going(month: &Month<'_>, before: &State, goes: &[Going]) -> String {
    let is_mention = |going: &&Going| match going.target {
        Target::Fact(id) => {
            let edge = before.graph.edges.get(&id);
            edge.is_some_and(|edge| edge.kind == EdgeKind::Mentions)
        }
        Target::Node(_) | Target::Turn(_) => false,
    };
    let mut rows: Vec<Vec<String>> = goes
        .iter()
        .filter(|going| !is_mention(going))
        .map(|going| {
            let what = match going.target {
                Target::Node(_) => "thing".to_owned(),
                Target::Fact(_) => "fact".to_owned(),
                Target::Turn(turn) => {
                    let place = month.places.get(&turn);
                    format!("turn {}", place.map_or("", String::as_str))
                }
            };
            vec![what, going.name.reveal().clone()]
        })
        .collect();
    rows.sort();
    let mentions = goes.iter().filter(is_mention).count();
    format!(
        "{}\nand {mentions} notes that she spoke of these things.\n",
        words::table(&["What", "Which"], &rows)
    )
}

/// How often a word is somewhere.
struct Counted {
    /// In everything that is kept of the teen, opened with the key.
    kept: usize,
    /// In the bytes of the files.
    files: usize,
}

impl Counted {
    fn of(month: &Month<'_>, state: &State, name: &str) -> anyhow::Result<Self> {
        let word = name.to_lowercase();
        let opened = serde_json::to_string(&state.export)?.to_lowercase();
        let files = all_files(&month.data())?;
        ensure!(!files.is_empty(), "there are no files to search");
        let files = files
            .iter()
            .map(|bytes| occurrences(bytes, word.as_bytes()));
        Ok(Self {
            kept: opened.matches(&word).count(),
            files: files.sum(),
        })
    }
}

/// The contents of every file below `folder`.
fn all_files(folder: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut contents = Vec::new();
    for entry in fs::read_dir(folder).context("could not list the data folder")? {
        let path = entry?.path();
        if path.is_dir() {
            contents.extend(all_files(&path)?);
        } else {
            contents.push(fs::read(&path).context("could not read a file of the stores")?);
        }
    }
    Ok(contents)
}

/// ASCII letters in either case.
fn occurrences(bytes: &[u8], word: &[u8]) -> usize {
    let windows = bytes.windows(word.len().max(1));
    windows
        .filter(|window| window.eq_ignore_ascii_case(word))
        .count()
}

fn proof(name: &str, before: &Counted, after: &Counted) -> String {
    let row = |place: &str, before: usize, after: usize| {
        vec![place.to_owned(), before.to_string(), after.to_string()]
    };
    let rows = [
        row(
            "everything kept of her, opened with her key",
            before.kept,
            after.kept,
        ),
        row(
            "the files as they lie on the disk",
            before.files,
            after.files,
        ),
    ];
    let head = format!("“{name}” is found in");
    words::table(&[&head, "before", "afterwards"], &rows)
}

fn remains(before: &State, after: &State) -> String {
    let count = |state: &State| {
        let things = state.graph.nodes.len().saturating_sub(1);
        let turns = state.export.turns.len();
        format!(
            "{things} things, {} facts and {turns} turns",
            words::facts_in(&state.graph)
        )
    };
    format!("Before: {}. Afterwards: {}.", count(before), count(after))
}
