//! The calls.

mod batch;
mod describe;

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{query::QueryOutput, transact_write_items::TransactWriteItemsError},
    types::{ReturnValue, TransactWriteItem},
};
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::IdSource,
};

use super::{
    expression::{Change, Condition, Words},
    item::{Item, Value},
    query::{Query, Range},
    schema::{Key, TableNames},
    write::{self, Committed, Refusal, Write},
};
use crate::fault::failed;

/// How often a commit that met another one is tried, and the longest first pause.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// The tables of one deployment.
#[derive(Clone)]
pub(crate) struct Dynamo {
    client: Client,
    names: Arc<TableNames>,
    ids: Arc<dyn IdSource>,
}

impl std::fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dynamo")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl Dynamo {
    pub(crate) fn new(client: Client, names: TableNames, ids: Arc<dyn IdSource>) -> Self {
        Self {
            client,
            names: Arc::new(names),
            ids,
        }
    }

    /// One item, as it is stored now.
    pub(crate) async fn get(
        &self,
        operation: &'static str,
        key: &Key,
    ) -> Result<Option<Item>, PortError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.names.of(key.table))
            .set_key(Some(write::key_map(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failed(operation, &error))?;
        Ok(answer.item.map(Item::from_attributes))
    }

    /// Puts an item in the place of whatever lies there; `false` if the condition failed.
    pub(crate) async fn put(
        &self,
        operation: &'static str,
        (key, item): (&Key, Item),
        condition: Option<Condition>,
    ) -> Result<bool, PortError> {
        let mut words = Words::default();
        let condition = condition.map(|condition| condition.write(&mut words));
        let answer = self
            .client
            .put_item()
            .table_name(self.names.of(key.table))
            .set_item(Some(write::whole(key, item).into_attributes()))
            .set_condition_expression(condition)
            .set_expression_attribute_names(words.names())
            .set_expression_attribute_values(words.values())
            .send()
            .await;
        held(operation, answer).map(|done| done.is_some())
    }

    /// Changes an item, or makes it; `false` if the condition failed.
    pub(crate) async fn update(
        &self,
        operation: &'static str,
        (key, change): (&Key, Change),
        condition: Option<Condition>,
    ) -> Result<bool, PortError> {
        let changed = self.change(operation, (key, change), (condition, ReturnValue::None));
        changed.await.map(|before| before.is_some())
    }

    /// The same; gives the attributes that were changed as they were, or `None` if nothing was.
    pub(crate) async fn exchange(
        &self,
        operation: &'static str,
        (key, change): (&Key, Change),
        condition: Option<Condition>,
    ) -> Result<Option<Item>, PortError> {
        let told = (condition, ReturnValue::UpdatedOld);
        self.change(operation, (key, change), told).await
    }

    async fn change(
        &self,
        operation: &'static str,
        (key, change): (&Key, Change),
        (condition, told): (Option<Condition>, ReturnValue),
    ) -> Result<Option<Item>, PortError> {
        let mut words = Words::default();
        let change = change.write(&mut words);
        let condition = condition.map(|condition| condition.write(&mut words));
        let answer = self
            .client
            .update_item()
            .table_name(self.names.of(key.table))
            .set_key(Some(write::key_map(key)))
            .update_expression(change)
            .set_condition_expression(condition)
            .set_expression_attribute_names(words.names())
            .set_expression_attribute_values(words.values())
            .return_values(told)
            .send()
            .await;
        let changed = held(operation, answer)?;
        Ok(changed.map(|answer| Item::from_attributes(answer.attributes.unwrap_or_default())))
    }

    /// Deletes an item and gives what it was; `None` if it was not there or the condition failed.
    pub(crate) async fn take(
        &self,
        operation: &'static str,
        key: &Key,
        condition: Option<Condition>,
    ) -> Result<Option<Item>, PortError> {
        let mut words = Words::default();
        let condition = condition.map(|condition| condition.write(&mut words));
        let answer = self
            .client
            .delete_item()
            .table_name(self.names.of(key.table))
            .set_key(Some(write::key_map(key)))
            .set_condition_expression(condition)
            .set_expression_attribute_names(words.names())
            .set_expression_attribute_values(words.values())
            .return_values(ReturnValue::AllOld)
            .send()
            .await;
        let taken = held(operation, answer)?.and_then(|answer| answer.attributes);
        Ok(taken.map(Item::from_attributes))
    }

    /// Deletes an item, whatever it was.
    pub(crate) async fn delete(&self, operation: &'static str, key: &Key) -> Result<(), PortError> {
        self.client
            .delete_item()
            .table_name(self.names.of(key.table))
            .set_key(Some(write::key_map(key)))
            .send()
            .await
            .map(|_deleted| ())
            .map_err(|error| failed(operation, &error))
    }

    /// All writes or none. A commit that met another one is tried again a few times, since which of
    /// the two was first decides what its conditions find.
    pub(crate) async fn commit(
        &self,
        operation: &'static str,
        writes: &[Write],
    ) -> Result<Committed, PortError> {
        let items: Vec<TransactWriteItem> = writes
            .iter()
            .map(|write| write::in_transaction(write.clone(), &self.names))
            .collect::<Result<_, _>>()
            .map_err(|cause| PortError::with_source(ErrorKind::Invalid, operation, cause))?;
        for attempt in 0..TRIES {
            let answer = self
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .send()
                .await;
            let refusals = match answer {
                Ok(_stored) => return Ok(Committed::Yes),
                Err(error) => refusals(operation, &error)?,
            };
            if refusals.contains(&Refusal::Condition) {
                return Ok(Committed::No(refusals));
            }
            if refusals.contains(&Refusal::Invalid) {
                return Err(PortError::new(ErrorKind::Invalid, operation));
            }
            let passes = |refusal: &Refusal| matches!(refusal, Refusal::Met | Refusal::Throttled);
            if !refusals.iter().any(passes) {
                break;
            }
            tokio::time::sleep(self.pause(attempt)).await;
        }
        Err(PortError::new(ErrorKind::Throttled, operation))
    }

    /// Items of a partition, in order; as many requests as it takes.
    pub(crate) async fn query(
        &self,
        operation: &'static str,
        query: Query,
    ) -> Result<Vec<Item>, PortError> {
        let mut found = Vec::new();
        let mut from = None;
        loop {
            let left = query.limit.saturating_sub(found.len());
            if left == 0 {
                return Ok(found);
            }
            let page = self.page(operation, &query, (left, from)).await?;
            let items = page.items.unwrap_or_default();
            found.extend(items.into_iter().take(left).map(Item::from_attributes));
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(found);
            }
        }
    }

    async fn page(
        &self,
        operation: &'static str,
        query: &Query,
        (left, from): (usize, Option<Start>),
    ) -> Result<QueryOutput, PortError> {
        let schema = query.table.schema();
        let (partition, sort) = match query.index {
            None => (schema.partition, schema.sort.map(|(name, _kind)| name)),
            Some(index) => {
                let (name, partition) = index.of(query.table);
                let of_index = schema.indexes.iter().find(|index| index.name == name);
                (partition, of_index.map(|index| index.sort.0))
            }
        };
        let mut words = Words::default();
        let mut condition = format!(
            "{} = {}",
            words.name(partition),
            words.value(Value::from(query.partition.as_str()))
        );
        if let Some(range) = sort.and_then(|sort| range(&query.range, sort, &mut words)) {
            condition = format!("{condition} AND {range}");
        }
        let projection = query.keys_only.then(|| {
            let sort = schema.sort.map(|(name, _kind)| name);
            let keys = std::iter::once(schema.partition).chain(sort);
            keys.map(|name| words.name(name))
                .collect::<Vec<_>>()
                .join(", ")
        });
        self.client
            .query()
            .table_name(self.names.of(query.table))
            .set_index_name(query.index.map(|index| index.of(query.table).0.to_owned()))
            .consistent_read(query.index.is_none())
            .key_condition_expression(condition)
            .set_projection_expression(projection)
            .set_expression_attribute_names(words.names())
            .set_expression_attribute_values(words.values())
            .scan_index_forward(!query.descending)
            .set_limit(i32::try_from(left).ok())
            .set_exclusive_start_key(from)
            .send()
            .await
            .map_err(|error| failed(operation, &error))
    }

    /// Full jitter: two that met do not meet again.
    fn pause(&self, attempt: u32) -> Duration {
        let mut random = [0; 8];
        self.ids.fill(&mut random);
        let longest = u64::try_from(PAUSE.as_micros()).unwrap_or(20_000) << attempt.min(8);
        Duration::from_micros(u64::from_be_bytes(random) % longest.max(1))
    }
}

type Start = std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>;

fn range(range: &Range, sort: &str, words: &mut Words) -> Option<String> {
    Some(match range {
        Range::All => return None,
        Range::Prefix(prefix) => format!(
            "begins_with({}, {})",
            words.name(sort),
            words.value(Value::from(prefix.as_str()))
        ),
        Range::Between(first, last) => format!(
            "{} BETWEEN {} AND {}",
            words.name(sort),
            words.value(first.clone()),
            words.value(last.clone())
        ),
        Range::UpTo(last) => format!("{} <= {}", words.name(sort), words.value(last.clone())),
    })
}

/// An answer, or `None` if the condition failed.
fn held<T, E, R>(
    operation: &'static str,
    answer: Result<T, SdkError<E, R>>,
) -> Result<Option<T>, PortError>
where
    E: aws_sdk_dynamodb::error::ProvideErrorMetadata,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => {
            let error = failed(operation, &error);
            if error.kind() == ErrorKind::Conflict {
                Ok(None)
            } else {
                Err(error)
            }
        }
    }
}

fn refusals<R>(
    operation: &'static str,
    error: &SdkError<TransactWriteItemsError, R>,
) -> Result<Vec<Refusal>, PortError> {
    if let SdkError::ServiceError(service) = error
        && let TransactWriteItemsError::TransactionCanceledException(canceled) = service.err()
    {
        let reasons = canceled.cancellation_reasons();
        return Ok(reasons
            .iter()
            .map(|reason| Refusal::of(reason.code.as_deref()))
            .collect());
    }
    let error = failed(operation, error);
    if error.kind() == ErrorKind::Throttled {
        return Ok(vec![Refusal::Met]);
    }
    Err(error)
}
