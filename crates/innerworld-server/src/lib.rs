//! The WebSocket and HTTP server of one machine.
//!
//! It drives the rules of `innerworld-core` and speaks `innerworld-protocol`; it knows ports, not
//! adapters.

pub mod admin;
pub mod apple;
pub mod cognito;
pub mod http;
pub mod listener;
pub mod mail;
pub mod openapi;
pub mod proxies;
mod rates;
mod relay;
pub mod router;
mod socket;
