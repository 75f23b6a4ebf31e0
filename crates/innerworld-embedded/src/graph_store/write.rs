//! Writing a memory in one transaction.

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::IdSource,
    memory::store::{Applied, AppliedKey, MemoryWrite},
};
use rusqlite::Connection;

use super::{
    EVIDENCE, MENTIONS, RECALL, SUPPRESSION,
    pack::{Rows, Sources},
    read,
};
use crate::{fault::Failure, keys::teen_keys::TeenSeals, rows};

/// Reads the nodes that a write touches; `None` if it was applied before.
pub(super) fn touched(
    connection: &Connection,
    seals: &TeenSeals,
    write: &MemoryWrite,
) -> Result<Option<Sources>, Failure> {
    check(
        connection,
        seals.number,
        write.applied.as_ref(),
        write.expected_generation,
    )
    .and_then(|applied| match applied {
        Applied::Already => Ok(None),
        // An edge is found by its source only; whoever deletes edges opens all of them.
        Applied::Now if !write.delta.delete_edges.is_empty() => {
            read::sources(connection, seals).map(Some)
        }
        Applied::Now => {
            let delta = &write.delta;
            let put = delta.put_nodes.iter().map(|node| node.id);
            let from = delta.put_edges.iter().map(|edge| edge.from);
            let mut ids: Vec<_> = put
                .chain(from)
                .chain(delta.delete_nodes.iter().copied())
                .collect();
            ids.sort_unstable();
            ids.dedup();
            read::some_sources(connection, seals, ids.into_iter()).map(Some)
        }
    })
}

/// Whether a write may go on: not applied before, and computed from the stored generation.
fn check(
    connection: &Connection,
    number: i64,
    applied: Option<&AppliedKey>,
    expected_generation: u64,
) -> Result<Applied, Failure> {
    if let Some(key) = applied
        && read::is_applied(connection, number, key)?
    {
        return Ok(Applied::Already);
    }
    if stored_generation(connection, number)? != expected_generation {
        return Err(PortError::new(ErrorKind::Conflict, "write a memory").into());
    }
    Ok(Applied::Now)
}

pub(super) fn stored_generation(connection: &Connection, number: i64) -> Result<u64, Failure> {
    Ok(connection
        .prepare_cached("SELECT coalesce((SELECT generation FROM recall WHERE teen = ?1), 0)")?
        .query_row([number], |row| row.get(0).map(rows::unsigned))?)
}

/// Everything one write puts and deletes, sealed.
#[derive(Debug)]
pub(super) struct Batch {
    number: i64,
    applied: Option<AppliedKey>,
    expected_generation: u64,
    nodes: Rows,
    /// Id, expiry, record.
    evidence: Vec<([u8; 16], i64, Vec<u8>)>,
    delete_evidence: Vec<[u8; 16]>,
    /// Session, extractor, record.
    mentions: Vec<([u8; 16], String, Vec<u8>)>,
    delete_mentions: Vec<([u8; 16], String)>,
    suppressions: Vec<([u8; 16], Vec<u8>)>,
    oldest: i64,
    digest: Vec<u8>,
}

impl Batch {
    /// Computes and seals the rows, from the sources as [`touched`] read them.
    pub(super) fn prepare(
        ids: &dyn IdSource,
        seals: &TeenSeals,
        mut sources: Sources,
        write: &MemoryWrite,
    ) -> Result<Self, PortError> {
        let changed = sources.apply(&write.delta);
        let mut batch = Self {
            number: seals.number,
            applied: write.applied.clone(),
            expected_generation: write.expected_generation,
            nodes: sources.seal(ids, seals, &changed)?,
            evidence: Vec::with_capacity(write.evidence.len()),
            delete_evidence: write
                .delete_evidence
                .iter()
                .map(|id| id.to_bytes())
                .collect(),
            mentions: Vec::with_capacity(write.mentions.len()),
            delete_mentions: write
                .delete_mentions
                .iter()
                .map(|(session, extractor)| (session.to_bytes(), extractor.clone()))
                .collect(),
            suppressions: Vec::with_capacity(write.suppressions.len()),
            oldest: oldest(write),
            digest: seals.seal(ids, (RECALL, &rows::number(seals.number)), &write.digest)?,
        };
        for turn in &write.evidence {
            let id = turn.id.to_bytes();
            let sealed = seals.seal(ids, (EVIDENCE, &id), turn)?;
            let expires = turn.expires_at.as_millis();
            batch.evidence.push((id, expires, sealed));
        }
        for list in &write.mentions {
            let session = list.session.to_bytes();
            let key = read::mentions_key(session, &list.extractor);
            let sealed = seals.seal(ids, (MENTIONS, &key), list)?;
            batch
                .mentions
                .push((session, list.extractor.clone(), sealed));
        }
        for one in &write.suppressions {
            let id = one.id.to_be_bytes();
            let sealed = seals.seal(ids, (SUPPRESSION, &id), one)?;
            batch.suppressions.push((id, sealed));
        }
        Ok(batch)
    }

    /// Puts everything, if the memory still stands where it was read.
    pub(super) fn commit(&self, connection: &Connection) -> Result<Applied, Failure> {
        let number = self.number;
        let applied = self.applied.as_ref();
        if check(connection, number, applied, self.expected_generation)? == Applied::Already {
            return Ok(Applied::Already);
        }
        put_nodes(connection, number, &self.nodes)?;
        self.put_evidence(connection)?;
        self.put_mentions(connection)?;
        let mut put = connection.prepare_cached(
            "INSERT INTO suppression (teen, id, sealed) VALUES (?1, ?2, ?3)
             ON CONFLICT (teen, id) DO UPDATE SET sealed = excluded.sealed",
        )?;
        for (id, sealed) in &self.suppressions {
            put.execute((number, id, sealed))?;
        }
        if let Some(key) = &self.applied {
            connection
                .prepare_cached(
                    "INSERT INTO applied (teen, session_id, extractor, version)
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (teen, session_id, extractor)
                     DO UPDATE SET version = excluded.version",
                )?
                .execute((number, key.session.to_bytes(), &key.extractor, &key.version))?;
        }
        connection
            .prepare_cached(
                "INSERT INTO recall (teen, generation, oldest, sealed) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (teen) DO UPDATE SET generation = excluded.generation,
                   oldest = min(oldest, excluded.oldest), sealed = excluded.sealed",
            )?
            .execute((
                number,
                rows::signed(self.expected_generation.saturating_add(1)),
                self.oldest,
                &self.digest,
            ))?;
        Ok(Applied::Now)
    }

    fn put_evidence(&self, connection: &Connection) -> Result<(), Failure> {
        let mut delete =
            connection.prepare_cached("DELETE FROM evidence WHERE teen = ?1 AND id = ?2")?;
        for id in &self.delete_evidence {
            delete.execute((self.number, id))?;
        }
        let mut put = connection.prepare_cached(
            "INSERT INTO evidence (teen, id, expires, sealed) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (teen, id) DO UPDATE SET
               expires = excluded.expires, sealed = excluded.sealed",
        )?;
        for (id, expires, sealed) in &self.evidence {
            put.execute((self.number, id, expires, sealed))?;
        }
        Ok(())
    }

    fn put_mentions(&self, connection: &Connection) -> Result<(), Failure> {
        let mut delete = connection.prepare_cached(
            "DELETE FROM mentions WHERE teen = ?1 AND session_id = ?2 AND extractor = ?3",
        )?;
        for (session, extractor) in &self.delete_mentions {
            delete.execute((self.number, session, extractor))?;
        }
        let mut put = connection.prepare_cached(
            "INSERT INTO mentions (teen, session_id, extractor, sealed) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (teen, session_id, extractor) DO UPDATE SET sealed = excluded.sealed",
        )?;
        for (session, extractor, sealed) in &self.mentions {
            put.execute((self.number, session, extractor, sealed))?;
        }
        Ok(())
    }
}

pub(super) fn put_nodes(connection: &Connection, number: i64, nodes: &Rows) -> Result<(), Failure> {
    let mut delete = connection
        .prepare_cached("DELETE FROM node WHERE teen = ?1 AND id = ?2 AND chunk >= ?3")?;
    for (id, first_gone) in &nodes.ends {
        delete.execute((number, id, first_gone))?;
    }
    let mut put = connection.prepare_cached(
        "INSERT INTO node (teen, id, chunk, sealed) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (teen, id, chunk) DO UPDATE SET sealed = excluded.sealed",
    )?;
    for row in &nodes.puts {
        put.execute((number, row.id, row.chunk, &row.sealed))?;
    }
    Ok(())
}

/// The earliest instant that retention will compare of what this write puts.
fn oldest(write: &MemoryWrite) -> i64 {
    let delta = &write.delta;
    let nodes = delta.put_nodes.iter().map(|node| node.last_seen);
    let edges = delta.put_edges.iter().map(|edge| edge.last_seen);
    let lists = write.mentions.iter().map(|list| list.session_started_at);
    let stubs = write.evidence.iter().filter(|turn| turn.text.is_none());
    nodes
        .chain(edges)
        .chain(lists)
        .chain(stubs.map(|turn| turn.said_at))
        .min()
        .map_or(i64::MAX, innerworld_core::clock::Timestamp::as_millis)
}

/// Deletes a teen's memory. The generation goes on counting, so that a write that was computed
/// before finds itself late.
pub(super) fn erase(connection: &Connection, number: i64) -> Result<(), Failure> {
    const ALL: [&str; 5] = [
        "DELETE FROM node WHERE teen = ?1",
        "DELETE FROM evidence WHERE teen = ?1",
        "DELETE FROM mentions WHERE teen = ?1",
        "DELETE FROM suppression WHERE teen = ?1",
        "DELETE FROM applied WHERE teen = ?1",
    ];
    for statement in ALL {
        connection.prepare_cached(statement)?.execute([number])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO recall (teen, generation, oldest, sealed) VALUES (?1, 1, ?2, NULL)
             ON CONFLICT (teen) DO UPDATE SET
               generation = generation + 1, oldest = excluded.oldest, sealed = NULL",
        )?
        .execute((number, i64::MAX))?;
    Ok(())
}
