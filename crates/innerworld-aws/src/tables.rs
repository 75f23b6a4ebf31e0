//! Making the tables, and comparing those that are there with what the adapters expect.

pub(crate) mod safeguards;

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    client::Waiters as _,
    error::BuildError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, TableDescription, TableStatus,
        TimeToLiveSpecification, TimeToLiveStatus,
    },
};
use innerworld_core::error::{ErrorKind, PortError};

use crate::{
    dynamo::{EXPIRES, IndexSchema, KeyKind, TABLES, TableNames, TableSchema},
    fault::failed,
    open::Clients,
};

/// How long a table may take until it can be used.
const PATIENCE: Duration = Duration::from_secs(120);

/// The tables of a deployment, for whoever makes or checks them.
#[derive(Clone, Debug)]
pub struct Tables {
    client: Client,
    names: TableNames,
}

/// A table that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub table: String,
    /// What is wrong, as a sentence that says what to do.
    pub what: String,
}

impl Tables {
    /// The tables of these names.
    pub fn new(clients: &Clients, names: TableNames) -> Self {
        Self {
            client: clients.dynamo.clone(),
            names,
        }
    }

    /// Makes the tables that are not there, on demand capacity, protected against deletion, with
    /// expiry switched on. Gives the names of those it made.
    pub async fn create(&self) -> Result<Vec<String>, PortError> {
        let mut made = Vec::new();
        for schema in TABLES {
            if self.describe(schema).await?.is_none() {
                self.make(schema).await?;
                made.push(self.names.of(schema.table).to_owned());
            }
        }
        Ok(made)
    }

    /// What differs from what the adapters expect; empty if all is well.
    pub async fn differences(&self) -> Result<Vec<Difference>, PortError> {
        let mut found = Vec::new();
        for schema in TABLES {
            let table = self.names.of(schema.table).to_owned();
            let differs = match self.describe(schema).await? {
                None => vec!["is not there: make it".to_owned()],
                Some(description) => {
                    let mut differs = compare(schema, &description);
                    if schema.expires && !self.expires(&table).await? {
                        differs.push(format!("does not expire: switch it on for `{EXPIRES}`"));
                    }
                    differs
                }
            };
            let of_table = |what| Difference {
                table: table.clone(),
                what,
            };
            found.extend(differs.into_iter().map(of_table));
        }
        Ok(found)
    }

    async fn describe(&self, schema: &TableSchema) -> Result<Option<TableDescription>, PortError> {
        let asked = self
            .client
            .describe_table()
            .table_name(self.names.of(schema.table))
            .send()
            .await;
        match asked {
            Ok(answer) => Ok(answer.table),
            Err(error) => match error.as_service_error() {
                Some(service) if service.is_resource_not_found_exception() => Ok(None),
                _ => Err(failed("describe a table", &error)),
            },
        }
    }

    async fn expires(&self, table: &str) -> Result<bool, PortError> {
        let asked = self
            .client
            .describe_time_to_live()
            .table_name(table)
            .send()
            .await
            .map_err(|error| failed("describe the expiry of a table", &error))?;
        let found = asked.time_to_live_description;
        Ok(found.is_some_and(|found| {
            let on = [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling];
            let is_on = found
                .time_to_live_status
                .is_some_and(|now| on.contains(&now));
            is_on && found.attribute_name.as_deref() == Some(EXPIRES)
        }))
    }

    async fn make(&self, schema: &TableSchema) -> Result<(), PortError> {
        const OPERATION: &str = "make a table";
        let name = self.names.of(schema.table);
        let wrong = |cause| PortError::with_source(ErrorKind::Invalid, OPERATION, cause);
        self.client
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .deletion_protection_enabled(true)
            .set_attribute_definitions(Some(attributes(schema).map_err(wrong)?))
            .set_key_schema(Some(keys(schema.partition, schema.sort).map_err(wrong)?))
            .set_global_secondary_indexes(indexes(schema).map_err(wrong)?)
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        self.client
            .wait_until_table_exists()
            .table_name(name)
            .wait(PATIENCE)
            .await
            .map_err(|cause| PortError::with_source(ErrorKind::Unavailable, OPERATION, cause))?;
        if !schema.expires {
            return Ok(());
        }
        let expiry = TimeToLiveSpecification::builder()
            .attribute_name(EXPIRES)
            .enabled(true)
            .build()
            .map_err(wrong)?;
        self.client
            .update_time_to_live()
            .table_name(name)
            .time_to_live_specification(expiry)
            .send()
            .await
            .map_err(|error| failed("switch on the expiry of a table", &error))?;
        Ok(())
    }
}

fn keys(
    partition: &str,
    sort: Option<(&str, KeyKind)>,
) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
    };
    let mut keys = vec![element(partition, KeyType::Hash)?];
    if let Some((name, _kind)) = sort {
        keys.push(element(name, KeyType::Range)?);
    }
    Ok(keys)
}

/// All attributes that stand in a key, each once.
fn attributes(schema: &TableSchema) -> Result<Vec<AttributeDefinition>, BuildError> {
    let mut named = BTreeSet::new();
    let of_indexes = schema.indexes.iter();
    let of_indexes = of_indexes.flat_map(|index| [index.partition, index.sort]);
    let of_table = std::iter::once((schema.partition, KeyKind::Text)).chain(schema.sort);
    of_table
        .chain(of_indexes)
        .filter(|(name, _kind)| named.insert(*name))
        .map(|(name, kind)| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(match kind {
                    KeyKind::Text => ScalarAttributeType::S,
                    KeyKind::Number => ScalarAttributeType::N,
                })
                .build()
        })
        .collect()
}

fn indexes(schema: &TableSchema) -> Result<Option<Vec<GlobalSecondaryIndex>>, BuildError> {
    let made: Vec<_> = schema.indexes.iter().map(index).collect::<Result<_, _>>()?;
    Ok((!made.is_empty()).then_some(made))
}

fn index(schema: &IndexSchema) -> Result<GlobalSecondaryIndex, BuildError> {
    let projection = if schema.also.is_empty() {
        Projection::builder().projection_type(ProjectionType::KeysOnly)
    } else {
        let also = schema.also.iter().map(|&name| name.to_owned()).collect();
        Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(also))
    };
    GlobalSecondaryIndex::builder()
        .index_name(schema.name)
        .set_key_schema(Some(keys(schema.partition.0, Some(schema.sort))?))
        .projection(projection.build())
        .build()
}

/// What is wrong with a table that is there.
fn compare(schema: &TableSchema, found: &TableDescription) -> Vec<String> {
    let mut differs = Vec::new();
    if found.table_status != Some(TableStatus::Active) {
        differs.push("is not active yet: wait, or look at the console".to_owned());
    }
    if !same_keys(found.key_schema(), schema.partition, schema.sort) {
        differs.push("has other keys: it is another table, choose another prefix".to_owned());
    }
    for wanted in schema.indexes {
        let index = found
            .global_secondary_indexes()
            .iter()
            .find(|index| index.index_name() == Some(wanted.name));
        let is_right = index.is_some_and(|index| {
            same_keys(index.key_schema(), wanted.partition.0, Some(wanted.sort))
        });
        if !is_right {
            let name = wanted.name;
            differs.push(format!(
                "lacks the index `{name}`, or it has other keys: make it"
            ));
        }
    }
    differs
}

fn same_keys(found: &[KeySchemaElement], partition: &str, sort: Option<(&str, KeyKind)>) -> bool {
    let named = |kind: &KeyType| {
        let mut found = found.iter();
        found
            .find(|element| element.key_type() == kind)
            .map(KeySchemaElement::attribute_name)
    };
    named(&KeyType::Hash) == Some(partition)
        && named(&KeyType::Range) == sort.map(|(name, _kind)| name)
}
