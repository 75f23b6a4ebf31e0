//! One server at a time: an item that says whose the tables are, as a lock does for a data folder. Servers
//! that know of each other hold it together.
//!
//! A server keeps sessions in its memory. A second one on the same tables would take up the talks of
//! the first as if it had crashed. The functions on AWS keep nothing and do not ask.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
};

use crate::{
    dynamo::{Change, Condition, Key, Table},
    open::Aws,
    shared::Shared,
};

/// Partition and sort key of the item.
const PLACE: (&str, &str) = ("_server", "hold");
/// How long a hold lasts that is not renewed.
const LIFE: Duration = Duration::from_secs(15);
/// How often it is renewed.
const EVERY: Duration = Duration::from_secs(5);
/// How often a server that waits for the tables looks.
const LOOK: Duration = Duration::from_secs(1);

/// Who holds the tables where several servers do.
const TOGETHER: &str = "several servers";

/// What a server holds the tables by.
#[derive(Debug)]
pub struct Hold {
    shared: Arc<Shared>,
    owner: String,
}

impl Aws {
    /// Takes the tables into use; waits up to `patience` for the hold of a server that died, which
    /// ends within 15 seconds.
    ///
    /// # Errors
    /// `Conflict` if another server goes on holding them.
    pub async fn hold(&self, patience: Duration) -> Result<Hold, PortError> {
        self.hold_as(self.shared.fresh_id(), patience).await
    }

    /// The same for one of several servers, which hold them together.
    pub(crate) async fn hold_together(&self, patience: Duration) -> Result<Hold, PortError> {
        self.hold_as(TOGETHER.to_owned(), patience).await
    }

    async fn hold_as(&self, owner: String, patience: Duration) -> Result<Hold, PortError> {
        let hold = Hold {
            shared: Arc::clone(&self.shared),
            owner,
        };
        let deadline = tokio::time::Instant::now() + patience;
        while !hold.renew().await? {
            if tokio::time::Instant::now() >= deadline {
                return Err(taken());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(hold)
    }
}

fn taken() -> PortError {
    let sentence = "another server uses them: stop it, give this one tables of its own, or let all of \
                    them share these by `storage.aws.address`";
    PortError::with_source(ErrorKind::Conflict, "hold the tables", sentence)
}

impl Hold {
    /// Renews it until it is lost; says so by returning. What this process remembers of sessions may
    /// be wrong from then on.
    pub async fn keep(&self) {
        let mut held_until = self.shared.clock.now().plus(LIFE);
        loop {
            tokio::time::sleep(EVERY).await;
            let asked = self.shared.clock.now();
            match self.renew().await {
                Ok(true) => held_until = asked.plus(LIFE),
                Ok(false) => return,
                Err(_passing) if self.shared.clock.now() < held_until => {}
                Err(_lasting) => return,
            }
        }
    }

    /// Lets go, so that the next server need not wait. What others hold too stays held.
    pub async fn release(&self) -> Result<(), PortError> {
        if self.owner == TOGETHER {
            return Ok(());
        }
        let mine = Condition::Is("owner", self.owner.as_str().into());
        let dynamo = &self.shared.dynamo;
        dynamo
            .take("release the tables", &place(), Some(mine))
            .await
            .map(|_mine| ())
    }

    /// `false` if somebody else holds them.
    async fn renew(&self) -> Result<bool, PortError> {
        let now = self.shared.clock.now();
        let free = Condition::Any(vec![
            Condition::Absent("user_id"),
            Condition::Is("owner", self.owner.as_str().into()),
            Condition::AtMost("held_until", millis(now).into()),
        ]);
        let change = Change::new()
            .set("owner", self.owner.as_str())
            .set("held_until", millis(now.plus(LIFE)));
        let place = place();
        self.shared
            .dynamo
            .update("hold the tables", (&place, change), Some(free))
            .await
    }
}

fn place() -> Key {
    Key::of(Table::Teens, PLACE.0, PLACE.1)
}

const fn millis(instant: Timestamp) -> i64 {
    instant.as_millis()
}
