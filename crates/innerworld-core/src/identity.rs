//! Who is signed in, how old they are, and what they agreed to.

pub mod account;
pub mod consent;
pub mod profile;
pub mod token;
