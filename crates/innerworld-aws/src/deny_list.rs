//! What ends tokens before their time: the items `deny` and `erase` of a teen.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{clock::Timestamp, error::PortError, ids::TeenId};

use crate::{
    dynamo::{Key, Table},
    shared::Shared,
};

/// Sort key of the mark.
const ITEM: &str = "deny";
/// Its instant, milliseconds since 1970.
const NOT_BEFORE: &str = "not_before";

/// Whether a token still counts. Cognito tells nobody that a teen signed out everywhere.
///
/// # Contract
/// * A token issued before the teen's last sign-out is denied.
/// * Every token of a teen who is being erased, or is gone, is denied.
#[async_trait]
pub trait DenyList: Send + Sync {
    /// Whether tokens of `teen` that were issued at `issued_at` count no more.
    async fn denies(&self, teen: TeenId, issued_at: Timestamp) -> Result<bool, PortError>;
}

/// [`DenyList`] on the table `teens`.
#[derive(Debug)]
pub(crate) struct DynamoDenyList {
    shared: Arc<Shared>,
}

impl DynamoDenyList {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

#[async_trait]
impl DenyList for DynamoDenyList {
    async fn denies(&self, teen: TeenId, issued_at: Timestamp) -> Result<bool, PortError> {
        if self.shared.teen_keys.is_fenced(teen).await? {
            return Ok(true);
        }
        let place = Key::teen(Table::Teens, teen, ITEM);
        let Some(mark) = self.shared.dynamo.get("read a deny mark", &place).await? else {
            return Ok(false);
        };
        let not_before = mark.number(NOT_BEFORE).map(Timestamp::from_millis)?;
        Ok(issued_at < not_before)
    }
}
