//! Changing a memory: one commit that makes a write true, and laying it down on the items.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    memory::store::AppliedKey,
};

use super::{
    DynamoGraphStore, Keeping,
    due::Due,
    manifest::{self, Manifest, Pending},
    record::{Record, Records},
    redo,
};
use crate::dynamo::{Committed, Item, Key, Query, Table, Write};

/// Records of one commit at most, so that with all that comes along there are at most 100.
const RECORDS: usize = 90;
/// Bytes of one commit at most; the service takes 4 MB.
const BYTES: usize = 3_500_000;
/// How often a change of the manifest that met another one is tried.
pub(super) const TRIES: usize = 8;
/// When retention looks for what a crash may have left of a write that takes longer than one commit.
const SOON: Duration = Duration::from_secs(600);
/// How long a session's marker stays.
const MARKER: Duration = Duration::from_secs(400 * 24 * 3_600);
/// How the sort keys of markers begin.
pub(super) const APPLIED: &str = "applied#";
/// Positions in every commit: what the manifest says, and that the teen is not fenced.
const MANIFEST: usize = 0;
const FENCE: usize = 1;

/// What a write makes of a memory.
#[derive(Debug)]
pub(super) struct Change {
    /// The generation it brings.
    pub(super) generation: u64,
    /// What it puts and deletes.
    pub(super) records: Records,
    /// The sealed digest that it leaves.
    pub(super) digest: Option<Vec<u8>>,
    /// The session it stands for.
    pub(super) applied: Option<AppliedKey>,
    /// When retention looks next.
    pub(super) due: Due,
}

impl DynamoGraphStore {
    /// Makes a change true, if `before`, with nothing pending, is still the stored manifest: `false`
    /// if it is not.
    pub(super) async fn store(
        &self,
        teen: TeenId,
        before: &Manifest,
        change: Change,
    ) -> Result<bool, PortError> {
        let batches = batches(teen, &change.records);
        if let [] | [_] = batches.as_slice() {
            let after = Manifest {
                generation: change.generation,
                digest: change.digest,
                due: change.due,
                ..before.next()
            };
            let mut also = batches.into_iter().flatten().collect::<Vec<_>>();
            also.extend(self.marker(teen, change.applied.as_ref()));
            let stored = self.turn(teen, (before, &after), also).await?;
            if stored {
                self.tell_writer(teen, after.generation, &change.records)
                    .await;
            }
            return Ok(stored);
        }
        drop(batches);
        self.store_by_log(teen, before, change).await
    }

    /// The same for a change that is too large for one commit.
    async fn store_by_log(
        &self,
        teen: TeenId,
        before: &Manifest,
        change: Change,
    ) -> Result<bool, PortError> {
        let soon = Due {
            text: Some(self.soon()),
            graph: None,
        };
        let mut before = before.clone();
        let announced = Manifest {
            due: before.due.meet(soon),
            ..before.next()
        };
        if announced.due != before.due {
            if !self.turn(teen, (&before, &announced), Vec::new()).await? {
                return Ok(false);
            }
            before = announced;
        }
        let mut random = [0; 16];
        self.shared.ids.fill(&mut random);
        let attempt = manifest::attempt(random);
        let mut after = Manifest {
            generation: change.generation,
            digest: change.digest,
            due: change.due.meet(soon),
            ..before.next()
        };
        let mut hashes = Vec::new();
        for (number, piece) in redo::cut(change.records)?.into_iter().enumerate() {
            hashes.push(piece.hash);
            let key = redo::key(teen, (after.revision, &attempt), number);
            let piece = (&key, piece.into_item());
            self.shared.dynamo.put("log a change", piece, None).await?;
        }
        after.pending = Some(Pending::Logged {
            attempt: attempt.clone(),
            hashes: hashes.clone(),
        });
        let marker = self.marker(teen, change.applied.as_ref());
        let committed = self.turn(teen, (&before, &after), marker).await;
        match committed {
            Ok(true) => {
                // The write is true. What is left is finished by whoever writes next, or by
                // retention; readers do not wait for it.
                if let Err(error) = self.finish(teen, &after).await {
                    tracing::warn!(error.kind = ?error.kind(), "a change is laid down later");
                }
                Ok(true)
            }
            Ok(false) => {
                for number in 0..hashes.len() {
                    let key = redo::key(teen, (after.revision, &attempt), number);
                    self.shared
                        .dynamo
                        .delete("drop a logged change", &key)
                        .await?;
                }
                Ok(false)
            }
            // Whether it was committed is not known: the pieces stay, or a true change would lack
            // them. Retention drops those that nothing names.
            Err(error) => Err(error),
        }
    }

    /// When retention looks after what is under way now.
    pub(super) fn soon(&self) -> Timestamp {
        self.shared.clock.now().plus(SOON)
    }

    /// One commit that moves the manifest; `false` if it is not `before` any more.
    pub(super) async fn turn(
        &self,
        teen: TeenId,
        (before, after): (&Manifest, &Manifest),
        also: Vec<Write>,
    ) -> Result<bool, PortError> {
        let mut writes = vec![
            after.put(teen, before),
            crate::keys::TeenKeys::unfenced(teen),
        ];
        writes.extend(after.due.writes(teen, before.due));
        writes.extend(also);
        self.held("change a memory", &writes).await
    }

    /// A commit whose first write stands for the manifest and whose second for the fence.
    async fn held(&self, operation: &'static str, writes: &[Write]) -> Result<bool, PortError> {
        let committed = self.shared.dynamo.commit(operation, writes).await?;
        if committed.refused(FENCE) {
            return Err(PortError::new(ErrorKind::Denied, operation));
        }
        match committed {
            Committed::Yes => Ok(true),
            Committed::No(_) if committed.refused(MANIFEST) => Ok(false),
            Committed::No(_) => Err(PortError::new(ErrorKind::Conflict, operation)),
        }
    }

    /// The manifest once nothing is pending: finishes what is.
    pub(super) async fn settled(&self, teen: TeenId) -> Result<Manifest, PortError> {
        for _ in 0..TRIES {
            let manifest = self.manifest(teen).await?;
            if manifest.pending.is_none() {
                return Ok(manifest);
            }
            self.finish(teen, &manifest).await?;
        }
        Err(PortError::new(ErrorKind::Throttled, "finish a change"))
    }

    /// Lays down what is pending and says so in the manifest. Does nothing more once another
    /// process has.
    pub(super) async fn finish(&self, teen: TeenId, manifest: &Manifest) -> Result<(), PortError> {
        let mut after = manifest.next();
        let records = match &manifest.pending {
            None => return Ok(()),
            Some(Pending::Erase) => {
                // A graph elsewhere is erased once its writer has heard of it: retention sees to that.
                after.due = match self.keeping {
                    Keeping::Items => Due::default(),
                    Keeping::Database(_) => Due {
                        text: Some(self.soon()),
                        graph: None,
                    },
                };
                self.everything(teen, manifest.generation).await?
            }
            Some(Pending::Logged { attempt, hashes }) => {
                let named = (manifest.revision, attempt.as_str());
                match self.pieces(teen, named, hashes).await? {
                    Some(records) => records,
                    None if self.manifest(teen).await?.revision != manifest.revision => {
                        return Ok(());
                    }
                    None => return Err(PortError::new(ErrorKind::Corrupt, "finish a change")),
                }
            }
        };
        for batch in batches(teen, &records) {
            let mut writes = vec![manifest.check(teen), crate::keys::TeenKeys::unfenced(teen)];
            writes.extend(batch);
            if !self.held("lay down a change", &writes).await? {
                return Ok(());
            }
        }
        if self.turn(teen, (manifest, &after), Vec::new()).await? {
            // First: nobody else does once the change is laid down.
            self.tell_writer(teen, after.generation, &records).await;
            self.drop_pieces(teen, after.revision).await?;
        }
        Ok(())
    }

    /// Deletes the pieces that no manifest of this revision or a later one can name.
    pub(super) async fn drop_pieces(&self, teen: TeenId, revision: u64) -> Result<(), PortError> {
        const OPERATION: &str = "drop a logged change";
        let query = Query::of(Table::Memory, teen.to_string())
            .prefix(redo::PREFIX)
            .keys_only();
        for item in self.shared.dynamo.query(OPERATION, query).await? {
            let key = item.text("item")?;
            if redo::revision_of(key).is_none_or(|of| of <= revision) {
                let key = Key::teen(Table::Memory, teen, key);
                self.shared.dynamo.delete(OPERATION, &key).await?;
            }
        }
        Ok(())
    }

    /// Every item that an erase of the memory takes, but for the manifest and pieces; and what it
    /// leaves for a graph database.
    async fn everything(&self, teen: TeenId, generation: u64) -> Result<Records, PortError> {
        let mut all = Records::new();
        for prefix in super::read::PREFIXES.into_iter().chain([APPLIED]) {
            let query = Query::of(Table::Memory, teen.to_string())
                .prefix(prefix)
                .keys_only();
            for item in self.shared.dynamo.query("find a memory", query).await? {
                all.insert(item.text("item")?.to_owned(), None);
            }
        }
        self.erase_graph(&mut all, (teen, generation)).await?;
        Ok(all)
    }

    fn marker(&self, teen: TeenId, applied: Option<&AppliedKey>) -> Vec<Write> {
        let end = self.shared.clock.now().plus(MARKER);
        let put = |key: &AppliedKey| {
            let item = Item::new().with("version", key.version.as_str()).until(end);
            Write::Put(marker_key(teen, key), item, None)
        };
        applied.map(put).into_iter().collect()
    }

    /// Whether a session's marker names this version.
    pub(super) async fn has_marker(
        &self,
        teen: TeenId,
        key: &AppliedKey,
    ) -> Result<bool, PortError> {
        let place = marker_key(teen, key);
        let found = self
            .shared
            .dynamo
            .get("look for a session's marker", &place)
            .await?;
        let found = found.filter(|item| item.lives(self.shared.clock.now()));
        match found {
            Some(item) => Ok(item.text("version")? == key.version),
            None => Ok(false),
        }
    }
}

fn marker_key(teen: TeenId, key: &AppliedKey) -> Key {
    let item = format!("{APPLIED}{}#{}", key.session, key.extractor);
    Key::teen(Table::Memory, teen, item)
}

/// The writes of records, in parts that each fit into one commit.
fn batches(teen: TeenId, records: &Records) -> Vec<Vec<Write>> {
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    let mut size = 0;
    for (key, record) in records {
        let one = 2 * key.len() + record.as_ref().map_or(0, Record::size);
        if batch.len() >= RECORDS || size + one > BYTES {
            batches.push(std::mem::take(&mut batch));
            size = 0;
        }
        size += one;
        let key = Key::teen(Table::Memory, teen, key.as_str());
        batch.push(match record {
            Some(record) => Write::Put(key, record.clone().item(), None),
            None => Write::Delete(key, None),
        });
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    batches
}
