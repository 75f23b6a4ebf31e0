//! Tests of the public surface.
#![expect(
    clippy::unwrap_used,
    reason = "helper functions of tests; the lint's exception covers only test functions"
)]

mod asset;
mod embed;
mod emotion;
mod output;
mod pii;
mod rules;
mod safety;
mod tagger;
mod thesaurus;
