//! Clients of language models.
//!
//! [`openai`] speaks to every server with the chat-completions API, [`offline`] answers without any
//! network. Around them stand decorators of the same port, outermost first: [`fallback`],
//! [`consent_gate`], [`metered`], [`breaker`], [`retry`]; [`chain`] puts them together. [`extraction`]
//! reads ended sessions through the same decorators, [`second_look`] messages that may tell of danger. The client itself covers the names that no
//! provider is told, so that no call can pass it by.
//!
//! [`apple`] calls Apple's identity service through the same guarded way out ([`egress`]).
//!
//! Nothing here logs, returns or keeps text of a provider or of a teen.

pub mod apple;
pub mod breaker;
pub mod chain;
pub mod config;
pub mod consent_gate;
pub mod egress;
mod estimate;
pub mod extraction;
pub mod fallback;
pub mod key;
pub mod metered;
pub mod offline;
pub mod openai;
mod places;
mod produce;
pub mod retired;
pub mod retry;
pub mod second_look;
pub mod secret;
pub mod spend_gate;
pub mod sse;
mod veiled;
