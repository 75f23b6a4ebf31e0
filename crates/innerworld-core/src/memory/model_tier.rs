//! The optional second reading of a session by a paid model: what it is asked, what of its answer is
//! believed, and how that joins what the local tier found.
//!
//! All of it is pure. The call itself is a port ([`reader::SessionReader`]): no provider, clock or
//! network is named here. The local tier's findings are complete without it, and nothing a model
//! says takes one of them away.

pub mod dates;
pub mod excerpt;
pub mod fold_text;
pub mod known;
pub mod merge;
pub mod parse;
pub mod patch;
pub mod prompt;
pub mod reader;
pub mod schema;
pub mod validate;

/// Name under which a merged mention list is kept.
pub const EXTRACTOR: &str = "model";
/// Most tokens of an answer.
pub const ANSWER_TOKENS: u32 = 1_500;
/// Confidence of what only the model found.
pub const MODEL_CONFIDENCE: f32 = 0.6;
