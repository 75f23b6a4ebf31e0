//! A second look that takes silence for a clean bill.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::safety::look::{
    About, LookFailure, LookLevel, LookOrder, LookVerdict, SafetyModel,
};

/// Another look, whose failures count as nothing found.
pub struct BelievesFailures(pub Arc<dyn SafetyModel>);

impl std::fmt::Debug for BelievesFailures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("BelievesFailures").finish_non_exhaustive()
    }
}

#[async_trait]
impl SafetyModel for BelievesFailures {
    fn company(&self) -> &str {
        self.0.company()
    }

    async fn look(&self, order: LookOrder) -> Result<LookVerdict, LookFailure> {
        let nothing = LookVerdict {
            level: LookLevel::Nothing,
            category: None,
            about: About::Teen,
        };
        Ok(self.0.look(order).await.unwrap_or(nothing))
    }
}
