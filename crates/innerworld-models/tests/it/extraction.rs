//! Sessions read by a model over a real connection, and what of it gets into memory.

mod bench;
mod consent;
mod hostile;
mod spend;
