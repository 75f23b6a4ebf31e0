//! Reading what is stored of a memory. All of it runs on a storage thread, opening included: the
//! largest memories take milliseconds to open.

use innerworld_core::{
    error::PortError,
    ids::TurnId,
    memory::{
        graph::NodeId,
        store::{
            AppliedKey, EvidenceTurn, Horizon, MentionList, StoredDigest, StoredMemory, Suppression,
        },
    },
};
use rusqlite::{Connection, OptionalExtension};

use super::{EVIDENCE, MENTIONS, RECALL, SUPPRESSION, pack::Sources};
use crate::{fault::Failure, keys::teen_keys::TeenSeals, rows};

/// The row that counts generations; all zero for a teen without memory.
#[derive(Debug, Default)]
pub(super) struct Recall {
    pub(super) generation: u64,
    /// Nothing that retention looks at is older.
    pub(super) oldest: Option<i64>,
    sealed: Option<Vec<u8>>,
}

impl Recall {
    pub(super) fn digest(&self, seals: &TeenSeals) -> Result<Option<StoredDigest>, Failure> {
        let key = rows::number(seals.number);
        let opened = self
            .sealed
            .as_ref()
            .map(|sealed| seals.open((RECALL, &key), sealed));
        Ok(opened.transpose()?)
    }
}

pub(super) fn recall(connection: &Connection, seals: &TeenSeals) -> Result<Recall, Failure> {
    let found = connection
        .prepare_cached("SELECT generation, oldest, sealed FROM recall WHERE teen = ?1")?
        .query_row([seals.number], |row| {
            Ok(Recall {
                generation: rows::unsigned(row.get(0)?),
                oldest: Some(row.get(1)?),
                sealed: row.get(2)?,
            })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

pub(super) fn memory(
    connection: &Connection,
    seals: &TeenSeals,
    horizon: Horizon,
) -> Result<StoredMemory, Failure> {
    let stored = StoredMemory {
        evidence: evidence(connection, seals)?,
        ..without_evidence(connection, seals)?
    };
    Ok(stored.within(horizon))
}

pub(super) fn graph(
    connection: &Connection,
    seals: &TeenSeals,
    horizon: Horizon,
) -> Result<StoredMemory, Failure> {
    Ok(without_evidence(connection, seals)?.within(horizon))
}

fn without_evidence(connection: &Connection, seals: &TeenSeals) -> Result<StoredMemory, Failure> {
    let recall = recall(connection, seals)?;
    Ok(StoredMemory {
        graph: sources(connection, seals)?.into_graph(recall.generation),
        evidence: Vec::new(),
        digest: recall.digest(seals)?,
    })
}

/// Ids of all evidence, as they are ordered.
pub(super) fn evidence_ids(connection: &Connection, number: i64) -> Result<Vec<TurnId>, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM evidence WHERE teen = ?1 ORDER BY id")?;
    let found = statement.query_map([number], |row| row.get(0).map(TurnId::from_bytes))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// All nodes with their edges.
pub(super) fn sources(connection: &Connection, seals: &TeenSeals) -> Result<Sources, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT id, chunk, sealed FROM node WHERE teen = ?1")?;
    let mut found = statement.query([seals.number])?;
    let mut sources = Sources::default();
    while let Some(row) = found.next()? {
        let sealed = row.get_ref(2)?.as_blob().map_err(wrong_type)?;
        sources.add(seals, (row.get(0)?, row.get(1)?), sealed)?;
    }
    Ok(sources)
}

/// The nodes asked for with their edges.
pub(super) fn some_sources(
    connection: &Connection,
    seals: &TeenSeals,
    ids: impl Iterator<Item = NodeId>,
) -> Result<Sources, Failure> {
    let mut statement = connection
        .prepare_cached("SELECT id, chunk, sealed FROM node WHERE teen = ?1 AND id = ?2")?;
    let mut sources = Sources::default();
    for id in ids {
        let mut found = statement.query((seals.number, id.0.to_be_bytes()))?;
        while let Some(row) = found.next()? {
            let sealed = row.get_ref(2)?.as_blob().map_err(wrong_type)?;
            sources.add(seals, (row.get(0)?, row.get(1)?), sealed)?;
        }
    }
    Ok(sources)
}

/// All evidence as stored, by session and position.
pub(super) fn evidence(
    connection: &Connection,
    seals: &TeenSeals,
) -> Result<Vec<EvidenceTurn>, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT id, sealed FROM evidence WHERE teen = ?1")?;
    let mut found = statement.query([seals.number])?;
    let mut turns: Vec<EvidenceTurn> = Vec::new();
    while let Some(row) = found.next()? {
        let id: [u8; 16] = row.get(0)?;
        let sealed = row.get_ref(1)?.as_blob().map_err(wrong_type)?;
        turns.push(seals.open((EVIDENCE, &id), sealed)?);
    }
    turns.sort_by_key(|turn| (turn.session, turn.sequence));
    Ok(turns)
}

pub(super) fn mention_lists(
    connection: &Connection,
    seals: &TeenSeals,
) -> Result<Vec<MentionList>, Failure> {
    let mut statement = connection
        .prepare_cached("SELECT session_id, extractor, sealed FROM mentions WHERE teen = ?1")?;
    let mut found = statement.query([seals.number])?;
    let mut lists: Vec<MentionList> = Vec::new();
    while let Some(row) = found.next()? {
        let extractor: String = row.get(1)?;
        let key = mentions_key(row.get(0)?, &extractor);
        let sealed = row.get_ref(2)?.as_blob().map_err(wrong_type)?;
        lists.push(seals.open((MENTIONS, &key), sealed)?);
    }
    lists.sort_by(|one, other| {
        let order = |list: &MentionList| (list.session_started_at, list.session);
        order(one)
            .cmp(&order(other))
            .then_with(|| one.extractor.cmp(&other.extractor))
    });
    Ok(lists)
}

pub(super) fn suppressions(
    connection: &Connection,
    seals: &TeenSeals,
) -> Result<Vec<Suppression>, Failure> {
    let mut statement =
        connection.prepare_cached("SELECT id, sealed FROM suppression WHERE teen = ?1")?;
    let mut found = statement.query([seals.number])?;
    let mut all = Vec::new();
    while let Some(row) = found.next()? {
        let id: [u8; 16] = row.get(0)?;
        let sealed = row.get_ref(1)?.as_blob().map_err(wrong_type)?;
        all.push(seals.open((SUPPRESSION, &id), sealed)?);
    }
    Ok(all)
}

pub(super) fn is_applied(
    connection: &Connection,
    number: i64,
    key: &AppliedKey,
) -> Result<bool, Failure> {
    let found: Option<String> = connection
        .prepare_cached(
            "SELECT version FROM applied WHERE teen = ?1 AND session_id = ?2 AND extractor = ?3",
        )?
        .query_row((number, key.session.to_bytes(), &key.extractor), |row| {
            row.get(0)
        })
        .optional()?;
    Ok(found.as_ref() == Some(&key.version))
}

/// The row's key for its seal.
pub(super) fn mentions_key(session: [u8; 16], extractor: &str) -> Vec<u8> {
    let mut key = session.to_vec();
    key.extend_from_slice(extractor.as_bytes());
    key
}

fn wrong_type(error: rusqlite::types::FromSqlError) -> PortError {
    PortError::with_source(
        innerworld_core::error::ErrorKind::Corrupt,
        "read a sealed record",
        error,
    )
}
