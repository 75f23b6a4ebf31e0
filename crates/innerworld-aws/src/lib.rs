//! Adapters for AWS: the same ports as on one machine, on DynamoDB, KMS, SQS and Neptune.
//!
//! Everything personal is sealed before it reaches a table, in the same record formats as on one
//! machine; the tables' own encryption comes on top. Nothing here decides a rule: conditions of
//! `innerworld-core`'s ports become conditions of one commit.

mod account_store;
mod authorization_store;
pub mod checkup;
mod cluster;
mod cognito_pool;
mod connection_store;
mod consent_store;
mod conversation_store;
mod deny_list;
mod drain;
mod dynamo;
mod elsewhere;
mod erasure_store;
mod export_bucket;
mod export_desk;
mod fault;
mod federation_store;
mod graph_calls;
mod graph_jobs;
mod graph_number;
mod graph_reader;
mod graph_store;
mod graph_writer;
mod health;
mod hold;
mod invoker;
mod job_rows;
mod job_store;
mod journal_store;
mod key_store;
mod keys;
pub mod neptune;
mod open;
mod ports;
mod posting;
mod privacy_jobs;
mod profile_store;
mod queues;
mod revocation_store;
mod safety_rows;
mod safety_store;
mod secrets;
mod service_keys;
mod session_jobs;
mod settings;
mod shared;
mod signed;
mod spool;
mod tables;
mod teen_clock_store;
mod teen_commit;
mod ticket_store;
mod token_verifier;
mod turn_desk;
mod usage_ledger;

pub use aws_config::SdkConfig;

pub use self::{
    cluster::Server,
    cognito_pool::PoolAccounts,
    connection_store::{CONNECTION_LIFE, ConnectionRow, ConnectionStore},
    conversation_store::{Lease, OpenTurn, Standing, SweepDesk},
    deny_list::DenyList,
    drain::Drain,
    dynamo::{IndexSchema, KeyKind, TABLES, Table, TableNames, TableSchema},
    export_bucket::ExportBucket,
    export_desk::{ExportDesk, ExportForm, ExportRow},
    fault::advice,
    graph_calls::{GraphCall, GraphReaderFunction, REFUSED},
    graph_jobs::{GraphJob, GraphTask, GraphWriteQueue, InvalidJob},
    graph_reader::GraphReader,
    graph_store::{GraphDatabase, GraphWrites},
    graph_writer::{AtOnce, GraphWriter},
    hold::Hold,
    invoker::Invoker,
    job_store::UndoneJob,
    open::{Aws, Clients, configuration},
    posting::{POST_BYTES, PostFailure, Posting},
    privacy_jobs::{InvalidPrivacyJob, PrivacyJob, PrivacyQueue, PrivacyTask},
    queues::Queue,
    secrets::{Put, SecretState, Secrets, Stage, Versions},
    session_jobs::{InvalidSessionJob, SessionJob, SessionQueue, SessionTask},
    settings::AwsSettings,
    spool::DeliveredSpool,
    tables::{Difference, Tables},
    token_verifier::{BrokenRule, CognitoTokenVerifier, InvalidPool, UserPool},
    turn_desk::{Claim, Notes, TurnDesk},
};
