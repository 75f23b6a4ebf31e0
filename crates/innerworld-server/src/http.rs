//! HTTP beside the socket.

pub mod account;
pub mod error;
