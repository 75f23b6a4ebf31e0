//! Tests of the public surface.
#![expect(
    clippy::unwrap_used,
    reason = "helper functions of tests; the lint's exception covers only test functions"
)]

mod any_text;
mod asset;
mod disguised;
mod embed;
mod emotion;
mod english;
mod golden;
#[cfg(feature = "minilm")]
mod minilm;
mod output;
mod pii;
mod pii_hidden;
mod private_names;
mod rules;
mod safety;
mod safety_spelled;
mod same_meaning;
mod sessions;
mod tagger;
mod thesaurus;
