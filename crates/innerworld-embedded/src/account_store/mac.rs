//! The server's keys as accounts use them: hashes of addresses, the inner seal of credentials.

use std::sync::Arc;

use aws_lc_rs::hmac;
use innerworld_core::{
    error::PortError,
    identity::account::{Credential, KeyStore},
    ids::TeenId,
    seal::{Sealer, decode, encode},
};
use zeroize::Zeroizing;

use crate::{key_store::SqliteKeyStore, shared::Shared};

/// Labels keep the hash of an account apart from that of a refusal: that an address was refused
/// must not be readable from the list of accounts, nor the other way round.
const ACCOUNT: &[u8] = b"account\0";
const REFUSAL: &[u8] = b"refusal\0";
const APP_TRANSACTION: &[u8] = b"app transaction\0";
const EVENT: &[u8] = b"event\0";

#[derive(Debug)]
pub(crate) struct Macs {
    shared: Arc<Shared>,
    keys: SqliteKeyStore,
}

impl Macs {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let keys = SqliteKeyStore::new(Arc::clone(&shared));
        Self { shared, keys }
    }

    /// The hash by which the account of an address is found.
    pub(crate) async fn account(&self, email: &str) -> Result<[u8; 32], PortError> {
        self.mac(ACCOUNT, email).await
    }

    /// The hash by which a refused address is found.
    pub(super) async fn refusal(&self, email: &str) -> Result<[u8; 32], PortError> {
        self.mac(REFUSAL, email).await
    }

    /// The hash by which those who use the app by one transaction of the app store are found.
    pub(crate) async fn app_transaction(&self, id: &str) -> Result<[u8; 32], PortError> {
        self.mac(APP_TRANSACTION, id).await
    }

    /// The hash by which a message of another provider is found again.
    pub(crate) async fn event(&self, id: &str) -> Result<[u8; 32], PortError> {
        self.mac(EVENT, id).await
    }

    async fn mac(&self, label: &[u8], email: &str) -> Result<[u8; 32], PortError> {
        let key = Zeroizing::new(self.keys.service_key("emails").await?);
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*key));
        context.update(label);
        context.update(email.as_bytes());
        let mut mac = [0; 32];
        for (to, from) in mac.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        Ok(mac)
    }

    /// Seals a credential under the server's key.
    pub(super) async fn seal(
        &self,
        teen: TeenId,
        credential: &Credential,
    ) -> Result<Vec<u8>, PortError> {
        let plain = Zeroizing::new(encode(credential)?);
        let ids = &*self.shared.ids;
        self.sealer().await?.seal_bytes(ids, &place(teen), &plain)
    }

    /// Opens what [`Macs::seal`] made.
    pub(super) async fn open(&self, teen: TeenId, sealed: &[u8]) -> Result<Credential, PortError> {
        let plain = self.sealer().await?.open_bytes(&place(teen), sealed)?;
        decode(&Zeroizing::new(plain))
    }

    async fn sealer(&self) -> Result<Sealer, PortError> {
        let key = Zeroizing::new(self.keys.service_key("srp").await?);
        Sealer::new(&key)
    }
}

fn place(teen: TeenId) -> Vec<u8> {
    let mut place = b"credential\0".to_vec();
    place.extend_from_slice(&teen.to_bytes());
    place
}
