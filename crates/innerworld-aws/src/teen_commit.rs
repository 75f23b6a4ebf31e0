//! Commits of a teen's items, which the fence of an erase refuses as a whole.

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
};

use crate::{
    dynamo::{Committed, Condition, Item, Key, Write},
    keys::TeenKeys,
    shared::Shared,
};

impl Shared {
    /// Puts one item of a teen, unless the teen is fenced: an erase between a look at the fence and a
    /// put of its own would leave the item behind. `false` if the condition failed.
    pub(crate) async fn put_for(
        &self,
        teen: TeenId,
        operation: &'static str,
        (key, item): (Key, Item),
        condition: Option<Condition>,
    ) -> Result<bool, PortError> {
        let put = vec![Write::Put(key, item, condition)];
        let committed = self.commit_for(teen, operation, put).await?;
        Ok(committed == Committed::Yes)
    }

    /// Commits `writes`, unless the teen is fenced: then it is `Denied`, and nothing is stored.
    /// Positions in the answer are those of `writes`.
    pub(crate) async fn commit_for(
        &self,
        teen: TeenId,
        operation: &'static str,
        mut writes: Vec<Write>,
    ) -> Result<Committed, PortError> {
        let fence = writes.len();
        writes.push(TeenKeys::unfenced(teen));
        let committed = self.dynamo.commit(operation, &writes).await?;
        if committed.refused(fence) {
            return Err(PortError::new(ErrorKind::Denied, operation));
        }
        Ok(committed)
    }
}
