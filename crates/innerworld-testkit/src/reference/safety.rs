use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::TeenId,
    safety::{SafetyCommit, SafetyCount, SafetyRecord, record::SafetyNotice, store::SafetyStore},
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
        let state = self.state();
        let found = state
            .safety
            .iter()
            .find(|(owner, _)| self.may_see(**owner, teen));
        Ok(found.map(|(_, record)| record.clone()))
    }

    async fn commit(&self, commit: &SafetyCommit, _now: Timestamp) -> Result<(), PortError> {
        self.forget_notice(commit.notice.as_ref());
        let mut state = self.state();
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
