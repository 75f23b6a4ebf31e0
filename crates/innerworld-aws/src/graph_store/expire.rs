//! Retention: texts end by their own date, the graph by when a thing was last seen.

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    memory::{outdated::Holdings, store::EvidenceTurn},
};

use super::{
    DynamoGraphStore,
    commit::Change,
    due::{Due, Retention, SHARDS},
    record::{Kind, Record, Records, Sealing},
};
use crate::dynamo::{Key, Table, Write};

/// Texts that one commit drops.
const TEXTS: usize = 50;

impl DynamoGraphStore {
    /// Drops what is due of all teens, at most `limit` records.
    pub(super) async fn expire_all(
        &self,
        (now, before): (Timestamp, Timestamp),
        limit: usize,
    ) -> Result<usize, PortError> {
        // The index compares with "at or before", the graph's mark is "before".
        let last_seen = before.minus(std::time::Duration::from_millis(1));
        let mut gone: usize = 0;
        for (retention, last) in [(Retention::Text, now), (Retention::Graph, last_seen)] {
            for number in 0..SHARDS {
                for teen in self.due(retention, number, last).await? {
                    let left = limit.saturating_sub(gone);
                    if left == 0 {
                        return Ok(gone);
                    }
                    let of_teen = match retention {
                        Retention::Text => self.texts(teen, now, left).await,
                        Retention::Graph => self.old_graph(teen, before, left).await,
                    };
                    gone = gone.saturating_add(past_one_teen(of_teen)?);
                }
            }
        }
        Ok(gone)
    }

    async fn due(
        &self,
        retention: Retention,
        number: u128,
        last: Timestamp,
    ) -> Result<Vec<TeenId>, PortError> {
        const OPERATION: &str = "find memories that are due";
        let found = self
            .shared
            .dynamo
            .query(OPERATION, retention.due(number, last))
            .await?;
        let teens = found.iter().map(|item| {
            TeenId::from_verified_subject(item.text("user_id")?)
                .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause))
        });
        teens.collect()
    }

    /// Puts stubs in the place of texts whose time came, at most `limit`.
    async fn texts(&self, teen: TeenId, now: Timestamp, limit: usize) -> Result<usize, PortError> {
        // Rows without a key are the erase's to delete.
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(0);
        };
        let mut manifest = self.settled(teen).await?;
        if manifest.due.text.is_none_or(|due| due > now) {
            return Ok(0);
        }
        let waits = self.remind_writer(teen, manifest.generation).await?;
        let found = self.snapshot(teen, &[Kind::Evidence]).await?;
        if found.manifest.revision != manifest.revision {
            return Ok(0);
        }
        let (ended, later) = by_end(&found, now);
        let taken = ended.get(..limit.min(ended.len())).unwrap_or_default();
        let is_whole = taken.len() == ended.len();
        let mut gone: usize = 0;
        let mut parts = taken.chunks(TEXTS).peekable();
        loop {
            let part = parts.next().unwrap_or_default();
            let mut sealing = Sealing::new(&seals, &*self.shared.ids);
            let mut after = manifest.next();
            for &(key, record) in part {
                let mut turn: EvidenceTurn = Kind::Evidence.open(&seals, (key, record))?;
                turn.drop_text();
                after.due = after.due.meet(Due {
                    text: None,
                    graph: Some(turn.said_at),
                });
                sealing.turn(&turn)?;
            }
            let is_last = parts.peek().is_none();
            if is_last && is_whole {
                // What waits for a graph elsewhere is asked for again, until it was taken.
                let again = waits.then(|| self.soon());
                after.due.text = later.into_iter().chain(again).min();
            }
            let stubs = puts(teen, sealing.records);
            if !self.turn(teen, (&manifest, &after), stubs).await? {
                // A session was remembered meanwhile: the next round is near.
                return Ok(gone);
            }
            gone = gone.saturating_add(part.len());
            manifest = after;
            if is_last {
                break;
            }
        }
        self.drop_pieces(teen, manifest.revision).await?;
        Ok(gone)
    }

    /// Drops nodes and edges not seen since `before`, and what only they needed; at most `limit`
    /// records.
    async fn old_graph(
        &self,
        teen: TeenId,
        before: Timestamp,
        limit: usize,
    ) -> Result<usize, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(0);
        };
        let manifest = self.settled(teen).await?;
        if manifest.due.graph.is_none_or(|due| due >= before) {
            return Ok(0);
        }
        let kinds = [Kind::Node, Kind::Edge, Kind::Evidence, Kind::Mentions];
        let snapshot = self.snapshot(teen, &kinds).await?;
        if snapshot.manifest.revision != manifest.revision {
            return Ok(0);
        }
        let stored = snapshot.graph(&seals)?;
        let outdated = Holdings {
            nodes: stored.graph.nodes.values().collect(),
            edges: stored.graph.edges.values().collect(),
            evidence: &snapshot.evidence(&seals)?,
            lists: &snapshot.mention_lists(&seals)?,
            digest: stored.digest.as_ref(),
        }
        .outdated(before, limit);
        let mut due = manifest.due;
        if outdated.is_whole {
            due.graph = outdated.oldest;
        }
        let gone = outdated.count();
        let generation = manifest.generation.saturating_add(u64::from(gone > 0));
        let mut sealing = Sealing::new(&seals, &*self.shared.ids);
        self.seal_delta(&mut sealing, (teen, generation), &outdated.delta)
            .await?;
        sealing.delete_evidence(&outdated.delete_evidence);
        sealing.delete_mentions(&outdated.delete_lists);
        for list in &outdated.put_lists {
            sealing.list(list)?;
        }
        let digest = manifest.digest.clone();
        let change = Change {
            generation,
            records: sealing.records,
            digest: digest.filter(|_sealed| !outdated.drops_digest),
            applied: None,
            due,
        };
        let stored = self.store(teen, &manifest, change).await?;
        Ok(if stored { gone } else { 0 })
    }
}

/// Texts that ended, and when the next one does.
fn by_end(
    found: &super::read::Snapshot,
    now: Timestamp,
) -> (Vec<(&str, &Record)>, Option<Timestamp>) {
    let mut ended = Vec::new();
    let mut later: Option<i64> = None;
    for (key, record) in found.of(Kind::Evidence) {
        match record.text_ends() {
            None => {}
            Some(end) if end <= now.as_millis() => ended.push((key, record)),
            Some(end) => later = Some(later.map_or(end, |later| later.min(end))),
        }
    }
    (ended, later.map(Timestamp::from_millis))
}

fn puts(teen: TeenId, records: Records) -> Vec<Write> {
    let put = |(key, record): (String, Option<Record>)| {
        let key = Key::teen(Table::Memory, teen, key);
        record.map(|record| Write::Put(key, record.item(), None))
    };
    records.into_iter().filter_map(put).collect()
}

/// How many records of a teen went. A teen who is being erased, or whose memory cannot be read, does
/// not keep the others from their retention.
fn past_one_teen(gone: Result<usize, PortError>) -> Result<usize, PortError> {
    match gone {
        Err(error) => match error.kind() {
            ErrorKind::Conflict
            | ErrorKind::Superseded
            | ErrorKind::Denied
            | ErrorKind::NotFound => Ok(0),
            ErrorKind::Corrupt | ErrorKind::Invalid => {
                tracing::error!(error.kind = ?error.kind(), "retention cannot read a memory");
                Ok(0)
            }
            ErrorKind::Unavailable | ErrorKind::Throttled => Err(error),
        },
        gone => gone,
    }
}
