//! The WebSocket carrier: the handshake, and one task per connection.

mod connection;
mod handshake;
mod outbound;

pub(crate) use handshake::router;
