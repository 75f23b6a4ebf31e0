//! The safety side: state machine, desk, frames, and what is kept of it.

mod desk;
mod frames;
mod keeping;
mod laws;
mod life;
mod machine;
mod report;
mod resources;
