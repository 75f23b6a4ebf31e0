//! A teen's memory: the graph of what was said, its evidence, and how both are recalled.
//!
//! All of it is pure over ports. The graph store is never on the reply path: recall works on a
//! per-teen index in RAM.

pub mod asks;
pub mod graph;
pub mod job;
pub mod ontology;
pub mod pack;
pub mod rank;
pub mod recall;
pub mod store;
pub mod tokens;
