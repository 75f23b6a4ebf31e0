//! An annotated session: what was said, and the graph that a careful reader would make of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
    transcript::{Setting, Transcript},
};
use jiff::civil::Date;
use serde::Deserialize;

/// The owner, where an edge's end is expected.
pub(super) const TEEN: &str = "Teen";
/// What holds where a session does not say it.
const SETTING: Setting<'_> = Setting {
    date: jiff::civil::date(2026, 5, 20),
    zone: "UTC",
};

/// A session with its gold.
#[derive(Debug)]
pub(super) struct Annotated {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// What was said.
    pub(super) said: Transcript,
    /// What should be read out of it.
    pub(super) gold: Gold,
}

/// The part of the file beside what was said.
#[derive(Deserialize)]
struct WithGold {
    gold: Gold,
}

#[derive(Debug, Deserialize)]
pub(super) struct Gold {
    pub(super) nodes: Vec<GoldNode>,
    pub(super) edges: Vec<GoldEdge>,
}

#[derive(Debug, Deserialize)]
pub(super) struct GoldNode {
    pub(super) kind: NodeKind,
    pub(super) name: String,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct GoldEdge {
    pub(super) kind: EdgeKind,
    pub(super) from: String,
    pub(super) to: String,
    #[serde(default)]
    pub(super) slot: Option<String>,
    #[serde(default = "holds")]
    pub(super) polarity: Polarity,
    #[serde(default)]
    pub(super) valid_from: Option<Date>,
}

const fn holds() -> Polarity {
    Polarity::Holds
}

impl Annotated {
    fn read(path: &Path) -> anyhow::Result<Self> {
        let wrong = || path.display().to_string();
        let content = fs::read_to_string(path).with_context(wrong)?;
        let said = Transcript::of_json(&content, &SETTING).with_context(wrong)?;
        let annotated: WithGold = serde_json::from_str(&content).with_context(wrong)?;
        Ok(Self {
            path: path.to_owned(),
            said,
            gold: annotated.gold.without_what_goes_without_saying(),
        })
    }
}

impl Gold {
    /// The owner is in every graph, and `mentions` follows from the nodes: neither is scored.
    fn without_what_goes_without_saying(mut self) -> Self {
        self.nodes.retain(|node| node.kind != NodeKind::Teen);
        self.edges.retain(|edge| edge.kind != EdgeKind::Mentions);
        self
    }
}

/// The sessions in files, and in the `.json` files of folders, by name.
pub(super) fn read_all(paths: &[PathBuf]) -> anyhow::Result<Vec<Annotated>> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    ensure!(!files.is_empty(), "there is no session (*.json) in it");
    files.iter().map(|file| Annotated::read(file)).collect()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let could_not = || format!("could not read {}", path.display());
    let entries = fs::read_dir(path).with_context(could_not)?;
    let mut inside = Vec::new();
    for entry in entries {
        inside.push(entry.with_context(could_not)?.path());
    }
    inside.sort();
    for path in inside {
        if path.is_dir() || path.extension().is_some_and(|name| name == "json") {
            collect(&path, files)?;
        }
    }
    Ok(())
}

/// Small talk: lines that begin with `teen:` or `persona:`, as one session.
pub(super) fn read_small_talk(path: &Path) -> anyhow::Result<Transcript> {
    let content =
        fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let said = line
            .split_once(':')
            .map(|(who, text)| (who.trim(), text.trim()));
        let (speaker, text) = said
            .filter(|(who, _)| matches!(*who, "teen" | "persona"))
            .with_context(|| {
                let path = path.display();
                format!("{path}: line {number} begins neither with `teen:` nor with `persona:`")
            })?;
        lines.push(serde_json::json!({"id": number, "speaker": speaker, "text": text}));
    }
    let session = serde_json::json!({ "lines": lines }).to_string();
    Transcript::of_json(&session, &SETTING).with_context(|| path.display().to_string())
}
