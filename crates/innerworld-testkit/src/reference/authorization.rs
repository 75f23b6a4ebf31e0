//! Sign-ins through a browser.

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::oauth::{AuthorizationCode, AuthorizationStore, Redeemed, SignInRequest},
};

use super::{Defect, Reference, fault};

#[async_trait]
impl AuthorizationStore for Reference {
    async fn put_request(
        &self,
        hash: [u8; 32],
        request: &SignInRequest,
        most: usize,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let mut state = self.state();
        let requests = state.requests.values();
        let waiting = requests.filter(|one| one.expires_at > now).count();
        if waiting >= self.limit(most) {
            return Err(fault(ErrorKind::Throttled));
        }
        state.requests.insert(hash, request.clone());
        Ok(())
    }

    async fn take_request(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignInRequest>, PortError> {
        let mut state = self.state();
        let request = state.requests.get(&hash).cloned();
        if !self.is(Defect::KeepsEverything) {
            state.requests.remove(&hash);
        }
        Ok(request.filter(|request| self.exists(request.expires_at, now)))
    }

    async fn put_code(&self, code: &AuthorizationCode) -> Result<(), PortError> {
        let mut state = self.writing(code.teen)?;
        state.codes.insert(code.hash, (code.clone(), None));
        Ok(())
    }

    async fn redeem(
        &self,
        hash: [u8; 32],
        grant: [u8; 32],
        now: Timestamp,
    ) -> Result<Redeemed, PortError> {
        let mut state = self.state();
        let ignores = self.is(Defect::IgnoresConditions);
        let found = state.codes.get_mut(&hash);
        let Some((code, used_for)) = found.filter(|(code, _)| self.exists(code.expires_at, now))
        else {
            return Ok(Redeemed::Unknown);
        };
        match *used_for {
            Some(grant) if !ignores => Ok(Redeemed::Again {
                teen: code.teen,
                grant,
            }),
            _ => {
                *used_for = Some(grant);
                Ok(Redeemed::First(code.clone()))
            }
        }
    }
}
