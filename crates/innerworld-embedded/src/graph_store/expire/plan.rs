//! What retention takes of one memory.

use std::collections::BTreeSet;

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{IdSource, SessionId, TurnId},
    memory::{
        graph::{Edge, GraphDelta, Node, NodeId},
        store::{EvidenceTurn, Means, MentionList, NameLink, StoredDigest},
    },
};
use rusqlite::Connection;

use super::super::{
    MENTIONS,
    pack::{Rows, Sources},
    read, write,
};
use crate::{fault::Failure, keys::teen_keys::TeenSeals};

/// A memory as it was read.
#[derive(Debug)]
pub(super) struct Stored {
    generation: u64,
    oldest: i64,
    digest: Option<StoredDigest>,
    sources: Sources,
    evidence: Vec<EvidenceTurn>,
    lists: Vec<MentionList>,
}

/// What is to go, and what stays of it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    generation: u64,
    oldest: i64,
    drops_digest: bool,
    delta: GraphDelta,
    sources: Sources,
    delete_evidence: Vec<[u8; 16]>,
    put_lists: Vec<MentionList>,
    delete_lists: Vec<([u8; 16], String)>,
    /// Patches of sessions before this id are forgotten.
    applied_before: Option<[u8; 16]>,
}

/// The plan, sealed.
#[derive(Debug)]
pub(super) struct Batch {
    number: i64,
    plan: Plan,
    changed: bool,
    nodes: Rows,
    lists: Vec<([u8; 16], String, Vec<u8>)>,
}

impl Stored {
    pub(super) fn read(connection: &Connection, seals: &TeenSeals) -> Result<Self, Failure> {
        let recall = read::recall(connection, seals)?;
        Ok(Self {
            generation: recall.generation,
            oldest: recall.oldest.unwrap_or(i64::MAX),
            digest: recall.digest(seals)?,
            sources: read::sources(connection, seals)?,
            evidence: read::evidence(connection, seals)?,
            lists: read::mention_lists(connection, seals)?,
        })
    }

    /// Takes at most `limit` records not seen since `before`. What hangs on them goes only once
    /// all of them fit: until then the memory stays due.
    pub(super) fn plan(self, before: Timestamp, limit: usize) -> Plan {
        let delta = due(&self.sources, before);
        let records = delta.delete_edges.len() + delta.delete_nodes.len();
        let mut plan = Plan {
            generation: self.generation,
            oldest: self.oldest,
            sources: self.sources,
            ..Plan::default()
        };
        if records > limit {
            plan.delta = first(delta, limit);
            return plan;
        }
        // It may tell the facts that go, too.
        let ends: Vec<NodeId> = edges(&plan.sources)
            .filter(|edge| delta.delete_edges.contains(&edge.id))
            .flat_map(|edge| [edge.from, edge.to])
            .collect();
        plan.drops_digest = self.digest.is_some_and(|digest| {
            let lost = delta.delete_nodes.iter().chain(&ends);
            digest
                .nodes
                .iter()
                .any(|id| lost.clone().any(|one| one == id))
        });
        plan.delta = delta;
        plan.take_the_rest((self.evidence, self.lists), before, limit - records);
        plan
    }
}

/// Nodes and edges not seen since `before`, and the edges of such nodes.
fn due(sources: &Sources, before: Timestamp) -> GraphDelta {
    let mut delta = GraphDelta::default();
    for (id, source) in &sources.0 {
        if source
            .node
            .as_ref()
            .is_some_and(|node| node.last_seen < before)
        {
            delta.delete_nodes.push(*id);
        }
    }
    let gone: BTreeSet<_> = delta.delete_nodes.iter().copied().collect();
    for edge in edges(sources) {
        if edge.last_seen < before || gone.contains(&edge.from) || gone.contains(&edge.to) {
            delta.delete_edges.push(edge.id);
        }
    }
    delta
}

/// As much of a delta as fits, edges first: an edge must never stay without its nodes.
fn first(mut delta: GraphDelta, limit: usize) -> GraphDelta {
    delta.delete_edges.truncate(limit);
    let left = limit - delta.delete_edges.len();
    delta.delete_nodes.truncate(left);
    delta
}

fn edges(sources: &Sources) -> impl Iterator<Item = &Edge> {
    sources.0.values().flat_map(|source| source.edges.values())
}

fn nodes(sources: &Sources) -> impl Iterator<Item = &Node> {
    sources.0.values().filter_map(|source| source.node.as_ref())
}

impl Plan {
    /// Stubs and mentions that no fact stands on any more, and the memory of applied patches.
    fn take_the_rest(
        &mut self,
        (evidence, lists): (Vec<EvidenceTurn>, Vec<MentionList>),
        before: Timestamp,
        limit: usize,
    ) {
        let kept_nodes =
            || nodes(&self.sources).filter(|node| !self.delta.delete_nodes.contains(&node.id));
        let gone_edges: BTreeSet<_> = self.delta.delete_edges.iter().collect();
        let kept_edges = || edges(&self.sources).filter(|edge| !gone_edges.contains(&edge.id));
        let assertions = kept_edges().flat_map(|edge| &edge.log);
        let standing: BTreeSet<TurnId> = kept_nodes()
            .flat_map(|node| &node.turns)
            .chain(assertions.flat_map(|assertion| &assertion.turns))
            .copied()
            .collect();
        let mut oldest = kept_nodes()
            .map(|node| node.last_seen)
            .chain(kept_edges().map(|edge| edge.last_seen))
            .min();
        let mut meet = |instant: Timestamp| {
            oldest = Some(oldest.map_or(instant, |oldest| oldest.min(instant)));
        };
        let mut left = limit;
        let mut fits = |instant: Timestamp| {
            let takes = instant < before && left > 0;
            left -= usize::from(takes);
            takes
        };
        let loose = |turn: &&EvidenceTurn| turn.text.is_none() && !standing.contains(&turn.id);
        for turn in evidence.iter().filter(loose) {
            if fits(turn.said_at) {
                self.delete_evidence.push(turn.id.to_bytes());
            } else {
                meet(turn.said_at);
            }
        }
        for list in lists {
            let start = list.session_started_at;
            let Some(rest) = without_loose(&list, &standing) else {
                continue;
            };
            if !fits(start) {
                meet(start);
            } else if rest.mentions.is_empty() {
                let key = (list.session.to_bytes(), list.extractor);
                self.delete_lists.push(key);
            } else {
                self.put_lists.push(rest);
            }
        }
        self.oldest = oldest.map_or(i64::MAX, Timestamp::as_millis);
        let millis = u128::from(u64::try_from(before.as_millis()).unwrap_or(0));
        self.applied_before = Some(SessionId::from_bits(millis << 80).to_bytes());
    }

    /// How many records go or shrink.
    pub(super) fn count(&self) -> usize {
        self.delta.delete_nodes.len()
            + self.delta.delete_edges.len()
            + self.delete_evidence.len()
            + self.put_lists.len()
            + self.delete_lists.len()
    }

    pub(super) fn seal(
        mut self,
        ids: &dyn IdSource,
        seals: &TeenSeals,
    ) -> Result<Batch, PortError> {
        let mut sources = std::mem::take(&mut self.sources);
        let changed = sources.apply(&self.delta);
        let mut lists = Vec::with_capacity(self.put_lists.len());
        for list in &self.put_lists {
            let session = list.session.to_bytes();
            let key = read::mentions_key(session, &list.extractor);
            let sealed = seals.seal(ids, (MENTIONS, &key), list)?;
            lists.push((session, list.extractor.clone(), sealed));
        }
        Ok(Batch {
            number: seals.number,
            changed: self.count() > 0,
            nodes: sources.seal(ids, seals, &changed)?,
            lists,
            plan: self,
        })
    }
}

/// The list without the mentions whose turns nothing stands on, numbered anew; `None` if it has
/// none of those.
fn without_loose(list: &MentionList, standing: &BTreeSet<TurnId>) -> Option<MentionList> {
    let mut numbers = std::collections::BTreeMap::new();
    let mut rest = MentionList {
        mentions: Vec::new(),
        relations: Vec::new(),
        links: Vec::new(),
        ..list.clone()
    };
    for mention in &list.mentions {
        if !mention.turns.iter().any(|turn| standing.contains(turn)) {
            continue;
        }
        let index = u32::try_from(rest.mentions.len()).unwrap_or(u32::MAX);
        numbers.insert(mention.index, index);
        let mut mention = mention.clone();
        mention.index = index;
        rest.mentions.push(mention);
    }
    if rest.mentions.len() == list.mentions.len() && !list.mentions.is_empty() {
        return None;
    }
    for link in &list.links {
        let means = match link.means {
            Means::Mention(other) => numbers.get(&other).copied().map(Means::Mention),
            other @ (Means::Node(_) | Means::Itself) => Some(other),
        };
        let mention = numbers.get(&link.mention).copied();
        let link = mention.zip(means);
        rest.links
            .extend(link.map(|(mention, means)| NameLink { mention, means }));
    }
    for relation in &list.relations {
        let from = relation.from.map(|from| numbers.get(&from).copied());
        if let (Some(to), None | Some(Some(_))) = (numbers.get(&relation.to), from) {
            let mut relation = relation.clone();
            relation.from = from.flatten();
            relation.to = *to;
            rest.relations.push(relation);
        }
    }
    Some(rest)
}

impl Batch {
    /// Writes the plan, if the memory still stands where it was read.
    pub(super) fn commit(&self, connection: &Connection) -> Result<(), Failure> {
        let (number, plan) = (self.number, &self.plan);
        if write::stored_generation(connection, number)? != plan.generation {
            return Err(PortError::new(ErrorKind::Conflict, "drop what was not seen").into());
        }
        write::put_nodes(connection, number, &self.nodes)?;
        let mut delete =
            connection.prepare_cached("DELETE FROM evidence WHERE teen = ?1 AND id = ?2")?;
        for id in &plan.delete_evidence {
            delete.execute((number, id))?;
        }
        let mut delete = connection.prepare_cached(
            "DELETE FROM mentions WHERE teen = ?1 AND session_id = ?2 AND extractor = ?3",
        )?;
        for (session, extractor) in &plan.delete_lists {
            delete.execute((number, session, extractor))?;
        }
        let mut put = connection.prepare_cached(
            "UPDATE mentions SET sealed = ?4
             WHERE teen = ?1 AND session_id = ?2 AND extractor = ?3",
        )?;
        for (session, extractor, sealed) in &self.lists {
            put.execute((number, session, extractor, sealed))?;
        }
        if let Some(session) = plan.applied_before {
            connection
                .prepare_cached("DELETE FROM applied WHERE teen = ?1 AND session_id < ?2")?
                .execute((number, session))?;
        }
        connection
            .prepare_cached(
                "UPDATE recall SET generation = generation + ?2, oldest = ?3,
                   sealed = CASE WHEN ?4 THEN NULL ELSE sealed END WHERE teen = ?1",
            )?
            .execute((
                number,
                i64::from(self.changed),
                plan.oldest,
                plan.drops_digest,
            ))?;
        Ok(())
    }
}
