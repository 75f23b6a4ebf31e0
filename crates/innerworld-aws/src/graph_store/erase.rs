//! Switching memory off.

use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
};

use super::{
    DynamoGraphStore,
    commit::TRIES,
    due::Due,
    manifest::{Manifest, Pending},
};

impl DynamoGraphStore {
    /// Deletes a memory. From the first commit on nothing of it is read; the generation goes on
    /// counting, so that a write which was computed before finds itself late.
    pub(super) async fn erase(&self, teen: TeenId) -> Result<(), PortError> {
        for _ in 0..TRIES {
            // A change that is pending need not be finished: it goes with the rest.
            let before = self.manifest(teen).await?;
            let after = Manifest {
                generation: before.generation.saturating_add(1),
                digest: None,
                pending: Some(Pending::Erase),
                // If this process ends here, retention deletes what is left.
                due: Due {
                    text: Some(self.soon()),
                    graph: None,
                },
                ..before.next()
            };
            if self.turn(teen, (&before, &after), Vec::new()).await? {
                return self.finish(teen, &after).await;
            }
        }
        Err(PortError::new(ErrorKind::Throttled, "erase a memory"))
    }
}
