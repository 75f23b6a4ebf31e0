//! Messages that tell other functions what waits in the outbox. A message is a pointer, and may be lost or
//! come twice: the outbox says what is to be done.

use innerworld_core::ids::{SessionId, TeenId};
use serde_json::json;

/// Version of the form of messages.
const VERSION: u32 = 1;

/// A session ended and is to be remembered: for the queue `session-ended`.
pub(crate) fn session_ended(teen: TeenId, session: SessionId) -> String {
    json!({
        "v": VERSION,
        "user_id": teen.to_string(),
        "session_id": session.to_string(),
    })
    .to_string()
}

/// An erase is to be begun or taken up: for the queue `privacy-jobs`. How far it came is told by the table.
pub(crate) fn erase(teen: TeenId) -> String {
    json!({
        "v": VERSION,
        "user_id": teen.to_string(),
        "kind": "erase",
        "step": 0,
    })
    .to_string()
}
