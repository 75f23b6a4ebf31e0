//! The memory graph on Neptune: one fixed list of openCypher statements, typed rows, a small signed
//! client, and the graph over it (aws.md 5).
//!
//! Kinds, times, weight and topology are readable to the database; everything else of a record is
//! sealed before it gets here, and nothing here holds a teen's key. No statement is ever put
//! together from input: values go in as parameters, labels and edge types are part of the
//! constants. Every statement may run again: ids are fixed by the patch, so that replaying it
//! leaves the same graph.

pub mod cluster;
pub mod engine;
pub mod graph;
pub mod http;
pub mod lint;
pub mod pages;
pub mod patch;
pub mod retrying;
pub mod rows;
pub mod statements;
pub mod waiting;
