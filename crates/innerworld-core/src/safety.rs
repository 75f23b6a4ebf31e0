//! Verdicts, the per-teen safety record, and the ports of the safety pipeline.
//!
//! The order of the pipeline is a safety property: screening and the crisis frame come before
//! everything that can fail or refuse (safety.md 2).

pub mod record;
pub mod screen;
pub mod store;

pub use record::{SafetyCommit, SafetyCount, SafetyFrameKind, SafetyRecord, SafetyState};
pub use screen::{Category, Level, LocalScreen, LocalVerdict};
