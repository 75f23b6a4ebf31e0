//! The second reading of a session, by a model: what is put before it, and what its answer changes.
//!
//! The local reading is written first and stands by itself; this one replaces it in one commit, or
//! never comes.

use super::{
    Memory, RememberSettings, Remembered,
    model_tier::{
        excerpt::{self, Excerpt, Sources},
        patch::ModelReading,
    },
    suppressed::Suppressed,
};
use crate::{conversation::store::SessionLog, error::PortError, identity::consent::MemoryMode};

impl Memory {
    /// The parts of a session to put before a model of this `version`: empty if memory is off, the
    /// teen said nothing that may be remembered, or it was read by this version already.
    ///
    /// # Errors
    /// What the ports say.
    pub async fn parts_to_read(
        &self,
        log: &SessionLog,
        settings: &RememberSettings,
        version: &str,
    ) -> Result<Vec<Excerpt>, PortError> {
        let (teen, now) = (log.session.teen, self.ports.clock.now());
        let key = self.applied_key(log.session.id, Some(version));
        let off = settings.mode == MemoryMode::Off;
        if off || self.ports.graph.is_applied(teen, &key).await? {
            return Ok(Vec::new());
        }
        let stored = self.ports.graph.load(teen, self.horizon(now)).await?;
        let suppressed = Suppressed::new(&self.ports.graph.suppressions(teen).await?);
        let said = self.evidence(log, &suppressed, settings);
        let local = self.extract_locally(&said, settings);
        Ok(excerpt::parts(&Sources {
            said: &said,
            local: &local,
            graph: &stored.graph,
            session_at: log.session.started_at,
            zone: &settings.zone,
        }))
    }

    /// Writes a model's reading over the local one: what the local tier found stays, and both are
    /// surer where they agree. Repeating it changes nothing; another version replaces it.
    ///
    /// # Errors
    /// `Conflict` if the graph kept moving; otherwise what the ports say.
    pub async fn add_model_reading(
        &self,
        log: &SessionLog,
        settings: &RememberSettings,
        reading: &ModelReading,
    ) -> Result<Remembered, PortError> {
        if settings.mode == MemoryMode::Off {
            return Ok(Remembered::nothing_new(0));
        }
        self.write_reading(log, settings, Some(reading)).await
    }
}
