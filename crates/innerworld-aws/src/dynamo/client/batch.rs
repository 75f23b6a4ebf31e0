//! Deleting many items, and writing what may be one item only.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use innerworld_core::error::{ErrorKind, PortError};

use super::{Dynamo, TRIES};
use crate::{
    dynamo::{
        schema::Key,
        write::{self, Committed, Refusal, Write},
    },
    fault::failed,
};

/// Items that one request may delete.
const BATCH: usize = 25;

impl Dynamo {
    /// All writes or none; a change of one item alone costs half of what it costs in a transaction.
    pub(crate) async fn store(
        &self,
        operation: &'static str,
        writes: &[Write],
    ) -> Result<Committed, PortError> {
        if let [Write::Update(key, change, condition)] = writes {
            let change = (key, change.clone());
            let held = self.update(operation, change, condition.clone()).await?;
            return Ok(if held {
                Committed::Yes
            } else {
                Committed::No(vec![Refusal::Condition])
            });
        }
        self.commit(operation, writes).await
    }

    /// Deletes items, each named once; those that are not there are no failure. Not at once: a call
    /// that fails may have deleted some, and is to be made again.
    pub(crate) async fn delete_all(
        &self,
        operation: &'static str,
        keys: &[Key],
    ) -> Result<(), PortError> {
        for keys in keys.chunks(BATCH) {
            self.delete_batch(operation, keys).await?;
        }
        Ok(())
    }

    async fn delete_batch(&self, operation: &'static str, keys: &[Key]) -> Result<(), PortError> {
        let mut left: HashMap<String, Vec<WriteRequest>> = HashMap::new();
        for key in keys {
            let delete = DeleteRequest::builder()
                .set_key(Some(write::key_map(key)))
                .build()
                .map_err(|cause| PortError::with_source(ErrorKind::Invalid, operation, cause))?;
            let request = WriteRequest::builder().delete_request(delete).build();
            let table = self.names.of(key.table).to_owned();
            left.entry(table).or_default().push(request);
        }
        for attempt in 0..TRIES {
            let answer = self
                .client
                .batch_write_item()
                .set_request_items(Some(left))
                .send()
                .await
                .map_err(|error| failed(operation, &error))?;
            left = answer.unprocessed_items.unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(self.pause(attempt)).await;
        }
        Err(PortError::new(ErrorKind::Throttled, operation))
    }
}
