//! The part of the executable that other tools of this repository use: a client of the public
//! protocol.

pub mod client;
