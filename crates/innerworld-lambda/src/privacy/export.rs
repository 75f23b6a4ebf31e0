//! Making exports: the document of one machine's server, put where its teen fetches it.

use std::{sync::Arc, time::Duration};

use innerworld_aws::{Aws, ExportBucket, ExportDesk, ExportForm};
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::{ExportId, TeenId},
    memory::Memory,
    secret::Text,
};
use innerworld_engine::export::{ExportPorts, document};

use crate::{exports::ANSWERED_BYTES, remembering::Remembering, start, without_texts};

/// How often one is tried before its teen is told that there is none.
const TRIES: u32 = 3;
/// Pause before the second try.
const PAUSE: Duration = Duration::from_secs(1);

/// Makes exports.
pub(super) struct MakesExports {
    desk: ExportDesk,
    bucket: ExportBucket,
    ports: ExportPorts,
}

impl std::fmt::Debug for MakesExports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MakesExports")
    }
}

impl MakesExports {
    pub(super) fn new(aws: &Aws, bucket: ExportBucket, remembering: &Remembering) -> Self {
        Self {
            desk: aws.export_desk(),
            bucket,
            ports: ports(aws, without_texts::memory(aws, remembering)),
        }
    }

    /// Makes the export, if its teen still waits for it. One that cannot be made is dropped, so that
    /// its teen can ask again, and that an erasure behind it is not held up.
    pub(super) async fn run(&self, teen: TeenId, export: ExportId) -> Result<(), PortError> {
        let mut pause = PAUSE;
        for _try in 1..TRIES {
            match Box::pin(self.make(teen, export)).await {
                Err(error) if error.is_retryable() => tokio::time::sleep(pause).await,
                ended => return self.end((teen, export), ended).await,
            }
            pause *= 4;
        }
        let ended = Box::pin(self.make(teen, export)).await;
        self.end((teen, export), ended).await
    }

    async fn end(
        &self,
        (teen, export): (TeenId, ExportId),
        ended: Result<(), PortError>,
    ) -> Result<(), PortError> {
        let Err(error) = ended else { return Ok(()) };
        if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) {
            tracing::info!("an export of a teen who is being erased was dropped");
            // The fence may have come after the object.
            return self.bucket.delete(teen).await;
        }
        tracing::error!(
            operation = error.operation(),
            error.kind = ?error.kind(),
            "an export could not be made; its teen has to ask again"
        );
        self.desk.drop(teen, export).await
    }

    async fn make(&self, teen: TeenId, export: ExportId) -> Result<(), PortError> {
        let now = start::clock().now();
        let row = self.desk.find(teen, now).await?;
        let waits = row.is_some_and(|row| row.export == export && row.form.is_none());
        if !waits {
            return Ok(());
        }
        let document = Box::pin(document(&self.ports, teen, now)).await?;
        let document = Text::new(document.to_string());
        let form = if document.reveal().len() <= ANSWERED_BYTES {
            let sealed = self.desk.seal(teen, export, &document).await?;
            self.bucket.put_sealed(teen, sealed).await?;
            ExportForm::Sealed
        } else {
            let bytes = document.into_inner().into_bytes();
            self.bucket.put_to_fetch(teen, bytes).await?;
            ExportForm::Fetched
        };
        // If the teen waits for another one by now, its own message makes it and replaces this one.
        self.desk.made(teen, export, form).await.map(drop)
    }
}

fn ports(aws: &Aws, memory: Memory) -> ExportPorts {
    ExportPorts {
        accounts: aws.accounts(),
        profiles: aws.profiles(),
        consents: aws.consents(),
        conversations: aws.conversations(),
        journal: aws.journal(),
        memory: Arc::new(memory),
        safety: aws.safety(),
        usage: aws.usage(),
        clocks: aws.clocks(),
    }
}
