//! What all adapters of one data directory share.

use std::sync::Arc;

use innerworld_core::{clock::Clock, ids::IdSource};

use crate::{
    keys::{master::Master, teen_keys::TeenKeys},
    lock::DirectoryLock,
    spool::Spool,
    sqlite::database::Database,
};

/// The three files, the keys, and the ports that adapters ask. Fields drop in this order: the
/// files close before the directory is unlocked.
pub(crate) struct Shared {
    pub(crate) live: Arc<Database>,
    pub(crate) memory: Arc<Database>,
    pub(crate) keys: Arc<Database>,
    pub(crate) teen_keys: TeenKeys,
    pub(crate) master: Arc<Master>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    /// `None` in memory.
    #[expect(dead_code, reason = "held for its lock")]
    pub(crate) lock: Option<DirectoryLock>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
