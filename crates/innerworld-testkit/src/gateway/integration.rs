//! Calls to functions.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use innerworld_core::ids::IdSource as _;
use serde_json::Value;
use tokio::sync::oneshot;

use super::{FailedCall, Inner, locked};
use crate::lambda::Outcome;

impl Inner {
    /// An id as the gateway makes them, as in `L0SM9cOFvHcCIhw=`.
    pub(super) fn request_id(&self) -> String {
        let mut bytes = [0; 11];
        self.ids.fill(&mut bytes);
        URL_SAFE.encode(bytes)
    }

    /// Whether something happens that does so in this part of all cases.
    pub(super) fn happens(&self, part: f64) -> bool {
        let number = u32::try_from(self.ids.next() >> 32).unwrap_or_default();
        f64::from(number) < part * f64::from(u32::MAX)
    }

    /// Gives a function an event and waits for its answer, but not longer than the gateway does: the
    /// function goes on then. In place of an answer, how it ended.
    pub(super) async fn call(
        self: &Arc<Self>,
        function: &str,
        event: Value,
    ) -> Result<Value, Option<Outcome>> {
        let (done, outcome) = oneshot::channel();
        let (inner, name) = (Arc::clone(self), function.to_owned());
        self.tasks.spawn(async move {
            let outcome = inner.invokes.invoke(&name, event).await;
            done.send(outcome).unwrap_or_default();
        });
        let outcome = tokio::time::timeout(self.settings.integration_limit, outcome).await;
        let outcome = match outcome {
            Ok(outcome) => Some(outcome.unwrap_or(Outcome::Ended(None))),
            Err(_elapsed) => None,
        };
        if let Some(Outcome::Answered(body)) = &outcome
            && let Ok(answer) = serde_json::from_str(body)
        {
            return Ok(answer);
        }
        locked(&self.failed).push(FailedCall {
            function: function.to_owned(),
            outcome: outcome.clone(),
        });
        Err(outcome)
    }
}
