//! Exports that another process makes: the document lies in the bucket, sealed under the teen's key, and
//! is opened for the answer to the teen. One that is too large for an answer lies there under the
//! bucket's own encryption and is fetched by an address that ends after five minutes.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_aws::{
    ExportBucket, ExportDesk, ExportForm, ExportRow, PrivacyJob, PrivacyQueue, PrivacyTask,
};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{ExportId, IdSource as _, TeenId},
};
use innerworld_engine::export::{Ask, Exports, Fetched, LIFE};

use crate::system::RandomIds;

/// Longest document that is put into an answer: Lambda takes answers of six megabytes, quotes and
/// wrapper included.
pub const ANSWERED_BYTES: usize = 4 * 1024 * 1024;
/// Whoever asks again within this time waits for the one that is being made.
const MAKING: Duration = Duration::from_secs(15 * 60);
/// How long an address is good.
const ADDRESS: Duration = Duration::from_secs(5 * 60);

/// [`Exports`] of a deployment, for a process that answers teens.
#[derive(Debug)]
pub struct StoredExports {
    desk: ExportDesk,
    bucket: ExportBucket,
    queue: PrivacyQueue,
}

impl StoredExports {
    /// Over these; the queue wakes whoever makes the document.
    pub fn new(desk: ExportDesk, bucket: ExportBucket, queue: PrivacyQueue) -> Arc<Self> {
        Arc::new(Self {
            desk,
            bucket,
            queue,
        })
    }

    async fn being_made(
        &self,
        teen: TeenId,
        now: Timestamp,
    ) -> Result<Option<ExportId>, PortError> {
        let row = self.desk.find(teen, now).await?;
        let waits = |row: &ExportRow| row.form.is_none() && now.since(row.begun_at) < MAKING;
        Ok(row.filter(waits).map(|row| row.export))
    }

    async fn opened(&self, export: ExportId, teen: TeenId) -> Result<Fetched, PortError> {
        const OPERATION: &str = "read an export";
        let Some(sealed) = self.bucket.read(teen).await? else {
            return Ok(Fetched::NotThere);
        };
        let text = self.desk.open(teen, export, &sealed).await?;
        let document = serde_json::from_str(text.reveal())
            .map_err(|_quotes| PortError::new(ErrorKind::Corrupt, OPERATION))?;
        Ok(Fetched::Document(document))
    }
}

#[async_trait]
impl Exports for StoredExports {
    async fn begin(&self, teen: TeenId, now: Timestamp) -> Result<ExportId, PortError> {
        let export = if let Some(export) = self.being_made(teen, now).await? {
            export
        } else {
            let export = ExportId::from_bits(RandomIds.ulid(now));
            let life = (now, now.plus(LIFE));
            self.desk.begin(teen, export, life).await?;
            export
        };
        let job = PrivacyJob::first(PrivacyTask::Export { teen, export });
        self.queue.send(&job, now).await?;
        Ok(export)
    }

    async fn fetch(&self, export: ExportId, ask: &Ask) -> Result<Fetched, PortError> {
        let row = self.desk.find(ask.teen, ask.now).await?;
        let Some(row) = row.filter(|row| row.export == export) else {
            return Ok(Fetched::NotThere);
        };
        match row.form {
            None => Ok(Fetched::Running),
            Some(_) if !ask.is_fresh() => Ok(Fetched::TokenTooOld),
            Some(ExportForm::Sealed) => self.opened(export, ask.teen).await,
            Some(ExportForm::Fetched) => {
                let address = self.bucket.address(ask.teen, ADDRESS).await?;
                Ok(Fetched::Address(address))
            }
        }
    }
}
