//! The outbox of jobs.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    memory::job::{JobKind, JobStore, MemoryJob},
};

use super::{Defect, Reference, fault, state::same};

#[async_trait]
impl JobStore for Reference {
    async fn enqueue(&self, job: &MemoryJob) -> Result<(), PortError> {
        let mut state = if job.kind == JobKind::Erase {
            self.state()
        } else {
            self.writing(job.teen)?
        };
        if self.is(Defect::RepeatsAreNew) {
            state.jobs.push(job.clone());
        } else if self.is(Defect::CrossesTeens) {
            // One job per kind and reference, whoever it is for.
            if !state.jobs.iter().any(|queued| queued.kind == job.kind) {
                state.jobs.push(job.clone());
            }
        } else {
            state.enqueue(job);
        }
        Ok(())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<MemoryJob>, PortError> {
        let state = self.state();
        let is_due = |job: &&MemoryJob| match self.defect {
            Some(Defect::ForgetsExpiry) => true,
            Some(Defect::ExpiresLate) => job.not_before < now,
            _ => job.not_before <= now,
        };
        let mut due: Vec<_> = state.jobs.iter().filter(is_due).cloned().collect();
        due.sort_by_key(|job| job.not_before);
        self.order(&mut due);
        due.truncate(self.limit(limit));
        Ok(due)
    }

    async fn defer(&self, job: &MemoryJob, not_before: Timestamp) -> Result<(), PortError> {
        let mut state = self.state();
        let Some(queued) = state.jobs.iter_mut().find(|queued| same(queued, job)) else {
            return Err(fault(ErrorKind::NotFound));
        };
        queued.attempts = job.attempts + 1;
        queued.not_before = not_before;
        Ok(())
    }

    async fn remove(&self, job: &MemoryJob) -> Result<(), PortError> {
        if !self.is(Defect::KeepsEverything) {
            self.state().jobs.retain(|queued| !same(queued, job));
        }
        Ok(())
    }

    async fn backlog(&self, now: Timestamp) -> Result<(usize, Option<Timestamp>), PortError> {
        let state = self.state();
        let times = state.jobs.iter().map(|job| job.not_before);
        Ok((state.jobs.len(), times.filter(|time| *time <= now).min()))
    }
}
