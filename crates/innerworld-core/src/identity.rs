//! Who is signed in, how old they are, and what they agreed to.

pub mod account;
pub mod age;
pub mod apple;
pub mod consent;
pub mod consents;
pub mod email;
pub mod federation;
pub mod gate;
pub mod oauth;
pub mod password;
pub mod profile;
pub mod srp;
pub mod token;
pub mod zone;
