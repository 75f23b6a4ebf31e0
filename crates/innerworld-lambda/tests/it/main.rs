//! The functions: as handlers in this process, and as programs under a double of Lambda.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "helpers of tests fail by panicking"
)]

mod cognito;
mod connect;
mod door;
mod environment;
mod health;
mod http;
mod map;
mod metrics;
mod programs;
mod service;
mod sweeper;
mod tokens;
mod world;
