//! What all adapters of one deployment share.

use std::sync::Arc;

use innerworld_core::{clock::Clock, hex, ids::IdSource};

use crate::{dynamo::Dynamo, keys::TeenKeys, spool::Spool};

/// The attribute that holds an item's sealed record.
pub(crate) const SEALED: &str = "sealed";

/// Tables, keys, the safety spool, and the ports that adapters ask.
pub(crate) struct Shared {
    pub(crate) dynamo: Dynamo,
    pub(crate) teen_keys: TeenKeys,
    pub(crate) spool: Spool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
}

impl Shared {
    /// A name that nothing else has.
    pub(crate) fn fresh_id(&self) -> String {
        let mut random = [0; 16];
        self.ids.fill(&mut random);
        hex::encode(&random)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
