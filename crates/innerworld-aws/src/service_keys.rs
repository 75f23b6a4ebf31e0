//! The service's own keys, unwrapped once per process, and records sealed under them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use innerworld_core::{
    error::PortError,
    seal::{Sealer, decode, encode},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::shared::Shared;

/// Keys of the service by name. They never change, so they stay as long as the process.
pub(crate) struct ServiceKeys {
    shared: Arc<Shared>,
    known: Mutex<HashMap<&'static str, Zeroizing<[u8; 32]>>>,
}

impl std::fmt::Debug for ServiceKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServiceKeys([redacted])")
    }
}

impl ServiceKeys {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            known: Mutex::default(),
        }
    }

    /// The key of this name, made at first use.
    pub(crate) async fn key(&self, name: &'static str) -> Result<Zeroizing<[u8; 32]>, PortError> {
        if let Some(key) = self.known(name) {
            return Ok(key);
        }
        let key = Zeroizing::new(self.shared.teen_keys.service_key(name).await?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(name, key.clone());
        Ok(key)
    }

    fn known(&self, name: &'static str) -> Option<Zeroizing<[u8; 32]>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).cloned()
    }
}

/// Seals records that belong to no teen's key, or that a teen's key alone does not protect enough.
#[derive(Debug)]
pub(crate) struct ServiceSeals {
    keys: Arc<ServiceKeys>,
    key: &'static str,
    label: &'static str,
}

impl ServiceSeals {
    /// Seals under the service's key of this name. `label` keeps kinds of records apart.
    pub(crate) fn new(keys: Arc<ServiceKeys>, key: &'static str, label: &'static str) -> Self {
        Self { keys, key, label }
    }

    /// Seals a record for its row.
    pub(crate) async fn seal<T: Serialize + Sync>(
        &self,
        row: &[u8],
        record: &T,
    ) -> Result<Vec<u8>, PortError> {
        self.seal_bytes(row, &Zeroizing::new(encode(record)?)).await
    }

    /// Opens what [`ServiceSeals::seal`] made for the same row.
    pub(crate) async fn open<T: DeserializeOwned>(
        &self,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<T, PortError> {
        decode(&self.open_bytes(row, sealed).await?)
    }

    /// Seals bytes for their row.
    pub(crate) async fn seal_bytes(&self, row: &[u8], plain: &[u8]) -> Result<Vec<u8>, PortError> {
        let sealer = self.sealer().await?;
        sealer.seal_bytes(&*self.keys.shared.ids, &self.place(row), plain)
    }

    /// Opens what [`ServiceSeals::seal_bytes`] made for the same row.
    pub(crate) async fn open_bytes(
        &self,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, PortError> {
        let plain = self.sealer().await?.open_bytes(&self.place(row), sealed)?;
        Ok(Zeroizing::new(plain))
    }

    async fn sealer(&self) -> Result<Sealer, PortError> {
        Sealer::new(&*self.keys.key(self.key).await?)
    }

    fn place(&self, row: &[u8]) -> Vec<u8> {
        let mut place = self.label.as_bytes().to_vec();
        place.push(0);
        place.extend_from_slice(row);
        place
    }
}
