//! The engine in processes that do not stay: each takes one frame of a connection, makes one answer, or
//! remembers one session that is over, and ends. What a room holds in RAM is read from the stores, or
//! from what the frame before left.
//!
//! Several such processes hold one session at a time. Their order is the order of its numbers, which the
//! store gives out once each. What one of them sends, another may send again: clients drop what they have
//! by number and offset, so whoever is unsure repeats.

mod abandoned;
mod answer;
mod between;
mod frame;
mod help;
mod remember;

pub use self::{
    abandoned::{end_idle, interrupt},
    answer::{Follows, Order, Seen, Stop, Watch, answer, ended},
    between::Between,
    frame::{Arrival, Departure, Visit, due, frame, refused},
    help::help,
    remember::remember,
};
pub(crate) use self::{answer::next_of, between::await_turns};
pub use crate::session::{jobs::JobEnd, room::StopReason, teen::Refusal};
