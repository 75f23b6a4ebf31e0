//! The engine in processes that do not stay: each takes one frame of a connection, or makes one answer,
//! and ends. What a room holds in RAM is read from the stores, or from what the frame before left.
//!
//! Several such processes hold one session at a time. Their order is the order of its numbers, which the
//! store gives out once each. What one of them sends, another may send again: clients drop what they have
//! by number and offset, so whoever is unsure repeats.

mod abandoned;
mod answer;
mod between;
mod frame;

pub(crate) use self::between::await_turns;
pub use self::{
    abandoned::{end_idle, interrupt},
    answer::{Follows, Order, Seen, Stop, Watch, answer},
    between::Between,
    frame::{Arrival, Departure, Visit, due, frame, joins, refused},
};
pub use crate::session::{room::StopReason, teen::Refusal};
