//! Adapters for AWS: the same ports as on one machine, on DynamoDB, KMS, SQS and Neptune.
//!
//! Everything personal is sealed before it reaches a table, in the same record formats as on one
//! machine; the tables' own encryption comes on top. Nothing here decides a rule: conditions of
//! `innerworld-core`'s ports become conditions of one commit.

mod conversation_store;
mod dynamo;
mod fault;
mod keys;
mod open;
mod ports;
mod profile_store;
mod safety_rows;
mod safety_store;
mod settings;
mod shared;
mod ticket_store;

pub use aws_config::SdkConfig;

pub use self::{
    dynamo::{IndexSchema, KeyKind, TABLES, Table, TableNames, TableSchema},
    open::{Aws, Clients},
    settings::AwsSettings,
};
