//! Commits of a teen's items, which the fence of an erase refuses as a whole.

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
};

use crate::{
    dynamo::{Committed, Write},
    keys::TeenKeys,
    shared::Shared,
};

impl Shared {
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
