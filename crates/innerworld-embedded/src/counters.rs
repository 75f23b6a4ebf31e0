//! The counters of notices, read beside a running server or without one. They name nobody, so no key
//! is needed.

use std::path::Path;

use innerworld_core::{
    error::{ErrorKind, PortError},
    safety::SafetyCount,
};

use crate::{
    inspect, lock,
    safety_store::read_counts,
    sqlite::{file, migrations::LIVE},
};

/// The counters of a data directory.
#[derive(Debug)]
pub struct LocalCounters;

impl LocalCounters {
    /// All counters of the days `from` to `to`, both included (`2026-01-01`); none where no server
    /// ever ran.
    pub fn read(
        data_dir: &Path,
        from: &str,
        to: &str,
    ) -> Result<Vec<(SafetyCount, u64)>, PortError> {
        const OPERATION: &str = "read the counters";
        let path = data_dir.join(LIVE.file);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let broken = |cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause);
        let in_use = lock::holder(data_dir).is_some();
        let connection = inspect::open(&path, in_use).map_err(broken)?;
        file::identify(&connection, &LIVE, &path).map_err(broken)?;
        let counts = read_counts(&connection, from, to);
        counts.map_err(|failure| failure.into_port(OPERATION))
    }
}
