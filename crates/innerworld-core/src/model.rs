//! Ports to language models.

pub mod call;
pub mod chat_model;
pub mod pseudonym;
pub mod quote;
pub mod refusal;
pub mod veil;
