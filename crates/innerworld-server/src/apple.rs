//! What Apple tells by itself of people who signed in with it, wherever their accounts are kept.

mod keys;
mod news;

pub(crate) use self::news::{MAX_BODY_BYTES, Message, act, admit};
pub use self::{
    keys::{AppleKeys, Doubt},
    news::{AppleNews, AppleWebhook, Trusted},
};
