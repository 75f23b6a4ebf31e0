//! Adapters for AWS.
