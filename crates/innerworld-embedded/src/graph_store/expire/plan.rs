//! What retention takes of one memory.

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{IdSource, SessionId},
    memory::{
        outdated::{Holdings, Outdated},
        store::{EvidenceTurn, MentionList, StoredDigest},
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
#[derive(Debug)]
pub(super) struct Plan {
    generation: u64,
    oldest: i64,
    sources: Sources,
    outdated: Outdated,
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

    /// Takes at most `limit` records not seen since `before`.
    pub(super) fn plan(self, before: Timestamp, limit: usize) -> Plan {
        let sources = self.sources.0.values();
        let outdated = Holdings {
            nodes: sources
                .clone()
                .filter_map(|source| source.node.as_ref())
                .collect(),
            edges: sources.flat_map(|source| source.edges.values()).collect(),
            evidence: &self.evidence,
            lists: &self.lists,
            digest: self.digest.as_ref(),
        }
        .outdated(before, limit);
        let applied_before = outdated.is_whole.then(|| {
            let millis = u128::from(u64::try_from(before.as_millis()).unwrap_or(0));
            SessionId::from_bits(millis << 80).to_bytes()
        });
        let oldest = if outdated.is_whole {
            outdated.oldest.map_or(i64::MAX, Timestamp::as_millis)
        } else {
            self.oldest
        };
        Plan {
            generation: self.generation,
            oldest,
            sources: self.sources,
            outdated,
            applied_before,
        }
    }
}

impl Plan {
    /// How many records go or shrink.
    pub(super) fn count(&self) -> usize {
        self.outdated.count()
    }

    pub(super) fn seal(
        mut self,
        ids: &dyn IdSource,
        seals: &TeenSeals,
    ) -> Result<Batch, PortError> {
        let mut sources = std::mem::take(&mut self.sources);
        let changed = sources.apply(&self.outdated.delta);
        let mut lists = Vec::with_capacity(self.outdated.put_lists.len());
        for list in &self.outdated.put_lists {
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
        for id in &plan.outdated.delete_evidence {
            delete.execute((number, id.to_bytes()))?;
        }
        let mut delete = connection.prepare_cached(
            "DELETE FROM mentions WHERE teen = ?1 AND session_id = ?2 AND extractor = ?3",
        )?;
        for (session, extractor) in &plan.outdated.delete_lists {
            delete.execute((number, session.to_bytes(), extractor))?;
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
                plan.outdated.drops_digest,
            ))?;
        Ok(())
    }
}
