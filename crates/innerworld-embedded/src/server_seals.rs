//! Records that belong to no teen's key, sealed under a key of the server.

use std::sync::Arc;

use innerworld_core::{
    error::PortError,
    identity::account::KeyStore,
    seal::{Sealer, decode, encode},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{key_store::SqliteKeyStore, shared::Shared};

/// Seals under the service key of one name.
#[derive(Debug)]
pub(crate) struct ServerSeals {
    shared: Arc<Shared>,
    keys: SqliteKeyStore,
    name: &'static str,
}

impl ServerSeals {
    pub(crate) fn new(shared: Arc<Shared>, name: &'static str) -> Self {
        let keys = SqliteKeyStore::new(Arc::clone(&shared));
        Self { shared, keys, name }
    }

    /// Seals a record for its row.
    pub(crate) async fn seal<T: Serialize>(
        &self,
        row: &[u8],
        record: &T,
    ) -> Result<Vec<u8>, PortError> {
        let plain = Zeroizing::new(encode(record)?);
        let sealer = self.sealer().await?;
        sealer.seal_bytes(&*self.shared.ids, &self.place(row), &plain)
    }

    /// Opens what [`ServerSeals::seal`] made for the same row.
    pub(crate) async fn open<T: DeserializeOwned>(
        &self,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<T, PortError> {
        let plain = self.sealer().await?.open_bytes(&self.place(row), sealed)?;
        decode(&Zeroizing::new(plain))
    }

    async fn sealer(&self) -> Result<Sealer, PortError> {
        let key = Zeroizing::new(self.keys.service_key(self.name).await?);
        Sealer::new(&key)
    }

    fn place(&self, row: &[u8]) -> Vec<u8> {
        let mut place = self.name.as_bytes().to_vec();
        place.push(0);
        place.extend_from_slice(row);
        place
    }
}
