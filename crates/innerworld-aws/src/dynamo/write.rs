//! Writes, alone and together.

use aws_sdk_dynamodb::{
    error::BuildError,
    types::{ConditionCheck, Delete, Put, TransactWriteItem, Update},
};

use super::{
    expression::{Change, Condition, Words},
    item::Item,
    schema::{Key, TableNames},
};

/// One write of a commit.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    /// Puts an item in the place of whatever lies there.
    Put(Key, Item, Option<Condition>),
    /// Changes an item; makes it if it is not there and the condition allows it.
    Update(Key, Change, Option<Condition>),
    /// Deletes an item.
    Delete(Key, Option<Condition>),
    /// Writes nothing, but must hold.
    Check(Key, Condition),
}

/// How a commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// All of it is stored.
    Yes,
    /// Nothing is stored; why, by position of the writes.
    No(Vec<Refusal>),
}

impl Committed {
    /// Whether the condition of the write at `position` failed.
    pub(crate) fn refused(&self, position: usize) -> bool {
        match self {
            Self::Yes => false,
            Self::No(refusals) => refusals.get(position) == Some(&Refusal::Condition),
        }
    }
}

/// Why a write of a commit did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It would have; another one did not.
    Innocent,
    /// Its condition failed.
    Condition,
    /// Another commit touched the item at the same time.
    Met,
    /// The table is asked too much.
    Throttled,
    /// The request is wrong.
    Invalid,
}

impl Refusal {
    pub(super) fn of(code: Option<&str>) -> Self {
        match code {
            None | Some("None") => Self::Innocent,
            Some("ConditionalCheckFailed") => Self::Condition,
            Some("TransactionConflict") => Self::Met,
            Some("ProvisionedThroughputExceeded" | "ThrottlingError") => Self::Throttled,
            Some(_) => Self::Invalid,
        }
    }
}

/// An item whole, its key's attributes included.
pub(super) fn whole(key: &Key, item: Item) -> Item {
    key.attributes()
        .fold(item, |item, (name, value)| item.with(name, value))
}

pub(super) fn key_map(
    key: &Key,
) -> std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue> {
    key.attributes()
        .map(|(name, value)| (name.to_owned(), value.0))
        .collect()
}

pub(super) fn in_transaction(
    write: Write,
    names: &TableNames,
) -> Result<TransactWriteItem, BuildError> {
    let mut words = Words::default();
    let item = TransactWriteItem::builder();
    Ok(match write {
        Write::Put(key, attributes, condition) => {
            let condition = condition.map(|condition| condition.write(&mut words));
            let put = Put::builder()
                .table_name(names.of(key.table))
                .set_item(Some(whole(&key, attributes).into_attributes()))
                .set_condition_expression(condition)
                .set_expression_attribute_names(words.names())
                .set_expression_attribute_values(words.values())
                .build()?;
            item.put(put).build()
        }
        Write::Update(key, change, condition) => {
            let change = change.write(&mut words);
            let condition = condition.map(|condition| condition.write(&mut words));
            let update = Update::builder()
                .table_name(names.of(key.table))
                .set_key(Some(key_map(&key)))
                .update_expression(change)
                .set_condition_expression(condition)
                .set_expression_attribute_names(words.names())
                .set_expression_attribute_values(words.values())
                .build()?;
            item.update(update).build()
        }
        Write::Delete(key, condition) => {
            let condition = condition.map(|condition| condition.write(&mut words));
            let delete = Delete::builder()
                .table_name(names.of(key.table))
                .set_key(Some(key_map(&key)))
                .set_condition_expression(condition)
                .set_expression_attribute_names(words.names())
                .set_expression_attribute_values(words.values())
                .build()?;
            item.delete(delete).build()
        }
        Write::Check(key, condition) => {
            let condition = condition.write(&mut words);
            let check = ConditionCheck::builder()
                .table_name(names.of(key.table))
                .set_key(Some(key_map(&key)))
                .condition_expression(condition)
                .set_expression_attribute_names(words.names())
                .set_expression_attribute_values(words.values())
                .build()?;
            item.condition_check(check).build()
        }
    })
}
