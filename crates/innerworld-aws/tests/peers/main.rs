//! The adapters against real peers of the services. `cargo xtask test --stage aws` starts them.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unchecked_time_subtraction,
    reason = "helpers of tests fail by panicking"
)]

mod checkup;
mod cluster;
mod contracts;
mod database;
mod deployment;
mod erasure;
mod graph;
#[path = "../graph_suite/suite.rs"]
mod graph_suite;
#[expect(dead_code, reason = "some of it only the tests without peers use")]
#[path = "../it/neptune/house.rs"]
mod house;
mod jobs;
mod neo4j;
mod person;
mod place;
mod reach;
mod secrets;
mod spool;
mod talk;
mod turn_desk;
mod users;
