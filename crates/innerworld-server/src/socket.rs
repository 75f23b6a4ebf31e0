//! The WebSocket carrier: the handshake, and one task per connection.

mod carrier;
mod handshake;

pub(crate) use handshake::router;
