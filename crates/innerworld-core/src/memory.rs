//! A teen's memory: the graph of what was said, its evidence, and how both are recalled.
//!
//! All of it is pure over ports. The graph store is never on the reply path: recall works on a
//! per-teen index in RAM.

mod asked_days;
pub mod asks;
pub mod bounds;
mod cache;
mod correct;
pub mod delta;
pub mod digest;
pub mod drawing;
pub mod encoder;
pub mod evidence;
mod export;
pub mod extraction;
mod facade;
mod fact_words;
pub mod facts;
mod first_person;
pub mod fold;
mod forget;
pub mod graph;
pub mod intervals;
pub mod job;
mod known;
pub mod model_tier;
mod named;
pub mod names;
pub mod ontology;
pub mod outdated;
pub mod pack;
pub mod patterns;
pub mod rank;
pub mod reading;
pub mod recall;
pub mod recipe;
mod refold;
mod remember;
mod reread;
pub mod resolve;
mod session_memory;
pub mod spoken_days;
pub mod store;
pub mod suppressed;
pub mod thesaurus;
pub mod tokens;
pub mod transcript;
mod vectors;
mod views;
mod wanted;

pub use correct::{Correction, Wrong};
pub use digest::Account;
pub use export::MemoryExport;
pub use facade::{Insight, Memory, MemoryPorts};
pub use forget::{ForgetPlan, Going, Target};
pub use remember::{RememberSettings, Remembered};
pub use session_memory::{Recalled, ScoredTurn, SessionMemory, Why};
pub use views::{Fact, Item, Page, Thing, View, ViewQuery};
