//! The wire protocol, version 1: frames of the WebSocket, their codes, and the one mapping from
//! core's session events to frames.
//!
//! Nothing here does I/O or holds state. Both carriers (axum's socket, API Gateway) send exactly
//! what is written here.

pub mod client;
pub mod codes;
pub mod event;
pub mod schema;
pub mod server;
pub mod text;
pub mod turn;

pub use client::{ClientFrame, FrameError};
pub use codes::{CloseCode, ErrorCode};
pub use server::ServerFrame;
pub use turn::TurnBody;

/// Version of the protocol, as `hello.protocol` names it.
pub const VERSION: u32 = 1;
/// The WebSocket sub-protocol that a client must offer.
pub const SUBPROTOCOL: &str = "innerworld.v1";
/// Every frame in either direction is shorter than this many bytes.
pub const FRAME_BYTES: usize = 32_768;
/// Most bytes of a teen's message, after hygiene.
pub const MESSAGE_BYTES: usize = 16_000;
/// Most bytes of a turn's answer; its snapshot therefore always fits in one frame.
pub const ANSWER_BYTES: usize = 12_000;
