//! Tests of the adapters against local peers.
