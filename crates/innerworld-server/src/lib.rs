//! The WebSocket and HTTP server of one machine.
//!
//! It drives the rules of `innerworld-core` and speaks `innerworld-protocol`; it knows ports, not
//! adapters.

pub mod cognito;
pub mod erase;
pub mod http;
pub mod mail;
pub mod openapi;
