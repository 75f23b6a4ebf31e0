//! Consent records: the items `consent#<number>` of a teen, append-only.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::consent::{ConsentRecord, ConsentStore},
    ids::TeenId,
    seal::Seals,
};

use crate::{
    dynamo::{Committed, Condition, Item, Key, Query, Table, Write},
    shared::{SEALED, Shared},
};

/// Where a sealed record lies.
const PLACE: &str = "memory/consent";
/// What the items' names begin with.
const PREFIX: &str = "consent#";
/// Records of one append: a commit takes a hundred writes.
const MOST: usize = 90;
/// How often an append looks for the next number. Of appends at the same time each round takes one.
const TRIES: usize = 32;

/// [`ConsentStore`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoConsentStore {
    shared: Arc<Shared>,
}

impl DynamoConsentStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The number after the last one.
    async fn next(&self, teen: TeenId) -> Result<u32, PortError> {
        const OPERATION: &str = "number a consent";
        let query = Query::of(Table::Teens, teen.to_string())
            .prefix(PREFIX)
            .descending()
            .limit(1);
        let last = self.shared.dynamo.query(OPERATION, query).await?;
        let Some(last) = last.first() else {
            return Ok(1);
        };
        let number = last.text("item")?.strip_prefix(PREFIX);
        number
            .and_then(|number| number.parse::<u32>().ok())
            .and_then(|number| number.checked_add(1))
            .ok_or_else(|| PortError::new(ErrorKind::Corrupt, OPERATION))
    }

    /// One record under its number, which must be free.
    fn write(
        &self,
        seals: &Seals,
        (number, record): (u32, &ConsentRecord),
    ) -> Result<Write, PortError> {
        let name = format!("{PREFIX}{number:08}");
        let sealed = seals.seal(&*self.shared.ids, (PLACE, name.as_bytes()), record)?;
        Ok(Write::Put(
            Key::teen(Table::Teens, seals.teen(), name),
            Item::new().with(SEALED, sealed),
            Some(Condition::Absent("user_id")),
        ))
    }
}

#[async_trait]
impl ConsentStore for DynamoConsentStore {
    async fn append(&self, teen: TeenId, records: &[ConsentRecord]) -> Result<(), PortError> {
        const OPERATION: &str = "store consents";
        let seals = self.shared.teen_keys.for_writing(teen).await?;
        if records.is_empty() {
            return Ok(());
        }
        if records.len() > MOST {
            return Err(PortError::new(ErrorKind::Invalid, OPERATION));
        }
        for _ in 0..TRIES {
            let next = self.next(teen).await?;
            let writes = (next..)
                .zip(records)
                .map(|numbered| self.write(&seals, numbered))
                .collect::<Result<Vec<_>, _>>()?;
            let committed = self.shared.commit_for(teen, OPERATION, writes).await?;
            if committed == Committed::Yes {
                return Ok(());
            }
        }
        Err(PortError::new(ErrorKind::Throttled, OPERATION))
    }

    async fn list(&self, teen: TeenId) -> Result<Vec<ConsentRecord>, PortError> {
        let Some(seals) = self.shared.teen_keys.for_reading(teen).await? else {
            return Ok(Vec::new());
        };
        let query = Query::of(Table::Teens, teen.to_string()).prefix(PREFIX);
        let found = self.shared.dynamo.query("read the consents", query).await?;
        found
            .iter()
            .map(|item| seals.open((PLACE, item.text("item")?.as_bytes()), item.bytes(SEALED)?))
            .collect()
    }
}
