//! Keyed hashes, by which addresses, names and messages of other providers are found.

use std::sync::Arc;

use aws_lc_rs::hmac;
use innerworld_core::error::PortError;

use crate::service_keys::ServiceKeys;

/// Labels keep the hash of an account apart from that of a refusal: that an address was refused
/// must not be readable from the list of accounts, nor the other way round.
const ACCOUNT: &[u8] = b"account\0";
const REFUSAL: &[u8] = b"refusal\0";
const APP_TRANSACTION: &[u8] = b"app transaction\0";
const EVENT: &[u8] = b"event\0";

/// HMAC-SHA-256 under the service's key `emails`.
#[derive(Debug)]
pub(crate) struct Macs {
    keys: Arc<ServiceKeys>,
}

impl Macs {
    pub(crate) fn new(keys: Arc<ServiceKeys>) -> Self {
        Self { keys }
    }

    /// The hash by which the account of an address or name is found.
    pub(crate) async fn account(&self, handle: &str) -> Result<Vec<u8>, PortError> {
        self.mac(ACCOUNT, handle).await
    }

    /// The hash by which a refused address or name is found.
    pub(crate) async fn refusal(&self, handle: &str) -> Result<Vec<u8>, PortError> {
        self.mac(REFUSAL, handle).await
    }

    /// The hash by which those who use the app by one transaction of the app store are found.
    pub(crate) async fn app_transaction(&self, id: &str) -> Result<Vec<u8>, PortError> {
        self.mac(APP_TRANSACTION, id).await
    }

    /// The hash by which a message of another provider is found again.
    pub(crate) async fn event(&self, id: &str) -> Result<Vec<u8>, PortError> {
        self.mac(EVENT, id).await
    }

    async fn mac(&self, label: &[u8], text: &str) -> Result<Vec<u8>, PortError> {
        let key = self.keys.key("emails").await?;
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*key));
        context.update(label);
        context.update(text.as_bytes());
        Ok(context.sign().as_ref().to_vec())
    }
}
