//! Signing keys, service keys, settings, namers.

use async_trait::async_trait;
use innerworld_core::{
    error::PortError,
    identity::account::{KeyStore, SigningKey},
    ids::TeenId,
    memory::store::NamerSource,
    seal::{Namer, TeenKey},
};

use super::{Defect, Reference};
use crate::SeededIds;

#[async_trait]
impl KeyStore for Reference {
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, PortError> {
        let mut keys: Vec<_> = self.state().signing_keys.values().cloned().collect();
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
        self.order(&mut keys);
        Ok(keys)
    }

    async fn put_signing_key(&self, key: &SigningKey) -> Result<(), PortError> {
        let mut state = self.state();
        if key.active && !self.is(Defect::IgnoresConditions) {
            for stored in state.signing_keys.values_mut() {
                stored.active = false;
            }
        }
        state.signing_keys.insert(key.kid.clone(), key.clone());
        Ok(())
    }

    async fn remove_signing_key(&self, kid: &str) -> Result<(), PortError> {
        if !self.is(Defect::KeepsEverything) {
            self.state().signing_keys.remove(kid);
        }
        Ok(())
    }

    async fn service_key(&self, name: &'static str) -> Result<[u8; 32], PortError> {
        let mut state = self.state();
        let made = u8::try_from(state.service_keys.len() + 1).unwrap_or(u8::MAX);
        if self.is(Defect::RepeatsAreNew) {
            state.service_keys.remove(name);
            state.service_keys.insert(name, [made; 32]);
            state.service_keys.insert("spare", [0; 32]);
        }
        Ok(*state.service_keys.entry(name).or_insert([made; 32]))
    }

    async fn setting(&self, name: &'static str) -> Result<Option<String>, PortError> {
        Ok(self.state().settings.get(name).cloned())
    }

    async fn put_setting_once(&self, name: &'static str, value: &str) -> Result<String, PortError> {
        let mut state = self.state();
        if self.is(Defect::IgnoresConditions) {
            state.settings.remove(name);
        }
        let stored = state.settings.entry(name);
        Ok(stored.or_insert_with(|| value.to_owned()).clone())
    }
}

#[async_trait]
impl NamerSource for Reference {
    async fn namer(&self, teen: TeenId) -> Result<Namer, PortError> {
        let mut state = self.reading(teen)?;
        let mut name = self.owner(teen).to_string();
        if self.is(Defect::RepeatsAreNew) {
            state.spooled += 1;
            name = state.spooled.to_string();
        }
        Ok(TeenKey::generate(&SeededIds::named(&name)).namer())
    }
}
