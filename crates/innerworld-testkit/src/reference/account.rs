//! Accounts, codes, grants, deny marks and refusals.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::account::{Account, AccountStore, CodeKind, Credential, IssuedCode, RefreshGrant},
    ids::TeenId,
};

use super::{Defect, Reference, fault, state::State};

impl Reference {
    /// An account, unless its key is gone.
    pub(super) fn account(
        &self,
        state: &State,
        is_it: impl Fn(&Account) -> bool,
    ) -> Option<Account> {
        let accounts = state.people.values().filter_map(|one| one.account.as_ref());
        let mut readable = accounts.filter(|account| {
            self.is(Defect::IgnoresFences) || !state.keyless.contains(&account.teen)
        });
        readable.find(|account| is_it(account)).cloned()
    }
}

#[async_trait]
impl AccountStore for Reference {
    async fn create(&self, account: &Account, credential: &Credential) -> Result<(), PortError> {
        let mut state = self.writing(account.teen)?;
        let taken = self
            .account(&state, |one| {
                one.teen == account.teen || one.handle() == account.handle()
            })
            .is_some();
        let person = self.person(&mut state, account.teen);
        if taken && !self.is(Defect::IgnoresConditions) {
            if self.is(Defect::HalfCommits) {
                person.credential = Some(credential.clone());
            }
            return Err(fault(ErrorKind::Conflict));
        }
        person.account = Some(account.clone());
        person.credential = Some(credential.clone());
        Ok(())
    }

    async fn by_email(&self, email: &str) -> Result<Option<Account>, PortError> {
        let found = self.account(&self.state(), |one| one.handle() == email);
        if found.is_none() && self.is(Defect::TellsStrangers) {
            return Err(fault(ErrorKind::Unavailable));
        }
        Ok(found)
    }

    async fn by_id(&self, teen: TeenId) -> Result<Option<Account>, PortError> {
        let crosses = self.is(Defect::CrossesTeens);
        Ok(self.account(&self.state(), |one| one.teen == teen || crosses))
    }

    async fn update(&self, account: &Account) -> Result<(), PortError> {
        let mut state = self.state();
        let stored = &mut self.person(&mut state, account.teen).account;
        if stored.is_none() && !self.is(Defect::Resurrects) {
            return Err(fault(ErrorKind::NotFound));
        }
        *stored = Some(account.clone());
        Ok(())
    }

    async fn credential(&self, teen: TeenId) -> Result<Option<Credential>, PortError> {
        let mut state = self.state();
        Ok(self.person(&mut state, teen).credential.clone())
    }

    async fn put_credential(&self, teen: TeenId, credential: &Credential) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        self.person(&mut state, teen).credential = Some(credential.clone());
        Ok(())
    }

    async fn put_code(&self, teen: TeenId, code: &IssuedCode) -> Result<(), PortError> {
        let mut state = self.writing(teen)?;
        let codes = &mut self.person(&mut state, teen).codes;
        if !self.is(Defect::RepeatsAreNew) {
            codes.retain(|stored| stored.kind != code.kind);
        }
        codes.push(code.clone());
        Ok(())
    }

    async fn code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError> {
        let mut state = self.state();
        let code = self.person(&mut state, teen).code(kind).cloned();
        Ok(code.filter(|code| self.exists(code.expires_at, now)))
    }

    async fn guess_code(
        &self,
        teen: TeenId,
        kind: CodeKind,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<IssuedCode>, PortError> {
        let mut state = self.state();
        let codes = &mut self.person(&mut state, teen).codes;
        let mut live = codes.iter_mut();
        let found = live.find(|code| code.kind == kind && self.exists(code.expires_at, now));
        let bounded = !self.is(Defect::IgnoresConditions);
        Ok(found
            .filter(|code| code.tries < most || !bounded)
            .map(|code| {
                code.tries += 1;
                code.clone()
            }))
    }

    async fn remove_code(&self, teen: TeenId, kind: CodeKind) -> Result<(), PortError> {
        let mut state = self.state();
        if !self.is(Defect::KeepsEverything) {
            let codes = &mut self.person(&mut state, teen).codes;
            codes.retain(|stored| stored.kind != kind);
        }
        Ok(())
    }

    async fn put_grant(&self, grant: &RefreshGrant) -> Result<(), PortError> {
        let mut state = self.writing(grant.teen)?;
        state.grants.insert(grant.hash, grant.clone());
        Ok(())
    }

    async fn grant(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<RefreshGrant>, PortError> {
        let grant = self.state().grants.get(&hash).cloned();
        Ok(grant.filter(|grant| self.exists(grant.expires_at, now)))
    }

    async fn remove_grant(&self, hash: [u8; 32]) -> Result<(), PortError> {
        if !self.is(Defect::KeepsEverything) {
            self.state().grants.remove(&hash);
        }
        Ok(())
    }

    async fn deny_before(&self, teen: TeenId, not_before: Timestamp) -> Result<(), PortError> {
        let mut state = self.state();
        self.person(&mut state, teen).denied_before = Some(not_before);
        let crosses = self.is(Defect::CrossesTeens);
        if !self.is(Defect::KeepsEverything) {
            state
                .grants
                .retain(|_, grant| grant.teen != teen && !crosses);
        }
        Ok(())
    }

    async fn denied_before(&self, teen: TeenId) -> Result<Option<Timestamp>, PortError> {
        let mut state = self.state();
        Ok(self.person(&mut state, teen).denied_before)
    }

    async fn put_refusal(&self, email: &str, until: Timestamp) -> Result<(), PortError> {
        self.state().refusals.insert(email.to_owned(), until);
        Ok(())
    }

    async fn is_refused(&self, email: &str, now: Timestamp) -> Result<bool, PortError> {
        let until = self.state().refusals.get(email).copied();
        Ok(until.is_some_and(|until| self.exists(until, now)))
    }
}
