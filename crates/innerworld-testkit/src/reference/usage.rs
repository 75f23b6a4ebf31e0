//! The ledger of model calls.

use std::collections::BTreeSet;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::TeenId,
    model::call::CallPurpose,
    usage::{UsageLedger, UsageRecord},
};

use super::{Defect, Reference};

impl Reference {
    fn put_usage(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let usage = &mut self.person(&mut state, teen).usage;
        let same = |stored: &&mut UsageRecord| {
            stored.call == record.call
                && (stored.provider == record.provider || self.is(Defect::HalfCommits))
        };
        match usage.iter_mut().find(same) {
            Some(stored) if !self.is(Defect::RepeatsAreNew) => *stored = record.clone(),
            _ => usage.push(record.clone()),
        }
        Ok(())
    }
}

#[async_trait]
impl UsageLedger for Reference {
    async fn started(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        self.put_usage(teen, record)
    }

    async fn finished(&self, teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        self.put_usage(teen, record)
    }

    async fn list(&self, teen: TeenId) -> Result<Vec<UsageRecord>, PortError> {
        let mut state = self.reading(teen)?;
        let mut usage = self.person(&mut state, teen).usage.clone();
        usage.sort_by_key(|record| record.started_at);
        self.order(&mut usage);
        Ok(usage)
    }

    async fn calls(
        &self,
        teen: TeenId,
        purpose: CallPurpose,
        since: Timestamp,
    ) -> Result<u32, PortError> {
        let mut state = self.reading(teen)?;
        let usage = &self.person(&mut state, teen).usage;
        let counted = usage.iter().filter(|record| {
            let wanted = record.purpose == purpose && record.started_at >= since;
            wanted || self.is(Defect::IgnoresConditions)
        });
        let calls: BTreeSet<_> = counted.map(|record| record.call).collect();
        Ok(u32::try_from(calls.len()).unwrap_or(u32::MAX))
    }
}
