//! Verdicts, the per-teen safety record, and the ports of the safety pipeline.
//!
//! The order of the pipeline is a safety property: screening and the crisis frame come before
//! everything that can fail or refuse. Carriers call [`desk::Desk`]; it judges by
//! [`machine`], takes its frames from [`frames`] and its words from [`content`], and leaves storing
//! to [`keep::Keeper`].

pub mod content;
pub mod desk;
pub mod frames;
pub mod heard;
pub mod journal;
pub mod keep;
pub mod ledger;
pub mod look;
pub mod machine;
pub mod record;
pub mod report;
pub mod rules;
pub mod screen;
pub mod store;
pub mod verdict;

pub use record::{
    SafetyCommit, SafetyCount, SafetyFrameKind, SafetyNotice, SafetyRecord, SafetyState,
};
pub use screen::{
    Before, Category, Level, LocalScreen, LocalVerdict, OutputFilter, OutputScreen, Suspicion,
    Views,
};
pub use store::{JournalEntry, JournalStore, SafetySpool, SafetyStore};
pub use verdict::{ChatMode, SafetyVerdict};
