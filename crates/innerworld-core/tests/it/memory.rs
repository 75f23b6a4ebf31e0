//! Memory as a whole: what a session leaves, what the next one knows, what forgetting takes.

mod bounds;
mod drawing;
mod encoders;
mod facts;
mod forgetting;
mod histories;
mod intervals;
mod keeping;
mod laws;
mod model_tier;
mod phrasebook;
mod sessions;
mod store;
mod views;
mod world;
