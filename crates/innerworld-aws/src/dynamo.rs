//! DynamoDB as the adapters use it: items, conditions, commits, queries.
//!
//! Every attribute name goes through a placeholder (many of ours are reserved words), every read is
//! strongly consistent unless it asks an index, and nothing here tries again but a commit that met
//! another commit.

mod client;
mod expression;
mod item;
mod query;
mod schema;
mod write;

pub use self::schema::{IndexSchema, KeyKind, TABLES, Table, TableNames, TableSchema};
#[cfg(test)]
pub(crate) use self::write::Refusal;
pub(crate) use self::{
    client::Dynamo,
    expression::{Change, Condition},
    item::{EXPIRES, Item, Value, end},
    query::{Query, Range},
    schema::{Index, Key},
    write::{Committed, Write},
};
