//! All of a teen's memory as one value, back from it, and memory switched down or off.

use serde::{Deserialize, Serialize};

use std::sync::Arc;

use super::{
    Memory,
    graph::{Edge, Graph, GraphDelta, Node},
    refold::Before,
    remember::WRITE_ATTEMPTS,
    store::{EvidenceTurn, MemoryWrite, MentionList, StoredDigest, Suppression},
};
use crate::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::consent::MemoryMode,
    ids::TeenId,
};

/// Everything stored of a teen's memory, in a fixed order; adapters' own numbers are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryExport {
    /// Nodes, by id.
    pub nodes: Vec<Node>,
    /// Edges with intervals and logs, by id.
    pub edges: Vec<Edge>,
    /// Evidence turns; those whose text expired are stubs.
    pub turns: Vec<EvidenceTurn>,
    /// What extractors found and the teen corrected, session by session.
    pub mention_lists: Vec<MentionList>,
    /// What must not come back.
    pub suppressions: Vec<Suppression>,
    /// The digest as the personas read it.
    pub digest: Option<StoredDigest>,
}

impl MemoryExport {
    /// The graph in it.
    pub fn graph(&self) -> Graph {
        let nodes = self.nodes.iter().map(|node| (node.id, node.clone()));
        let edges = self.edges.iter().map(|edge| (edge.id, edge.clone()));
        Graph {
            nodes: nodes.collect(),
            edges: edges.collect(),
            generation: self.digest.as_ref().map_or(0, |digest| digest.generation),
        }
    }
}

impl Memory {
    /// All of it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn export(&self, teen: TeenId, now: Timestamp) -> Result<MemoryExport, PortError> {
        let before = self.read(teen, now).await?;
        let mut suppressions = before.suppressions;
        suppressions.sort_by_key(|row| row.id);
        let graph = before.stored.graph;
        Ok(MemoryExport {
            nodes: graph.nodes.into_values().collect(),
            edges: graph.edges.into_values().collect(),
            turns: before.stored.evidence.into_iter().map(told).collect(),
            mention_lists: before.lists.into_iter().map(Arc::unwrap_or_clone).collect(),
            suppressions,
            digest: before.stored.digest,
        })
    }

    /// Writes an export into a memory in which nothing is stored.
    ///
    /// # Errors
    /// `Conflict` if something is.
    pub async fn import(&self, teen: TeenId, export: &MemoryExport) -> Result<(), PortError> {
        let digest = export.digest.clone().unwrap_or_else(|| StoredDigest {
            text: String::new().into(),
            nodes: Vec::new(),
            generation: 0,
        });
        let write = MemoryWrite {
            applied: None,
            expected_generation: 0,
            delta: GraphDelta {
                put_nodes: export.nodes.clone(),
                put_edges: export.edges.clone(),
                ..GraphDelta::default()
            },
            evidence: export.turns.clone(),
            delete_evidence: Vec::new(),
            mentions: export.mention_lists.clone(),
            delete_mentions: Vec::new(),
            suppressions: export.suppressions.clone(),
            digest: StoredDigest {
                generation: 1,
                ..digest
            },
        };
        self.ports.graph.write(teen, &write).await?;
        self.forget_cached(teen);
        Ok(())
    }

    /// Deletes all memory of the teen; the account stays. Repeating it changes nothing.
    ///
    /// # Errors
    /// What the store says.
    pub async fn erase(&self, teen: TeenId) -> Result<(), PortError> {
        self.forget_cached(teen);
        self.ports.graph.erase_memory(teen).await?;
        // A session that opened between the two would have put the old state back.
        self.forget_cached(teen);
        Ok(())
    }

    /// Brings what is stored down to a mode the teen chose: `off` erases memory, `facts_only`
    /// drops every turn's text at once, as if its time had come.
    ///
    /// # Errors
    /// What the store says.
    pub async fn switch_to(
        &self,
        teen: TeenId,
        mode: MemoryMode,
        now: Timestamp,
    ) -> Result<(), PortError> {
        match mode {
            MemoryMode::Full => Ok(()),
            MemoryMode::Off => self.erase(teen).await,
            MemoryMode::FactsOnly => self.drop_texts(teen, now).await,
        }
    }

    async fn drop_texts(&self, teen: TeenId, now: Timestamp) -> Result<(), PortError> {
        for _attempt in 0..WRITE_ATTEMPTS {
            let before = self.read(teen, now).await?;
            let Some(write) = without_texts(&before, now) else {
                return Ok(());
            };
            match self.ports.graph.write(teen, &write).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                written => {
                    written?;
                    self.forget_cached(teen);
                    return Ok(());
                }
            }
        }
        Err(PortError::new(
            ErrorKind::Conflict,
            "drop the texts of turns",
        ))
    }
}

/// The write that makes every turn a stub; `None` if all are.
fn without_texts(before: &Before, now: Timestamp) -> Option<MemoryWrite> {
    let stubs: Vec<EvidenceTurn> = before
        .stored
        .evidence
        .iter()
        .filter(|turn| turn.text.is_some() || !turn.fact_words.is_empty())
        .map(|turn| EvidenceTurn {
            text: None,
            fact_words: Vec::new(),
            caption: None,
            emotion: [0.0; 7],
            expires_at: now,
            ..turn.clone()
        })
        .collect();
    let digest = before
        .stored
        .digest
        .clone()
        .unwrap_or_else(|| StoredDigest {
            text: String::new().into(),
            nodes: Vec::new(),
            generation: 0,
        });
    (!stubs.is_empty()).then(|| MemoryWrite {
        applied: None,
        expected_generation: before.stored.graph.generation,
        delta: GraphDelta::default(),
        evidence: stubs,
        delete_evidence: Vec::new(),
        mentions: Vec::new(),
        delete_mentions: Vec::new(),
        suppressions: Vec::new(),
        digest: StoredDigest {
            generation: before.next_generation(),
            ..digest
        },
    })
}

/// A turn without what is derived from its text.
fn told(mut turn: EvidenceTurn) -> EvidenceTurn {
    turn.encoded = None;
    turn
}
