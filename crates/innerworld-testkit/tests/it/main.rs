//! The suites against the reference stores and against their deliberately wrong variants.

#![expect(
    clippy::unused_async,
    reason = "the suites take an async function that makes a subject; a map needs no waiting"
)]

mod cutting_proxy;
mod gateway;
mod live;
mod rest;
mod wrong;
mod wrong_rest;
