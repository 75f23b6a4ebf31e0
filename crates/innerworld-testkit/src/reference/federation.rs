//! Accounts of other providers, their messages, and grants to be taken back.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::{
        account::Account,
        federation::{EventLog, FederationStore, ProviderGrant, Revocation, RevocationStore},
    },
    ids::TeenId,
};

use super::{Defect, Reference, fault};

#[async_trait]
impl FederationStore for Reference {
    async fn create(&self, account: &Account, grant: &ProviderGrant) -> Result<(), PortError> {
        let mut state = self.writing(account.teen)?;
        let same = |one: &Account| one.teen == account.teen || one.handle() == account.handle();
        let taken = self.account(&state, same).is_some();
        let person = self.person(&mut state, account.teen);
        if taken && !self.is(Defect::IgnoresConditions) {
            if self.is(Defect::HalfCommits) {
                person.provider_grant = Some(grant.clone());
            }
            return Err(fault(ErrorKind::Conflict));
        }
        person.account = Some(account.clone());
        person.provider_grant = Some(grant.clone());
        Ok(())
    }

    async fn put_grant(&self, teen: TeenId, grant: &ProviderGrant) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        self.person(&mut state, teen).provider_grant = Some(grant.clone());
        Ok(())
    }

    async fn grant(&self, teen: TeenId) -> Result<Option<ProviderGrant>, PortError> {
        let mut state = self.state();
        if state.keyless.contains(&teen) && !self.is(Defect::IgnoresFences) {
            return Ok(None);
        }
        Ok(self.person(&mut state, teen).provider_grant.clone())
    }

    async fn link_app(&self, teen: TeenId, app_transaction: &str) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        if self.is(Defect::RepeatsAreNew) {
            // The newest of a family is all that is known.
            state.apps.retain(|(app, _)| app != app_transaction);
        }
        state.apps.insert((app_transaction.to_owned(), teen));
        Ok(())
    }

    async fn teens_of_app(&self, app_transaction: &str) -> Result<Vec<TeenId>, PortError> {
        let state = self.state();
        let all = self.is(Defect::CrossesTeens);
        let apps = state.apps.iter();
        let mine = apps.filter(|(app, _)| app == app_transaction || all);
        Ok(mine.map(|(_, teen)| *teen).collect())
    }
}

#[async_trait]
impl EventLog for Reference {
    async fn is_done(&self, event: &str) -> Result<bool, PortError> {
        Ok(self.state().events.contains(event))
    }

    async fn done(&self, event: &str) -> Result<(), PortError> {
        let mut state = self.state();
        if !self.is(Defect::RepeatsAreNew) || !state.events.remove(event) {
            state.events.insert(event.to_owned());
        }
        Ok(())
    }
}

#[async_trait]
impl RevocationStore for Reference {
    async fn put(&self, revocation: &Revocation) -> Result<(), PortError> {
        let mut state = self.state();
        let known = state.revocations.iter().any(|one| one.id == revocation.id);
        if !known || self.is(Defect::RepeatsAreNew) {
            state.revocations.push(revocation.clone());
        }
        Ok(())
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Revocation>, PortError> {
        let state = self.state();
        let is_due = |one: &&Revocation| one.not_before <= now || one.until <= now;
        let mut due: Vec<_> = state.revocations.iter().filter(is_due).cloned().collect();
        due.sort_by_key(|one| one.not_before);
        self.order(&mut due);
        due.truncate(self.limit(limit));
        Ok(due)
    }

    async fn defer(&self, id: [u8; 32], not_before: Timestamp) -> Result<(), PortError> {
        let mut state = self.state();
        let mut all = state.revocations.iter_mut();
        let found = all.find(|one| one.id == id);
        let one = found.ok_or_else(|| fault(ErrorKind::NotFound))?;
        one.attempts += 1;
        one.not_before = not_before;
        Ok(())
    }

    async fn remove(&self, id: [u8; 32]) -> Result<(), PortError> {
        if !self.is(Defect::KeepsEverything) {
            self.state().revocations.retain(|one| one.id != id);
        }
        Ok(())
    }

    async fn waiting(&self) -> Result<usize, PortError> {
        Ok(self.state().revocations.len())
    }
}
