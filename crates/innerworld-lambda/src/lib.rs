//! The functions that carry InnerWorld on AWS: events of the gateway, of the user pool and of
//! queues, as use cases.
//!
//! Each function is one thin program in `src/bin` over a [`Handler`](run::Handler) of this crate.
//! [`FUNCTIONS`] says of each what starts it, what it is told and what it may do; Terraform's tests
//! and the reference are made from that list.

pub mod account;
mod apple;
pub mod authorizer;
pub mod cognito;
pub mod connect;
pub mod conversation;
pub mod disconnect;
pub mod environment;
pub mod exports;
pub mod gateway;
pub mod graph;
pub mod health;
pub mod http_event;
mod late_extractor;
pub mod map;
pub mod metrics;
mod models;
mod posts;
pub mod privacy;
mod process;
mod queue;
mod reads_nothing;
pub mod remember;
mod remembering;
pub mod run;
mod safeguards;
mod start;
mod stop;
pub mod sweeper;
mod system;
mod telemetry;
pub mod turn;
mod without_texts;

pub use self::map::FUNCTIONS;
