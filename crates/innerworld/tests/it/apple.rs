//! Sign in with Apple, at a local service that stands for Apple's.

mod accounts;
mod erase;
mod house;
mod notices;
mod process;
mod refusals;
mod sign_in;
