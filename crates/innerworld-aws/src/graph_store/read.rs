//! Reading a memory as it was at one generation.

use std::{collections::BTreeMap, ops::Bound};

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
    memory::{
        graph::Graph,
        store::{EvidenceTurn, MentionList, StoredDigest, StoredMemory},
    },
    seal::Seals,
};
use serde::de::DeserializeOwned;

use super::{
    DynamoGraphStore,
    commit::TRIES,
    keeping::Outside,
    manifest::{self, Manifest, Pending},
    record::{Kind, Record, Records},
    redo,
};
use crate::{
    dynamo::{Query, Table},
    neptune::waiting::RowGraph,
};

/// How the sort keys of all records begin.
pub(super) const PREFIXES: [&str; 6] = [
    Kind::Node.prefix(),
    Kind::Edge.prefix(),
    Kind::Evidence.prefix(),
    Kind::Mentions.prefix(),
    Kind::Suppression.prefix(),
    Kind::Waiting.prefix(),
];

/// Records as they were at the generation of a manifest.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// The manifest.
    pub(super) manifest: Manifest,
    found: Found,
}

/// What was found at one generation.
#[derive(Debug, Default)]
struct Found {
    /// Items.
    records: BTreeMap<String, Record>,
    /// The graph, if it was asked for and is kept outside of the tables.
    outside: Option<Outside>,
}

impl DynamoGraphStore {
    /// The manifest as it is stored now.
    pub(super) async fn manifest(&self, teen: TeenId) -> Result<Manifest, PortError> {
        let found = self
            .shared
            .dynamo
            .get("read a manifest", &manifest::key(teen))
            .await?;
        Ok(found
            .as_ref()
            .map(Manifest::of)
            .transpose()?
            .unwrap_or_default())
    }

    /// All records of some kinds. What is pending is laid over what was found, and if a write was
    /// committed meanwhile all of it is read again.
    pub(super) async fn snapshot(
        &self,
        teen: TeenId,
        kinds: &[Kind],
    ) -> Result<Snapshot, PortError> {
        for _ in 0..TRIES {
            let manifest = self.manifest(teen).await?;
            if let Some(found) = self.found(teen, &manifest, kinds).await? {
                return Ok(Snapshot { manifest, found });
            }
        }
        Err(PortError::new(ErrorKind::Throttled, "read a memory"))
    }

    /// The same at this manifest; `None` if it is gone.
    async fn found(
        &self,
        teen: TeenId,
        manifest: &Manifest,
        kinds: &[Kind],
    ) -> Result<Option<Found>, PortError> {
        let nothing = manifest.revision == 0 || matches!(manifest.pending, Some(Pending::Erase));
        if nothing {
            return Ok(Some(Found::default()));
        }
        let kinds = self.keeping.stored(kinds);
        let Some(records) = self.records(teen, manifest, &kinds).await? else {
            return Ok(None);
        };
        let outside = if kinds.contains(&Kind::Waiting) {
            self.outside((teen, manifest.generation), &records).await?
        } else {
            None
        };
        let now = self.manifest(teen).await?;
        let is_same = now.generation == manifest.generation;
        Ok(is_same.then_some(Found { records, outside }))
    }

    /// The rows of a graph outside of the tables, with what waits for it, and their generation. Nothing
    /// is opened.
    pub(crate) async fn rows(&self, teen: TeenId) -> Result<(u64, RowGraph), PortError> {
        let snapshot = self.snapshot(teen, &[Kind::Node, Kind::Edge]).await?;
        let rows = snapshot.found.outside.map(|outside| outside.rows);
        Ok((snapshot.manifest.generation, rows.unwrap_or_default()))
    }

    /// The items of these kinds, with what is pending laid over them; `None` if some may be missing.
    async fn records(
        &self,
        teen: TeenId,
        manifest: &Manifest,
        kinds: &[Kind],
    ) -> Result<Option<BTreeMap<String, Record>>, PortError> {
        // The pieces first: they are dropped as soon as they are laid down.
        let over = match &manifest.pending {
            Some(Pending::Logged { attempt, hashes }) => {
                let named = (manifest.revision, attempt.as_str());
                match self.pieces(teen, named, hashes).await? {
                    Some(over) => over,
                    None => return Ok(None),
                }
            }
            Some(Pending::Erase) | None => Records::new(),
        };
        let mut records = BTreeMap::new();
        for kind in kinds {
            let query = Query::of(Table::Memory, teen.to_string()).prefix(kind.prefix());
            let found = self.shared.dynamo.query("read a memory", query).await?;
            for item in &found {
                records.insert(item.text("item")?.to_owned(), Record::of(item)?);
            }
            let first = found.first().filter(|_item| *kind == Kind::Waiting);
            if let Some(first) = first
                && !self.all_wait(teen, first.text("item")?).await?
            {
                return Ok(None);
            }
        }
        let is_asked_for = |key: &str| kinds.iter().any(|kind| key.starts_with(kind.prefix()));
        for (key, record) in over {
            match record {
                Some(record) if is_asked_for(&key) => records.insert(key, record),
                _ => records.remove(&key),
            };
        }
        Ok(Some(records))
    }

    /// The sort keys of all lines of evidence, in order.
    pub(super) async fn evidence_keys(&self, teen: TeenId) -> Result<Vec<String>, PortError> {
        const OPERATION: &str = "list evidence";
        let manifest = self.manifest(teen).await?;
        if manifest.pending.is_some() {
            let snapshot = self.snapshot(teen, &[Kind::Evidence]).await?;
            return Ok(snapshot.found.records.into_keys().collect());
        }
        let query = Query::of(Table::Memory, teen.to_string())
            .prefix(Kind::Evidence.prefix())
            .keys_only();
        let found = self.shared.dynamo.query(OPERATION, query).await?;
        if self.manifest(teen).await?.generation == manifest.generation {
            let keys = found
                .iter()
                .map(|item| item.text("item").map(str::to_owned));
            return keys.collect();
        }
        let snapshot = self.snapshot(teen, &[Kind::Evidence]).await?;
        Ok(snapshot.found.records.into_keys().collect())
    }

    /// A logged change that the manifest names; `None` if a piece is gone.
    pub(super) async fn pieces(
        &self,
        teen: TeenId,
        named: (u64, &str),
        hashes: &[[u8; 32]],
    ) -> Result<Option<Records>, PortError> {
        let mut records = Records::new();
        for (number, hash) in hashes.iter().enumerate() {
            let key = redo::key(teen, named, number);
            let Some(item) = self.shared.dynamo.get("read a logged change", &key).await? else {
                return Ok(None);
            };
            records.extend(redo::read(&item, hash)?);
        }
        Ok(Some(records))
    }
}

impl Snapshot {
    /// The sort keys and records of one kind.
    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = (&str, &Record)> {
        let prefix = kind.prefix();
        let from: (Bound<&str>, Bound<&str>) = (Bound::Included(prefix), Bound::Unbounded);
        self.found
            .records
            .range::<str, _>(from)
            .map(|(key, record)| (key.as_str(), record))
            .take_while(move |(key, _)| key.starts_with(prefix))
    }

    fn all<T: DeserializeOwned>(&self, seals: &Seals, kind: Kind) -> Result<Vec<T>, PortError> {
        self.of(kind).map(|found| kind.open(seals, found)).collect()
    }

    /// Graph and digest.
    pub(super) fn graph(&self, seals: &Seals) -> Result<StoredMemory, PortError> {
        let (nodes, edges) = match &self.found.outside {
            Some(outside) => outside.open(seals)?,
            None => (self.all(seals, Kind::Node)?, self.all(seals, Kind::Edge)?),
        };
        Ok(StoredMemory {
            graph: Graph {
                nodes: nodes.into_iter().map(|node| (node.id, node)).collect(),
                edges: edges.into_iter().map(|edge| (edge.id, edge)).collect(),
                generation: self.manifest.generation,
            },
            evidence: Vec::new(),
            digest: self.digest(seals)?,
        })
    }

    /// The digest.
    fn digest(&self, seals: &Seals) -> Result<Option<StoredDigest>, PortError> {
        let sealed = self.manifest.digest.as_ref();
        sealed
            .map(|sealed| seals.open(manifest::DIGEST, sealed))
            .transpose()
    }

    /// Evidence as stored, by session and position.
    pub(super) fn evidence(&self, seals: &Seals) -> Result<Vec<EvidenceTurn>, PortError> {
        let mut turns: Vec<EvidenceTurn> = self.all(seals, Kind::Evidence)?;
        turns.sort_by_key(|turn| (turn.session, turn.sequence));
        Ok(turns)
    }

    /// Mention lists, in the order in which they are folded.
    pub(super) fn mention_lists(&self, seals: &Seals) -> Result<Vec<MentionList>, PortError> {
        let mut lists: Vec<MentionList> = self.all(seals, Kind::Mentions)?;
        lists.sort_by(|one, other| {
            let order = |list: &MentionList| (list.session_started_at, list.session);
            order(one)
                .cmp(&order(other))
                .then_with(|| one.extractor.cmp(&other.extractor))
        });
        Ok(lists)
    }

    /// Suppressions.
    pub(super) fn suppressions<T: DeserializeOwned>(
        &self,
        seals: &Seals,
    ) -> Result<Vec<T>, PortError> {
        self.all(seals, Kind::Suppression)
    }
}
