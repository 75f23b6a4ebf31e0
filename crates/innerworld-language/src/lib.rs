//! Local text models and screens: pure functions over shipped data, no network, no clock.
//!
//! Nothing here logs or stores; errors never carry a text that was read.

pub mod pii;

mod pattern;
