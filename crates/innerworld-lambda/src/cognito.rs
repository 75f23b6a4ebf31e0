//! Triggers of the user pool. They answer within five seconds, may be called more than once for one
//! thing, and give the event back with a response in it.

mod custom_message;
mod post_confirmation;
mod pre_sign_up;
mod wording;

use serde_json::Value;

pub use self::{
    custom_message::CustomMessage, post_confirmation::PostConfirmation, pre_sign_up::PreSignUp,
};
use crate::run::Failure;

/// The event with `response` in it, as the pool wants it back.
fn answered(mut event: Value, response: Value) -> Result<Value, Failure> {
    let fields = event
        .as_object_mut()
        .ok_or(Failure::event("not an event of a user pool"))?;
    fields.insert("response".to_owned(), response);
    Ok(event)
}
