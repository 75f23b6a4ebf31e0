//! Sessions and turns as they run in a process: one engine for every carrier of frames.
//!
//! It drives the rules of `innerworld-core` and speaks `innerworld-protocol`. It knows ports, not
//! adapters, and a [`connection::Carrier`], not sockets.

pub mod app;
pub mod cluster;
pub mod connection;
pub mod erase;
pub mod export;
pub mod metrics;
pub mod revoke;
pub mod safeguards;
pub mod services;
mod session;
pub mod stateless;

pub use self::session::teen::{Refusal, TeenContext};
