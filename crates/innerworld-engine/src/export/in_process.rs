//! Exports of a process that has all stores at hand: a document is made when it is fetched. Nothing
//! is written anywhere, so nothing of it can be left behind. An id is forgotten after a day, and by
//! a restart.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::{ExportId, IdSource, TeenId},
};

use super::{Ask, ExportPorts, Exports, Fetched, LIFE, document};

/// Most ids at a time; the oldest goes first.
const MAX_IDS: usize = 10_000;

/// Ids that were given out, and what the documents are made of.
#[derive(Debug)]
pub struct InProcess {
    ports: ExportPorts,
    ids: RandomIds,
    known: Mutex<HashMap<ExportId, (TeenId, Timestamp)>>,
}

/// Where ids come from.
struct RandomIds(Arc<dyn IdSource>);

impl std::fmt::Debug for RandomIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RandomIds")
    }
}

impl InProcess {
    /// Over these stores.
    pub fn new(ports: ExportPorts, ids: Arc<dyn IdSource>) -> Self {
        Self {
            ports,
            ids: RandomIds(ids),
            known: Mutex::default(),
        }
    }

    fn add(&self, export: ExportId, teen: TeenId, now: Timestamp) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (_, at)| now.since(*at) < LIFE);
        if known.len() >= MAX_IDS
            && let Some(oldest) = known
                .iter()
                .min_by_key(|(_, (_, at))| *at)
                .map(|(id, _)| *id)
        {
            known.remove(&oldest);
        }
        known.insert(export, (teen, now));
    }

    fn belongs(&self, export: ExportId, teen: TeenId, now: Timestamp) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&export)
            .is_some_and(|(owner, at)| *owner == teen && now.since(*at) < LIFE)
    }
}

#[async_trait]
impl Exports for InProcess {
    async fn begin(&self, teen: TeenId, now: Timestamp) -> Result<ExportId, PortError> {
        let export = ExportId::from_bits(self.ids.0.ulid(now));
        self.add(export, teen, now);
        Ok(export)
    }

    async fn fetch(&self, export: ExportId, ask: &Ask) -> Result<Fetched, PortError> {
        if !self.belongs(export, ask.teen, ask.now) {
            return Ok(Fetched::NotThere);
        }
        if !ask.is_fresh() {
            return Ok(Fetched::TokenTooOld);
        }
        let made = Box::pin(document(&self.ports, ask.teen, ask.now)).await?;
        Ok(Fetched::Document(made))
    }
}
