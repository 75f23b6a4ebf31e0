//! Safety changes that the tables could not take, delivered by the queue `safety-spool`.

use std::sync::Arc;

use innerworld_core::{error::PortError, safety::keep::Keeper};
use serde_json::Value;

use super::{Sweep, log};
use crate::{
    queue::{Delivery, Message},
    start,
};

impl Sweep {
    /// Puts changes into the tables, in order. The first one that cannot be stored yet comes again, and
    /// all behind it.
    pub(super) async fn spooled(&self, delivery: &Delivery) -> Value {
        delivery.in_order(|message| self.is_stored(message)).await
    }

    async fn is_stored(&self, message: &Message) -> bool {
        self.store(message).await.unwrap_or_else(|error| {
            log("a spooled safety change still waits", &error);
            false
        })
    }

    /// `false` if the change is to come again.
    async fn store(&self, message: &Message) -> Result<bool, PortError> {
        let Some(spool) = self.aws.delivered_spool(&message.body).await? else {
            // After some tries it lies in the dead-letter queue, where an operator finds it.
            tracing::error!("a spooled safety change is damaged and stays unread");
            return Ok(false);
        };
        let keeper = Keeper::new(self.aws.safety(), Arc::new(spool));
        let replayed = keeper.replay(start::clock().now()).await?;
        if replayed.stale > 0 {
            tracing::error!("a spooled safety change is too old to be counted; look at it");
        }
        Ok(replayed.stale == 0 && replayed.waiting == 0)
    }
}
