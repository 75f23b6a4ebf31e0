//! Safety records, counters and the spool.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    safety::{
        SafetyCommit, SafetyCount, SafetyRecord,
        record::SafetyNotice,
        store::{SafetySpool, SafetyStore},
    },
};

use super::{Defect, Reference, fault};

impl Reference {
    fn forget_notice(&self, notice: Option<&SafetyNotice>) {
        if let Some(notice) = notice.filter(|_| self.is(Defect::RepeatsAreNew)) {
            self.state().notices.remove(&notice.id);
        }
    }
}

#[async_trait]
impl SafetyStore for Reference {
    async fn load(&self, teen: TeenId) -> Result<Option<SafetyRecord>, PortError> {
        let state = self.reading(teen)?;
        let found = state
            .safety
            .iter()
            .find(|(owner, _)| self.may_see(**owner, teen));
        Ok(found.map(|(_, record)| record.clone()))
    }

    async fn commit(&self, commit: &SafetyCommit, _now: Timestamp) -> Result<(), PortError> {
        self.forget_notice(commit.notice.as_ref());
        let mut state = self.writing(commit.teen)?;
        let moved = state.revision(commit.teen) != commit.expected_rev;
        if moved && !self.is(Defect::IgnoresConditions) {
            if let Some(notice) = commit
                .notice
                .as_ref()
                .filter(|_| self.is(Defect::HalfCommits))
            {
                state.count(notice);
            }
            return Err(fault(ErrorKind::Conflict));
        }
        state.store_safety(commit);
        Ok(())
    }

    async fn count(&self, _teen: TeenId, notice: &SafetyNotice) -> Result<(), PortError> {
        self.forget_notice(Some(notice));
        self.state().count(notice);
        Ok(())
    }

    async fn counts(&self, from: &str, to: &str) -> Result<Vec<(SafetyCount, u64)>, PortError> {
        let state = self.state();
        let in_range = |count: &SafetyCount| {
            self.is(Defect::IgnoresLimits) || (from <= &*count.day && &*count.day <= to)
        };
        let counts = state.counts.iter().filter(|(count, _)| in_range(count));
        Ok(counts.map(|(count, n)| (count.clone(), *n)).collect())
    }
}

#[async_trait]
impl SafetySpool for Reference {
    async fn append(&self, commit: &SafetyCommit) -> Result<(), PortError> {
        let mut state = self.state();
        let handle = if self.is(Defect::RepeatsAreNew) {
            // Handles are numbers of places, not of lines.
            u64::try_from(state.spool.len()).unwrap_or(u64::MAX)
        } else {
            state.spooled
        };
        state.spooled += 1;
        state.spool.insert(handle, commit.clone());
        Ok(())
    }

    async fn pending(&self) -> Result<Vec<(u64, SafetyCommit)>, PortError> {
        let state = self.state();
        let lines = state
            .spool
            .iter()
            .map(|(handle, line)| (*handle, line.clone()));
        let mut lines: Vec<_> = lines.collect();
        self.order(&mut lines);
        Ok(lines)
    }

    async fn remove(&self, handle: u64) -> Result<(), PortError> {
        if !self.is(Defect::KeepsEverything) {
            self.state().spool.remove(&handle);
        }
        Ok(())
    }

    async fn depth(&self) -> Result<usize, PortError> {
        Ok(self.state().spool.len())
    }
}
