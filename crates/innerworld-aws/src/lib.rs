//! Adapters for AWS.

pub mod neptune;
