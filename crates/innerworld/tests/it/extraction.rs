//! Ended sessions read by a model, through the whole server.

mod over_a_day;
mod process;
