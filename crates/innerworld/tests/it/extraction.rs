//! Ended sessions read by a model, through the whole server.

mod in_one_call;
mod over_a_day;
mod process;
