//! Sessions as they live in this process: one room per teen who is there.
//!
//! A room has two locks. The *view* (a plain mutex, never held across an await) is what the
//! connection reads: feed, control frames, safety. The *desk lock* (`inner`, an async mutex) is
//! held across store commits, so that event numbers are given out in commit order.

pub(crate) mod budget;
pub(crate) mod choice;
pub(crate) mod clock;
pub(crate) mod extraction;
mod helpers;
pub(crate) mod hub;
pub(crate) mod jobs;
pub(crate) mod join;
pub(crate) mod lifecycle;
pub(crate) mod look;
pub(crate) mod message;
pub(crate) mod numbers;
pub(crate) mod recover;
pub(crate) mod room;
pub(crate) mod safety;
pub(crate) mod sweep;
pub(crate) mod teen;
pub(crate) mod turn;
