//! The identity provider of one machine, attacked over HTTP and over the socket.

mod age;
mod answers;
mod calls;
mod forgery;
mod guesses;
pub(crate) mod provider;
mod rotation;
mod sign_out;
mod srp;
mod srp_challenge;
mod srp_stranger;
mod tokens;
mod unguarded;
mod weakened;
