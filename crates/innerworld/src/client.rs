//! A client of the public HTTP API and the wire protocol, as an app would be.
//!
//! [`track::Track`] is the pure state machine: what was received, what follows from a frame, where
//! to resume. [`link::Link`] adds the socket, reconnection and fresh tokens.

pub mod account;
pub mod cognito;
pub mod error;
pub mod http;
pub mod link;
pub mod socket;
pub mod tokens;
pub mod track;

pub use error::ClientError;
